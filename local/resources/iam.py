"""Roles, their boundary and inline policies: faithfully, because the local cloud judges functions by them."""

from local.resources.base import Cloud, Create, Inputs, Made, physical, text
from local.resources.shaping import shape


def role(cloud: Cloud, name: str, inputs: Inputs) -> Made:
    """The id is the name, as in the provider."""
    iam = cloud.client("iam")
    chosen = physical(name, inputs)
    trust = text(inputs.pop("assumeRolePolicy"))
    managed = inputs.pop("managedPolicyArns", [])
    params = shape(iam, "create_role", inputs)
    made = iam.create_role(RoleName=chosen, AssumeRolePolicyDocument=trust, **params)["Role"]
    for arn in managed:
        iam.attach_role_policy(RoleName=chosen, PolicyArn=arn)
    return chosen, {
        "name": chosen,
        "arn": made["Arn"],
        "uniqueId": made["RoleId"],
        "createDate": made["CreateDate"].isoformat(),
    }


def policy(cloud: Cloud, name: str, inputs: Inputs) -> Made:
    """A managed policy; the id is its ARN."""
    iam = cloud.client("iam")
    chosen, document = physical(name, inputs, limit=128), text(inputs.pop("policy"))
    params = shape(iam, "create_policy", inputs)
    made = iam.create_policy(PolicyName=chosen, PolicyDocument=document, **params)["Policy"]
    return made["Arn"], {"name": chosen, "arn": made["Arn"], "policyId": made["PolicyId"], "attachmentCount": 0}


def role_policy(cloud: Cloud, name: str, inputs: Inputs) -> Made:
    """The id is `ROLE:POLICY`, as in the provider."""
    chosen, owner = physical(name, inputs, limit=128), inputs.pop("role")
    cloud.client("iam").put_role_policy(RoleName=owner, PolicyName=chosen, PolicyDocument=text(inputs.pop("policy")))
    return f"{owner}:{chosen}", {"name": chosen}


CREATORS: dict[str, Create] = {
    "aws:iam/policy:Policy": policy,
    "aws:iam/role:Role": role,
    "aws:iam/rolePolicy:RolePolicy": role_policy,
}
