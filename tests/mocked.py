"""AWS as moto has it, for tests without the local cloud."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import boto3
from moto import mock_aws


@contextmanager
def mocked_aws() -> Iterator[None]:
    """Nothing in it at first. Clients come from one session: to read AWS's models anew took most of each test."""
    with mock_aws():
        # moto puts back afterwards what was there before.
        boto3.DEFAULT_SESSION = _session()
        yield


@cache
def _session() -> boto3.session.Session:
    return boto3.session.Session()
