"""Keys and tokens to callers."""

import base64
import hashlib
import json
from collections.abc import Mapping
from typing import Any

import pytest

from runtime.domain.access import Caller
from runtime.domain.callers import NEVER, Known, identify, programs
from runtime.domain.refusals import Unauthorized

KEY, REMOVED = "k" * 40, "r" * 40
CLIENTS = json.dumps(
    {
        "acme-import": {"folder": "acme", "operator": False},
        "ops": {"folder": "ops", "operator": True},
        "not-deployed-yet": {"folder": "x", "operator": False},
    }
).encode()


def digest(key: str) -> str:
    return base64.b64encode(hashlib.sha256(key.encode()).digest()).decode()


PROGRAMS = programs(
    CLIENTS, json.dumps({"acme-import": digest(KEY), "ops": digest("o" * 40), "removed": digest(REMOVED)})
)


class Tokens:
    """`Tokens` for which every token says the same."""

    def __init__(self, **claims: Any) -> None:
        self._claims = {"sub": "0a1b-2c", "exp": 1_800_000_000, "username": "ann", **claims}

    def claims(self, token: str) -> Mapping[str, Any]:
        if not token.startswith("token"):
            raise Unauthorized("no")
        return self._claims


def known(header: str, tokens: Tokens | None = None) -> Known:
    return identify(header, PROGRAMS, tokens, people_key="people")


def test_a_key_is_its_program_and_counts_by_itself() -> None:
    for scheme in ("Bearer", "bearer"):
        caller = Caller(name="acme-import", folder="acme", operator=False)
        assert known(f"{scheme} {KEY}") == Known(caller=caller, usage_key=KEY, expires=NEVER)
    assert known(f"Bearer {'o' * 40}").caller.operator


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", f"Basic {KEY}", KEY, f"Bearer  {KEY}", f"Bearer {KEY} ", f"Bearer {KEY[:-1]}"]
)
@pytest.mark.parametrize("tokens", [None, Tokens()])
def test_anything_else_is_nobody(header: str, tokens: Tokens | None) -> None:
    with pytest.raises(Unauthorized):
        known(header, tokens)


def test_a_program_that_was_taken_away_is_nobody() -> None:
    with pytest.raises(Unauthorized):
        known(f"Bearer {REMOVED}")


def test_a_digest_is_no_key() -> None:
    with pytest.raises(Unauthorized):
        known(f"Bearer {digest(KEY)}")


def test_a_person_has_a_folder_of_their_own_and_counts_among_people() -> None:
    person = known("Bearer token", Tokens())
    assert person.caller == Caller(name="ann", folder="u-0a1b-2c", operator=False)
    assert (person.usage_key, person.expires) == ("people", "1800000000")


def test_an_operator_is_one_by_the_group() -> None:
    assert known("Bearer token", Tokens(**{"cognito:groups": ["staff", "operators"]})).caller.operator
    assert not known("Bearer token", Tokens(**{"cognito:groups": ["operators-not"]})).caller.operator


@pytest.mark.parametrize(
    "claims",
    [{"sub": ""}, {"sub": "../acme"}, {"sub": "a/b"}, {"sub": 7}, {"sub": None}, {"cognito:groups": "operators"}],
)
def test_a_token_that_does_not_say_whose_it_is_is_refused(claims: dict[str, Any]) -> None:
    with pytest.raises(Unauthorized):
        known("Bearer token", Tokens(**claims))
