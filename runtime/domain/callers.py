"""Who calls the API: a program by its key, or a person by an access token (ADR 14)."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from runtime.domain.access import PEOPLE, Caller
from runtime.domain.refusals import Unauthorized

OPERATORS = "operators"
"""The group of people who are operators."""
NEVER = "never"
"""When a key ends, as far as an answer knows: whoever takes it away deploys."""
# The pattern of Cognito's ids of accounts, which become part of names of files.
_SUBJECT_LETTERS = frozenset("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-")


@dataclass(frozen=True, kw_only=True, slots=True)
class Program:
    """A program that may use the API; `sha256` is of its key."""

    caller: Caller
    sha256: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class Known:
    """A caller, the key of the usage plan under which their requests count, and when they have to prove it anew.

    `expires` is in seconds since 1970, as text, or `NEVER`.
    """

    caller: Caller
    usage_key: str
    expires: str


class Tokens(Protocol):
    """Checks access tokens of people."""

    def claims(self, token: str) -> Mapping[str, Any]:
        """What a token says, once its signature, issuer, client, use and time are as they must be.

        Raises `Unauthorized` for any other.
        """
        ...


def programs(clients: bytes, keys: str) -> list[Program]:
    """From the file in the function's package, and the digests in its environment. Who is in one alone is unknown."""
    digests = json.loads(keys)
    return [
        Program(
            caller=Caller(name=name, folder=about["folder"], operator=about["operator"]),
            sha256=base64.b64decode(digests[name], validate=True),
        )
        for name, about in json.loads(clients).items()
        if name in digests
    ]


def identify(header: str, programs: Sequence[Program], tokens: Tokens | None, *, people_key: str) -> Known:
    """Who sends this `Authorization` header. Without `tokens` no people are known. Raises `Unauthorized`."""
    scheme, _, credential = header.partition(" ")
    if scheme.lower() != "bearer" or not credential or credential != credential.strip():
        raise Unauthorized("The header Authorization is not of the form Bearer …")
    program = _program(credential, programs)
    if program is not None:
        return Known(caller=program.caller, usage_key=credential, expires=NEVER)
    if tokens is None:
        raise Unauthorized("There is no such key.")
    claims = tokens.claims(credential)
    return Known(caller=_person(claims), usage_key=people_key, expires=str(int(claims["exp"])))


def _program(key: str, programs: Sequence[Program]) -> Program | None:
    """All are compared, whichever fits: how long it takes tells nothing."""
    digest, found = hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest(), None
    for program in programs:
        if hmac.compare_digest(program.sha256, digest):
            found = program
    return found


def _person(claims: Mapping[str, Any]) -> Caller:
    subject, groups = claims.get("sub"), claims.get("cognito:groups", [])
    if not isinstance(subject, str) or not subject or not set(subject) <= _SUBJECT_LETTERS:
        raise Unauthorized("The token does not say whose it is.")
    if not isinstance(groups, list):
        raise Unauthorized("The token's groups are no list.")
    name = claims.get("username")
    return Caller(
        name=name if isinstance(name, str) and name else subject,
        folder=f"{PEOPLE}{subject}",
        operator=OPERATORS in groups,
    )
