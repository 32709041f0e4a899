"""DynamoDB tables with their streams, recovery, encryption and expiry."""

from typing import Any

from local.resources.base import Cloud, Create, Inputs, Made, physical
from local.resources.shaping import shape


def _keys(source: dict[str, Any]) -> list[dict[str, str]]:
    keys = [{"attributeName": source.pop("hashKey"), "keyType": "HASH"}]
    if sort := source.pop("rangeKey", None):
        keys.append({"attributeName": sort, "keyType": "RANGE"})
    return keys


def _index(source: dict[str, Any]) -> dict[str, Any]:
    index = dict(source)
    return {
        "indexName": index.pop("name"),
        "keySchema": _keys(index),
        "projection": {k: index.pop(k) for k in ("projectionType", "nonKeyAttributes") if k in index},
        **index,
    }


def table(cloud: Cloud, name: str, inputs: Inputs) -> Made:
    """Pulumi spells attributes, keys and streams in its own way; the rest goes by the API's model."""
    dynamodb = cloud.client("dynamodb")
    chosen = physical(name, inputs, limit=255)
    recovery, expiry = inputs.pop("pointInTimeRecovery", None), inputs.pop("ttl", None)
    encryption = inputs.pop("serverSideEncryption", None)
    inputs["keySchema"] = _keys(inputs)
    inputs["attributeDefinitions"] = [
        {"attributeName": one["name"], "attributeType": one["type"]} for one in inputs.pop("attributes")
    ]
    if encryption:
        inputs["sseSpecification"] = {
            "enabled": encryption["enabled"],
            **({"sseType": "KMS", "kmsMasterKeyId": encryption["kmsKeyArn"]} if "kmsKeyArn" in encryption else {}),
        }
    view = inputs.pop("streamViewType", None)
    if inputs.pop("streamEnabled", False):
        inputs["streamSpecification"] = {"streamEnabled": True, "streamViewType": view}
    throughput = {f"{kind}CapacityUnits": inputs.pop(f"{kind}Capacity", None) for kind in ("read", "write")}
    if inputs.get("billingMode", "PROVISIONED") == "PROVISIONED":
        inputs["provisionedThroughput"] = throughput
    if indexes := inputs.pop("globalSecondaryIndexes", None):
        inputs["globalSecondaryIndexes"] = [_index(one) for one in indexes]
    params = shape(dynamodb, "create_table", inputs)
    made = dynamodb.create_table(TableName=chosen, **params)["TableDescription"]
    if recovery:
        dynamodb.update_continuous_backups(
            TableName=chosen,
            **shape(
                dynamodb,
                "update_continuous_backups",
                {"pointInTimeRecoverySpecification": recovery},
                {"enabled": "PointInTimeRecoveryEnabled"},
            ),
        )
    if expiry:
        dynamodb.update_time_to_live(
            TableName=chosen, **shape(dynamodb, "update_time_to_live", {"timeToLiveSpecification": expiry})
        )
    return chosen, {
        "name": chosen,
        "arn": made["TableArn"],
        "streamArn": made.get("LatestStreamArn", ""),
        "streamLabel": made.get("LatestStreamLabel", ""),
    }


CREATORS: dict[str, Create] = {"aws:dynamodb/table:Table": table}
