"""Indexes of DynamoDB tables."""

from typing import Literal

import pulumi_aws as aws


def make_index(
    name: str, *, of: str, by: str, projection: Literal["ALL", "KEYS_ONLY"]
) -> aws.dynamodb.TableGlobalSecondaryIndexArgs:
    """An index of what has the same attribute `of`, in the order of the attribute `by`; other items are not in it.

    Attributes are named in the table's own list as well.
    """
    schema = aws.dynamodb.TableGlobalSecondaryIndexKeySchemaArgs
    return aws.dynamodb.TableGlobalSecondaryIndexArgs(
        name=name,
        key_schemas=[schema(attribute_name=of, key_type="HASH"), schema(attribute_name=by, key_type="RANGE")],
        projection_type=projection,
    )
