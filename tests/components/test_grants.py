"""Grants: rendered as IAM writes them, and never wider than what was said."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pulumi
import pytest

from components.grants import ANY_RESOURCE, Statement, only_encrypted_transport, render, trust
from components.place import Place
from components.stores import Bucket, Key, Queue, Secret, Table

PLACE = Place(account="123456789012", region="eu-central-1", partition="aws")
GET, PUT = "s3:GetObject", "s3:PutObject"


def document(make: Callable[[], pulumi.Output[str]]) -> dict[str, Any]:
    """The document that an output holds; it is made and awaited in one event loop."""

    async def value() -> str:
        return await make().future() or ""

    found: dict[str, Any] = json.loads(asyncio.run(value()))
    return found


def key() -> Key:
    return Key(id=pulumi.Output.from_input("key"), arn=pulumi.Output.from_input("arn:key"), place=PLACE)


def bucket() -> Bucket:
    text = pulumi.Output.from_input
    return Bucket(name=text("work"), arn=text("arn:aws:s3:::work"), domain_name=text("work.s3"), key=key())


def test_a_statement_is_written_as_iam_reads_it() -> None:
    wanted = Statement(
        actions=(GET,), resources=("arn:a", "arn:b"), conditions={"StringEquals": {"aws:SourceAccount": "1"}}
    )
    assert document(lambda: render([wanted])) == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": [GET],
                "Resource": ["arn:a", "arn:b"],
                "Condition": {"StringEquals": {"aws:SourceAccount": "1"}},
            }
        ],
    }


def test_any_resource_needs_a_reason() -> None:
    with pytest.raises(ValueError, match="logs:PutResourcePolicy on any resource needs a reason"):
        Statement(actions=("logs:PutResourcePolicy",), resources=("*",))


def test_the_reason_is_in_the_sid() -> None:
    statement = Statement(actions=("a:B",), resources=("*",), reason="no resource, in IAM")
    assert statement.document()["Sid"] == f"{ANY_RESOURCE}NoResourceInIAM"


def test_a_read_grant_brings_the_key_for_this_bucket_and_service_only() -> None:
    read, use = document(lambda: render(bucket().allow("work/", GET)))["Statement"]
    assert read == {"Effect": "Allow", "Action": [GET], "Resource": ["arn:aws:s3:::work/work/*"]}
    assert use == {
        "Effect": "Allow",
        "Action": ["kms:Decrypt"],
        "Resource": ["arn:key"],
        "Condition": {
            "StringEquals": {
                "kms:ViaService": "s3.eu-central-1.amazonaws.com",
                "kms:EncryptionContext:aws:s3:arn": "arn:aws:s3:::work",
            }
        },
    }


def test_a_write_grant_may_make_data_keys_and_tags_need_no_key() -> None:
    _, use = document(lambda: render(bucket().allow("", PUT)))["Statement"]
    assert use["Action"] == ["kms:GenerateDataKey"]
    _, use = document(lambda: render(bucket().allow("", PUT, "s3:AbortMultipartUpload")))["Statement"]
    assert use["Action"] == ["kms:Decrypt", "kms:GenerateDataKey"], "whole multipart uploads are read again"
    assert len(document(lambda: render(bucket().allow("", "s3:PutObjectVersionTagging")))["Statement"]) == 1


def test_every_store_lets_its_key_be_used_through_its_own_service() -> None:
    def statements() -> list[Statement]:
        text = pulumi.Output.from_input
        table = Table(name=text("files"), arn=text("arn:t"), stream_arn=None, key=key())
        queue = Queue(name=text("q"), arn=text("arn:q"), url=text("url"), key=key())
        secret = Secret(arn=text("arn:s"), key=key())
        return [*table.allow("dynamodb:PutItem"), *queue.allow_consume(), *secret.allow_read()]

    written = document(lambda: render(statements()))["Statement"]
    services = [one["Condition"]["StringEquals"]["kms:ViaService"].split(".")[0] for one in written[1::2]]
    assert services == ["dynamodb", "sqs", "secretsmanager"]


def test_a_table_without_a_stream_grants_none() -> None:
    def stream() -> pulumi.Output[str]:
        text = pulumi.Output.from_input
        return render(Table(name=text("t"), arn=text("a"), stream_arn=None, key=key()).allow_stream())

    with pytest.raises(ValueError, match="no stream"):
        document(stream)


def test_a_role_is_assumed_for_this_account_and_source() -> None:
    (statement,) = document(lambda: trust("states.amazonaws.com", "123456789012", source="arn:m"))["Statement"]
    assert statement["Principal"] == {"Service": "states.amazonaws.com"}
    assert statement["Condition"] == {
        "StringEquals": {"aws:SourceAccount": "123456789012"},
        "ArnLike": {"aws:SourceArn": "arn:m"},
    }


def test_plain_transport_is_refused_to_everyone() -> None:
    assert only_encrypted_transport("s3:*", "arn:a") == {
        "Sid": "OnlyEncryptedTransport",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": ["arn:a"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
