"""boto3 clients, each made once for a function's life."""

from functools import cache
from typing import Any

import boto3
from botocore.config import Config

# Fail fast enough that a function's own timeout is not spent on one dead connection.
CONFIG = Config(
    connect_timeout=3,
    read_timeout=30,
    retries={"mode": "standard", "total_max_attempts": 5},
    max_pool_connections=32,
    tcp_keepalive=True,
)

# The stubs know a literal name for each service, and no other way to choose one.
_make: Any = boto3.client


@cache
def client(service: str) -> Any:
    """The client of a service, for the function's own role and region."""
    return _make(service, config=CONFIG)
