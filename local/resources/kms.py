"""KMS keys, aliases and key policies."""

from local.resources.base import Cloud, Create, Inputs, Made, arn, physical, text
from local.resources.shaping import shape


def key(cloud: Cloud, name: str, inputs: Inputs) -> Made:
    """Rotation is a second call; `isEnabled` is what a new key is, so only a disabled one needs another."""
    kms = cloud.client("kms")
    rotate, days = inputs.pop("enableKeyRotation", False), inputs.pop("rotationPeriodInDays", None)
    enabled = inputs.pop("isEnabled", True)
    made = kms.create_key(**shape(kms, "create_key", inputs, {"customerMasterKeySpec": "KeySpec"}))["KeyMetadata"]
    if rotate:
        kms.enable_key_rotation(KeyId=made["KeyId"], **({"RotationPeriodInDays": days} if days else {}))
    if not enabled:
        kms.disable_key(KeyId=made["KeyId"])
    return made["KeyId"], {"arn": made["Arn"], "keyId": made["KeyId"]}


def alias(cloud: Cloud, name: str, inputs: Inputs) -> Made:
    """Names begin with `alias/`."""
    chosen = physical(f"alias/{name}", inputs, limit=256)
    target = inputs.pop("targetKeyId")
    kms = cloud.client("kms")
    kms.create_alias(AliasName=chosen, TargetKeyId=target)
    target_arn = kms.describe_key(KeyId=target)["KeyMetadata"]["Arn"]
    return chosen, {"name": chosen, "arn": arn(cloud, "kms", chosen), "targetKeyArn": target_arn}


def key_policy(cloud: Cloud, name: str, inputs: Inputs) -> Made:
    """The one policy of a key, `default`."""
    key_id = inputs.pop("keyId")
    cloud.client("kms").put_key_policy(KeyId=key_id, PolicyName="default", Policy=text(inputs.pop("policy")))
    return key_id, {}


CREATORS: dict[str, Create] = {
    "aws:kms/key:Key": key,
    "aws:kms/alias:Alias": alias,
    "aws:kms/keyPolicy:KeyPolicy": key_policy,
}
