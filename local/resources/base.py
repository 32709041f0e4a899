"""What every creator shares: the cloud as it sees it, how names are chosen, and what a creator is.

A creator is given the cloud, the resource's logical name and its inputs (camelCase, as Pulumi sends them; whole
floats are ints already). It takes each input out of the mapping as it passes it on, so that whatever is left at the
end is something the local cloud would have silently dropped, which is an error.
"""

import json
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from local.scanner import Plan

Inputs = dict[str, Any]
Made = tuple[str, dict[str, Any]]
"""Physical id, and the outputs that are not simply the inputs again."""


class Cloud(Protocol):
    """The part of the local cloud that creators use."""

    @property
    def region(self) -> str: ...

    @property
    def account(self) -> str: ...

    @property
    def endpoint(self) -> str:
        """Where its APIs answer, S3's among them; `http://127.0.0.1:PORT`."""
        ...

    def client(self, service: str) -> Any:
        """A shared boto3 client with the account's root credentials."""
        ...

    def open_database(self, name: str, user: str, password: str) -> tuple[str, int]:
        """Starts a PostgreSQL with that database and master user; its host and port."""
        ...

    def open_distribution(self, distribution_id: str) -> str:
        """Gives a CloudFront distribution a port of its own; `http://localhost:PORT`."""
        ...

    def open_sign_in(self) -> str:
        """Gives Cognito's pages a port of their own; `http://localhost:PORT`."""
        ...

    def stage(self, package: bytes) -> AbstractContextManager[dict[str, str]]:
        """What to give as a function's `Code` while the block runs."""
        ...

    def protect(self, bucket: str, plan: Plan) -> None:
        """Has the malware scan look at every new version in a bucket."""
        ...


Create = Callable[[Cloud, str, Inputs], Made]


class NotPlaced(Exception):
    """An input that the local cloud's API has no place for, or that no creator passes on."""


@dataclass(frozen=True)
class NotEmulated:
    """A type that is accepted but not made: `reason` in one line, `outputs` that the program may read."""

    reason: str
    outputs: Callable[[Cloud, str, Mapping[str, Any]], Made]


def physical(name: str, inputs: Inputs, key: str = "name", limit: int = 64) -> str:
    """The name that the program chose, or the logical one (after a prefix, if it chose that), cut to `limit`."""
    prefix = inputs.pop(f"{key}Prefix", "")
    chosen = inputs.pop(key, None)
    return str(chosen or (prefix + name)[:limit])


def text(document: Any) -> str:
    """A policy or definition as the APIs take it: JSON text, whether the program gave text or a mapping."""
    return document if isinstance(document, str) else json.dumps(document)


def arn(cloud: Cloud, service: str, resource: str, *, region: bool = True, account: bool = True) -> str:
    """An ARN of this account; IAM has no region in it, S3 neither region nor account."""
    return f"arn:aws:{service}:{cloud.region if region else ''}:{cloud.account if account else ''}:{resource}"
