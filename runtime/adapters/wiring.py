"""Builds the ports from the environment. The one place where domain and AWS meet.

Nothing is imported before it is needed: a function's package holds only the libraries of its own ports.
"""

import time
from functools import cache
from typing import Any

from runtime import environment
from runtime.adapters.clients import client
from runtime.domain.identity import FileVersion
from runtime.domain.ports import Buckets, Ledger, Objects


def file_of(event: dict[str, Any]) -> FileVersion:
    """The file that a step's event is about."""
    return FileVersion(**event["file"])


def buckets(settings: environment.Process | environment.Publish) -> Buckets:
    """Where things lie, for a function that writes all of it."""
    return Buckets(
        upload=settings.upload_bucket,
        work=settings.work_bucket,
        output=settings.output_bucket,
        delivery=settings.delivery_bucket,
        backup=settings.backup_bucket,
    )


@cache
def objects() -> Objects:
    from runtime.adapters.s3 import S3Objects

    return S3Objects(client("s3"))


@cache
def ledger(settings: environment.Ledger) -> Ledger:
    from runtime.adapters.dynamodb import DynamoLedger

    return DynamoLedger(client("dynamodb"), files=settings.files_table, transactions=settings.transactions_table)


@cache
def signer(settings: environment.Delivery) -> Any:
    from runtime.adapters.signing import CloudFrontSigner

    def pem() -> str:
        return str(client("secretsmanager").get_secret_value(SecretId=settings.signing_secret)["SecretString"])

    return CloudFrontSigner(
        domain=settings.delivery_domain,
        key_pair_id=settings.key_pair_id,
        seconds=settings.link_seconds,
        pem=pem,
        now=time.time,
    )
