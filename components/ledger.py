"""Ledger: the tables `Files` (what a person sees) and `Transactions` (append-only, what really happened). ADR 2."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.naming import Names
from components.signals import Signal, TableSignal
from components.stores import Key, Table
from runtime.domain.file_lists import BY_FOLDER, BY_TIME

LISTED_BY = "ReceivedAt"


@dataclass(frozen=True, kw_only=True, slots=True)
class LedgerArgs:
    """`protected` keeps the tables from being deleted."""

    names: Names
    key: Key
    protected: bool


class Ledger(pulumi.ComponentResource):
    """Both tables: on demand, encrypted, recoverable to any second of the last 35 days.

    `Files` is listed by two indexes of its keys, both by the time of the upload: one for each folder, one of all.
    """

    files: Table
    transactions: Table
    signals: Sequence[Signal]

    def __init__(self, name: str, args: LedgerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("penstock:ledger:Ledger", name, None, opts)
        self.files = self._table(
            "files", args, sort_key=None, stream=False, lists={BY_FOLDER: "Folder", BY_TIME: "Shelf"}
        )
        self.transactions = self._table("transactions", args, sort_key="Entry", stream=True, lists={})
        self.signals = [
            TableSignal(purpose="files", name=self.files.name),
            TableSignal(purpose="transactions", name=self.transactions.name),
        ]
        self.register_outputs({"files": self.files.name, "transactions": self.transactions.name})

    def _table(
        self, purpose: str, args: LedgerArgs, *, sort_key: str | None, stream: bool, lists: Mapping[str, str]
    ) -> Table:
        keys = ["FileName", *([sort_key] if sort_key else []), *lists.values(), *([LISTED_BY] if lists else [])]
        table = aws.dynamodb.Table(
            args.names.of("table", purpose),
            billing_mode="PAY_PER_REQUEST",
            hash_key="FileName",
            range_key=sort_key,
            attributes=[aws.dynamodb.TableAttributeArgs(name=key, type="S") for key in keys],
            global_secondary_indexes=[
                aws.dynamodb.TableGlobalSecondaryIndexArgs(
                    name=index, hash_key=attribute, range_key=LISTED_BY, projection_type="KEYS_ONLY"
                )
                for index, attribute in lists.items()
            ]
            or None,
            point_in_time_recovery=aws.dynamodb.TablePointInTimeRecoveryArgs(enabled=True),
            server_side_encryption=aws.dynamodb.TableServerSideEncryptionArgs(enabled=True, kms_key_arn=args.key.arn),
            stream_enabled=stream or None,
            stream_view_type="NEW_IMAGE" if stream else None,
            deletion_protection_enabled=args.protected,
            opts=pulumi.ResourceOptions(parent=self, protect=args.protected),
        )
        return Table(name=table.name, arn=table.arn, stream_arn=table.stream_arn if stream else None, key=args.key)
