"""The table `Uploads`: what is open, and for a while what became of it (ADR 14)."""

import pulumi
import pulumi_aws as aws

from components.naming import Names
from components.stores import Key, Table
from runtime.adapters.uploads import EXPIRY, OPEN_INDEX


def make_uploads_table(names: Names, key: Key, *, protected: bool, parent: pulumi.Resource) -> Table:
    """On demand, encrypted, recoverable like the ledger; `protected` keeps it from being deleted.

    Its one index holds open uploads only, because the others lack its attribute.
    """
    made = aws.dynamodb.Table(
        names.of("table", "uploads"),
        billing_mode="PAY_PER_REQUEST",
        hash_key="Id",
        attributes=[
            aws.dynamodb.TableAttributeArgs(name=attribute, type="S") for attribute in ("CreatedAt", "Id", "OpenIn")
        ],
        global_secondary_indexes=[
            aws.dynamodb.TableGlobalSecondaryIndexArgs(
                name=OPEN_INDEX, hash_key="OpenIn", range_key="CreatedAt", projection_type="ALL"
            )
        ],
        ttl=aws.dynamodb.TableTtlArgs(attribute_name=EXPIRY, enabled=True),
        point_in_time_recovery=aws.dynamodb.TablePointInTimeRecoveryArgs(enabled=True),
        server_side_encryption=aws.dynamodb.TableServerSideEncryptionArgs(enabled=True, kms_key_arn=key.arn),
        deletion_protection_enabled=protected,
        opts=pulumi.ResourceOptions(parent=parent, protect=protected),
    )
    return Table(name=made.name, arn=made.arn, stream_arn=None, key=key)
