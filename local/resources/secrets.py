"""Secrets Manager: secrets, their policies, their rotation, and values that the program itself makes."""

from local.resources.base import Cloud, Create, Inputs, Made, physical, text
from local.resources.shaping import shape


def secret(cloud: Cloud, name: str, inputs: Inputs) -> Made:
    """The id is the ARN, as in the provider."""
    client = cloud.client("secretsmanager")
    chosen, policy = physical(name, inputs, limit=512), inputs.pop("policy", None)
    arn = client.create_secret(Name=chosen, **shape(client, "create_secret", inputs))["ARN"]
    if policy:
        client.put_resource_policy(SecretId=arn, ResourcePolicy=text(policy))
    return arn, {"name": chosen, "arn": arn}


def secret_policy(cloud: Cloud, name: str, inputs: Inputs) -> Made:
    """The secret's one resource policy."""
    client = cloud.client("secretsmanager")
    arn, policy = inputs.pop("secretArn"), text(inputs.pop("policy"))
    client.put_resource_policy(SecretId=arn, ResourcePolicy=policy, **shape(client, "put_resource_policy", inputs))
    return arn, {}


def secret_version(cloud: Cloud, name: str, inputs: Inputs) -> Made:
    """A value. The id is made like the provider's."""
    client = cloud.client("secretsmanager")
    arn = inputs["secretId"]
    made = client.put_secret_value(**shape(client, "put_secret_value", inputs))
    stages = made.get("VersionStages", ["AWSCURRENT"])
    version = made["VersionId"]
    return f"{arn}|{version}", {
        "arn": arn,
        "secretArn": arn,
        "versionId": version,
        "versionStages": stages,
        "hasSecretStringWo": False,
    }


def secret_rotation(cloud: Cloud, name: str, inputs: Inputs) -> Made:
    """The schedule is kept; nothing rotates by itself here."""
    client = cloud.client("secretsmanager")
    arn = inputs["secretId"]
    client.rotate_secret(**shape(client, "rotate_secret", inputs))
    return arn, {"rotationEnabled": True}


CREATORS: dict[str, Create] = {
    "aws:secretsmanager/secret:Secret": secret,
    "aws:secretsmanager/secretPolicy:SecretPolicy": secret_policy,
    "aws:secretsmanager/secretVersion:SecretVersion": secret_version,
    "aws:secretsmanager/secretRotation:SecretRotation": secret_rotation,
}
