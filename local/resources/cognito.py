"""Cognito: a pool of accounts, the client that signs them in, and the address of the pages where that happens."""

from local.resources.base import Cloud, Create, Inputs, Made, arn, physical
from local.resources.shaping import shape


def user_pool(cloud: Cloud, name: str, inputs: Inputs) -> Made:
    """The provider spells some parts in the plural, and keeps what belongs to a second factor beside the pool."""
    client = cloud.client("cognito-idp")
    chosen = physical(name, inputs, limit=128)
    totp = inputs.pop("softwareTokenMfaConfiguration", None)
    factor = inputs.pop("mfaConfiguration", "OFF")
    if password := inputs.pop("passwordPolicy", None):
        inputs["policies"] = {"passwordPolicy": password}
    if tags := inputs.pop("tags", None):
        inputs["userPoolTags"] = tags
    renames = {
        "attributesRequireVerificationBeforeUpdates": "AttributesRequireVerificationBeforeUpdate",
        "schemas": "schema",
    }
    made = client.create_user_pool(PoolName=chosen, **shape(client, "create_user_pool", inputs, renames))["UserPool"]
    if factor != "OFF":
        client.set_user_pool_mfa_config(
            UserPoolId=made["Id"],
            MfaConfiguration=factor,
            SoftwareTokenMfaConfiguration={"Enabled": bool(totp and totp["enabled"])},
        )
    return made["Id"], {
        "name": chosen,
        "arn": arn(cloud, "cognito-idp", f"userpool/{made['Id']}"),
        "endpoint": f"cognito-idp.{cloud.region}.amazonaws.com/{made['Id']}",
        "creationDate": str(made["CreationDate"]),
        "lastModifiedDate": str(made["LastModifiedDate"]),
        "estimatedNumberOfUsers": 0,
        "domain": "",
        "customDomain": "",
    }


def user_pool_client(cloud: Cloud, name: str, inputs: Inputs) -> Made:
    client = cloud.client("cognito-idp")
    chosen = physical(name, inputs, limit=128)
    made = client.create_user_pool_client(ClientName=chosen, **shape(client, "create_user_pool_client", inputs))[
        "UserPoolClient"
    ]
    return made["ClientId"], {"name": chosen, "clientSecret": made.get("ClientSecret", "")}


def user_pool_domain(cloud: Cloud, name: str, inputs: Inputs) -> Made:
    """Says a loopback address of its own as the domain: there the pages open in a browser on this machine."""
    client = cloud.client("cognito-idp")
    client.create_user_pool_domain(**shape(client, "create_user_pool_domain", inputs))
    domain = cloud.open_sign_in().removeprefix("http://")
    return domain, {
        "domain": domain,
        "awsAccountId": cloud.account,
        "cloudfrontDistribution": "",
        "cloudfrontDistributionArn": "",
        "cloudfrontDistributionZoneId": "",
        "s3Bucket": "",
        "version": "",
    }


def user_group(cloud: Cloud, name: str, inputs: Inputs) -> Made:
    client = cloud.client("cognito-idp")
    chosen, pool = physical(name, inputs, limit=128), inputs["userPoolId"]
    client.create_group(GroupName=chosen, **shape(client, "create_group", inputs))
    return f"{pool}/{chosen}", {"name": chosen}


CREATORS: dict[str, Create] = {
    "aws:cognito/userGroup:UserGroup": user_group,
    "aws:cognito/userPool:UserPool": user_pool,
    "aws:cognito/userPoolClient:UserPoolClient": user_pool_client,
    "aws:cognito/userPoolDomain:UserPoolDomain": user_pool_domain,
}
