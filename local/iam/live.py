"""The policies and keys as the local cloud holds them at this moment."""

import importlib
import json
from typing import Any


class LivePolicies:
    """Reads ministack's records, so that a policy counts from the moment when it is changed."""

    def identity(self, role: str) -> list[str]:
        found = _role(role)
        if found is None:
            return []
        inline = (found.get("InlinePolicies") or {}).values()
        attached = [_managed(arn) for arn in found.get("AttachedPolicies") or ()]
        return [*map(_text, inline), *attached]

    def boundary(self, role: str) -> str | None:
        arn = (_role(role) or {}).get("PermissionsBoundary")
        return _managed(arn) if arn else None

    def resource(self, action: str, resource: str) -> str | None:
        if action == "sts:AssumeRole":
            found = _role(resource)
            return _text(found["AssumeRolePolicyDocument"]) if found else None
        policy = _evaluator()._resource_policy(action.partition(":")[0], resource)
        # An empty one is none at all.
        return _text(policy[0]) if policy and policy[0] and policy[0] != "{}" else None


def key_of(service: str, name: str) -> str | None:
    """ARN of the customer key of a store (bucket, queue's ARN, topic's ARN, table, secret's ARN), if it has one."""
    module = importlib.import_module(f"ministack.services.{service}")
    match service:
        case "s3":
            key = module._bucket_default_sse_headers(name).get("x-amz-server-side-encryption-aws-kms-key-id")
        case "sqs":
            key = (module._queue_by_arn(name) or {"attributes": {}})["attributes"].get("KmsMasterKeyId")
        case "sns":
            key = (module._topics.get(name) or {"attributes": {}})["attributes"].get("KmsMasterKeyId")
        case "dynamodb":
            key = ((module._tables.get(name) or {}).get("SSEDescription") or {}).get("KMSMasterKeyArn")
        case "secretsmanager":
            key = (module._resolve(name)[1] or {}).get("KmsKeyId")
    record = importlib.import_module("ministack.services.kms")._resolve_key(key)
    return str(record["Arn"]) if record else None


def _evaluator() -> Any:
    return importlib.import_module("ministack.core.iam_evaluator")


def _role(arn: str) -> dict[str, Any] | None:
    iam = importlib.import_module("ministack.services.iam")
    found: dict[str, Any] | None = iam._roles.get_scoped(arn.split(":")[4], None, arn.rpartition("/")[2])
    return found


def _managed(arn: str) -> str:
    """A policy that is not there allows nothing."""
    document = _evaluator()._resolve_managed_policy_document(arn, arn.split(":")[4])
    return _text(document or {"Version": "2012-10-17", "Statement": []})


def _text(document: Any) -> str:
    return document if isinstance(document, str) else json.dumps(document, sort_keys=True)
