"""Connections to PostgreSQL: always encrypted and verified, except to the machine itself."""

import ipaddress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import botocore
import psycopg

from runtime.certificates import RDS

CONNECT_SECONDS = 5
# Amazon's public authorities sign the certificates of RDS proxies; botocore brings them along.
PUBLIC = Path(botocore.__file__).with_name("cacert.pem")
PROXY = ".proxy-"


@dataclass(frozen=True, kw_only=True, slots=True)
class Target:
    """Database `name` at `host`, and who comes. Their passwords are made when they are needed."""

    host: str
    port: int
    name: str
    user: str


def connect(target: Target, password: str, *, application: str) -> psycopg.Connection[tuple[object, ...]]:
    """A connection in autocommit mode, so that transactions are those that are spelt out.

    Raises `psycopg.OperationalError` when the database is not there, or is not the one that its certificate is for.
    """
    return psycopg.connect(
        host=target.host,
        port=target.port,
        dbname=target.name,
        user=target.user,
        password=password,
        connect_timeout=CONNECT_SECONDS,
        application_name=application,
        # A peer that has gone is noticed within half a minute, not when the function times out.
        tcp_user_timeout=30_000,
        keepalives_idle=10,
        autocommit=True,
        **_encryption(target.host),
    )


def _encryption(host: str) -> dict[str, Any]:
    """Nothing leaves the machine on its loopback address, where the local cloud's database listens without TLS."""
    if _is_loopback(host):
        return {"sslmode": "disable"}
    return {"sslmode": "verify-full", "sslrootcert": str(PUBLIC if PROXY in host else RDS)}


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
