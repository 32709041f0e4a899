"""What components hand out of the things that hold data: names, ARNs, and the statements that let a role use them.

Every grant brings along the use of the key, through that service and for that store only.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi

from components.grants import Statement
from components.place import Place

DECRYPT = "kms:Decrypt"
DATA_KEY = "kms:GenerateDataKey"


@dataclass(frozen=True, kw_only=True, slots=True)
class Key:
    """A KMS key."""

    id: pulumi.Output[str]
    arn: pulumi.Output[str]
    place: Place

    def use(
        self, service: str, actions: Sequence[str], context: dict[str, pulumi.Input[str]] | None = None
    ) -> Statement:
        """Use of the key through `service` only, and only with the encryption `context`."""
        conditions: dict[str, pulumi.Input[str]] = {
            "kms:ViaService": f"{service}.{self.place.region}.amazonaws.com",
            **{f"kms:EncryptionContext:{name}": value for name, value in (context or {}).items()},
        }
        return Statement(actions=tuple(actions), resources=(self.arn,), conditions={"StringEquals": conditions})


@dataclass(frozen=True, kw_only=True, slots=True)
class Bucket:
    """A bucket whose objects are encrypted with `key` (through a bucket key: the context is the bucket's ARN)."""

    name: pulumi.Output[str]
    arn: pulumi.Output[str]
    domain_name: pulumi.Output[str]
    key: Key

    def allow(
        self, prefix: str, *actions: str, conditions: Mapping[str, Mapping[str, str]] | None = None
    ) -> list[Statement]:
        """`actions` (`s3:GetObject`, …) on the objects whose keys begin with `prefix`, under all of `conditions`."""
        needed: set[str] = set()
        if any(action in ("s3:GetObject", "s3:GetObjectVersion") for action in actions):
            needed |= {DECRYPT}
        if "s3:PutObject" in actions:
            needed |= {DATA_KEY}
        if "s3:AbortMultipartUpload" in actions:
            # Whoever uploads in parts: each of them is opened again before the end.
            needed |= {DECRYPT}
        objects = pulumi.Output.concat(self.arn, "/", prefix, "*")
        statements = [Statement(actions=actions, resources=(objects,), conditions=conditions or {})]
        if needed:
            statements.append(self.key.use("s3", sorted(needed), {"aws:s3:arn": self.arn}))
        return statements

    def allow_versions(self) -> Statement:
        """Listing all versions of its objects."""
        return Statement(actions=("s3:ListBucketVersions",), resources=(self.arn,))


@dataclass(frozen=True, kw_only=True, slots=True)
class Table:
    """A DynamoDB table; `stream_arn` is None when it has no stream."""

    name: pulumi.Output[str]
    arn: pulumi.Output[str]
    stream_arn: pulumi.Output[str] | None
    key: Key

    def allow(self, *actions: str) -> list[Statement]:
        """`actions` (`dynamodb:PutItem`, …) on the table."""
        return [Statement(actions=actions, resources=(self.arn,)), self._key_use()]

    def allow_index(self, *names: str) -> list[Statement]:
        """Reading the table in the order of these indexes."""
        indexes = tuple(pulumi.Output.concat(self.arn, "/index/", name) for name in names)
        return [Statement(actions=("dynamodb:Query",), resources=indexes), self._key_use()]

    def allow_stream(self) -> list[Statement]:
        """What an event source mapping needs to read the stream."""
        if self.stream_arn is None:
            raise ValueError("the table has no stream")
        read = ("dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator")
        return [
            Statement(actions=read, resources=(self.stream_arn,)),
            Statement(
                actions=("dynamodb:ListStreams",), resources=("*",), reason="list streams takes no resource in IAM"
            ),
            self._key_use(),
        ]

    def _key_use(self) -> Statement:
        return self.key.use("dynamodb", [DECRYPT], {"aws:dynamodb:tableName": self.name})


@dataclass(frozen=True, kw_only=True, slots=True)
class Queue:
    """An SQS queue."""

    name: pulumi.Output[str]
    arn: pulumi.Output[str]
    url: pulumi.Output[str]
    key: Key

    def allow_consume(self) -> list[Statement]:
        """What an event source mapping needs to read the queue."""
        consume = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")
        return [Statement(actions=consume, resources=(self.arn,)), self.key.use("sqs", [DECRYPT])]

    def allow_put_off(self) -> Statement:
        """Saying when a message comes again that could not be handled."""
        return Statement(actions=("sqs:ChangeMessageVisibility",), resources=(self.arn,))

    def allow_send(self) -> list[Statement]:
        """Sending messages."""
        return [
            Statement(actions=("sqs:SendMessage",), resources=(self.arn,)),
            self.key.use("sqs", [DATA_KEY, DECRYPT]),
        ]


@dataclass(frozen=True, kw_only=True, slots=True)
class Topic:
    """An SNS topic."""

    name: pulumi.Output[str]
    arn: pulumi.Output[str]
    key: Key

    def allow_publish(self) -> list[Statement]:
        """Publishing messages."""
        return [
            Statement(actions=("sns:Publish",), resources=(self.arn,)),
            self.key.use("sns", [DATA_KEY, DECRYPT]),
        ]


@dataclass(frozen=True, kw_only=True, slots=True)
class Secret:
    """A secret in Secrets Manager."""

    arn: pulumi.Output[str]
    key: Key

    def allow_read(self) -> list[Statement]:
        """Reading the secret's value."""
        return [
            Statement(actions=("secretsmanager:GetSecretValue",), resources=(self.arn,)),
            self.key.use("secretsmanager", [DECRYPT]),
        ]

    def allow_make(self) -> list[Statement]:
        """Reading and setting the secret's value."""
        return [
            Statement(
                actions=("secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue"), resources=(self.arn,)
            ),
            self.key.use("secretsmanager", [DATA_KEY, DECRYPT]),
        ]

    def allow_rotate(self) -> list[Statement]:
        """Proposing a new version of the secret, and making it the current one."""
        versions = ("secretsmanager:DescribeSecret", "secretsmanager:UpdateSecretVersionStage")
        return [*self.allow_make(), Statement(actions=versions, resources=(self.arn,))]
