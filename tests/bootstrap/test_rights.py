"""The workflows' roles may do what a deployment needs, and nothing that would make more of them."""

import json
from collections.abc import Callable

import pytest

from bootstrap import rights
from bootstrap.needs import TYPES
from bootstrap.uses import Scope, Whose
from components.grants import Statement
from tests.bootstrap.world import ACCOUNT, BOUNDARY, REGION, ask, calls, platform, recording, role, run_bootstrap, tags
from tests.recorder import STACKS, Recording
from tests.recorder import recording as platform_alone

IAM = f"arn:aws:iam::{ACCOUNT}"
ADMINISTRATOR = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
)
OWN_ROLE = f"{IAM}:role/penstock-prod-ingest"
BOUND = {"iam:PermissionsBoundary": f"{BOUNDARY}prod"}
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key"
STATE = "arn:aws:s3:::penstock-bootstrap-state"
PATHS = (
    "stacks/penstock/{}.json",
    "history/penstock/{}/1",
    "backups/penstock/{}/1",
    "locks/organization/penstock/{}/1",
)


@pytest.mark.parametrize(("of", "stack"), [*((platform_alone, stack) for stack in STACKS), (platform, "prod")])
def test_every_type_of_the_platform_says_what_it_needs(of: Callable[[str], Recording], stack: str) -> None:
    used = {one.token for one in of(stack).resources if one.token.startswith("aws:")}
    # Where there was a bootstrap, the stack does not make its own boundary.
    assert used - {"aws:iam/policy:Policy"} <= TYPES.keys(), "say in bootstrap/needs.py what a deployment of it needs"


@pytest.mark.parametrize("stack", ["dev", "prod"])
def test_a_stack_is_deployed_by_its_role_and_no_other(stack: str) -> None:
    other = "dev" if stack == "prod" else "prod"
    tried = 0
    for one in platform(stack).resources:
        for scope, action, resource, context in calls(one, stack, write=True) if one.token in TYPES else ():
            tried += 1
            decision = ask(f"deploy-{stack}", action, resource, **context)
            assert decision, f"{one.name}: {action} on {resource} with {context}: {decision.why}"
            if _is_of_one_stack(scope, context):
                assert not ask(f"deploy-{other}", action, resource, **context), f"{action} on {resource}"
    assert tried > 1000


def _is_of_one_stack(scope: Scope, context: dict[str, str]) -> bool:
    named = any("{prefix}" in arn for arn in scope.arns)
    return named or any(key.endswith("Tag/stack") or key == "lambda:FunctionArn" for key in context)


@pytest.mark.parametrize("stack", ["dev", "prod"])
def test_a_preview_looks_at_everything_and_changes_nothing(stack: str) -> None:
    for one in platform(stack).resources:
        if one.token not in TYPES:
            continue
        looks = {action for _, action, _, _ in calls(one, stack, write=False)}
        for _, action, resource, context in calls(one, stack, write=True):
            decision = ask(f"preview-{stack}", action, resource, **context)
            # A look may be allowed for another type's sake.
            assert decision or action not in looks, f"{one.name}: {action}: {decision.why}"
            verb = action.partition(":")[2]
            # API Gateway's are methods of HTTP.
            assert not decision or verb.startswith(("Decrypt", "Describe", "Get", "GET", "List", "Validate")), action


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("s3:GetObject", "arn:aws:s3:::penstock-prod-upload/file.csv"),
        ("dynamodb:GetItem", f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/penstock-prod-files"),
        ("dynamodb:Scan", f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/penstock-prod-files"),
        (
            "secretsmanager:GetSecretValue",
            f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:penstock-prod-signing-key-x",
        ),
        ("sqs:ReceiveMessage", f"arn:aws:sqs:{REGION}:{ACCOUNT}:penstock-prod-uploads"),
        ("logs:GetLogEvents", f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/aws/lambda/penstock-prod-ingest"),
        ("s3:DeleteObject", "arn:aws:s3:::penstock-prod-upload/file.csv"),
        ("s3:DeleteObjectVersion", "arn:aws:s3:::penstock-prod-upload/file.csv"),
    ],
)
@pytest.mark.parametrize("who", ["deploy-prod", "preview-prod", "preview-dev"])
def test_files_and_secrets_are_not_for_workflows(who: str, action: str, resource: str) -> None:
    own = {} if who.endswith("dev") else tags("prod")
    assert not ask(who, action, resource, **own)


def test_only_a_stack_that_may_be_deleted_can_be_emptied() -> None:
    assert ask("deploy-dev", "s3:DeleteObjectVersion", "arn:aws:s3:::penstock-dev-upload/file.csv")


@pytest.mark.parametrize("more", [(), (ADMINISTRATOR,)], ids=["as it is", "with AdministratorAccess attached"])
@pytest.mark.parametrize(
    ("action", "resource", "context"),
    [
        # Policies
        ("iam:CreatePolicyVersion", f"{BOUNDARY}prod", {}),
        ("iam:SetDefaultPolicyVersion", f"{BOUNDARY}prod", {}),
        ("iam:CreatePolicyVersion", f"{IAM}:policy/penstock-bootstrap-limits-prod", {}),
        ("iam:DeletePolicy", f"{BOUNDARY}prod", {}),
        ("iam:CreatePolicy", f"{IAM}:policy/penstock-prod-mine", {}),
        # Its own role, and the others
        ("iam:PutRolePolicy", role("deploy-prod"), {}),
        ("iam:AttachRolePolicy", role("deploy-prod"), {}),
        ("iam:DeleteRolePermissionsBoundary", role("deploy-prod"), {}),
        ("iam:PutRolePermissionsBoundary", role("deploy-prod"), BOUND),
        ("iam:UpdateAssumeRolePolicy", role("deploy-prod"), {}),
        ("iam:UpdateAssumeRolePolicy", role("deploy-dev"), {}),
        ("iam:UpdateAssumeRolePolicy", f"{IAM}:role/administrator", {}),
        ("iam:DeleteRole", role("preview-prod"), {}),
        ("sts:AssumeRole", f"{IAM}:role/administrator", {}),
        ("sts:AssumeRole", role("deploy-dev"), {}),
        # Roles of the stack
        ("iam:CreateRole", OWN_ROLE, {}),
        ("iam:CreateRole", OWN_ROLE, {"iam:PermissionsBoundary": f"{IAM}:policy/AdministratorAccess"}),
        ("iam:CreateRole", OWN_ROLE, {"iam:PermissionsBoundary": f"{BOUNDARY}dev"}),
        ("iam:CreateRole", f"{IAM}:role/mine", BOUND),
        ("iam:CreateRole", f"{IAM}:role/penstock-dev-mine", BOUND),
        ("iam:PutRolePolicy", OWN_ROLE, {}),
        ("iam:AttachRolePolicy", OWN_ROLE, {**BOUND, "iam:PolicyARN": "arn:aws:iam::aws:policy/AdministratorAccess"}),
        ("iam:DeleteRolePermissionsBoundary", OWN_ROLE, BOUND),
        ("iam:PutRolePermissionsBoundary", OWN_ROLE, {"iam:PermissionsBoundary": f"{IAM}:policy/wide"}),
        # Handing roles to services
        ("iam:PassRole", f"{IAM}:role/administrator", {"iam:PassedToService": "lambda.amazonaws.com"}),
        ("iam:PassRole", role("deploy-prod"), {"iam:PassedToService": "lambda.amazonaws.com"}),
        ("iam:PassRole", OWN_ROLE, {"iam:PassedToService": "ec2.amazonaws.com"}),
        ("iam:PassRole", OWN_ROLE, {}),
        ("lambda:UpdateFunctionCode", f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:admin-tool", tags("dev")),
        # People and providers
        ("iam:CreateUser", f"{IAM}:user/me", {}),
        ("iam:CreateAccessKey", f"{IAM}:user/root", {}),
        ("iam:CreateLoginProfile", f"{IAM}:user/administrator", {}),
        ("iam:AddUserToGroup", f"{IAM}:group/administrators", {}),
        ("iam:PutUserPolicy", f"{IAM}:user/me", {}),
        ("iam:PutGroupPolicy", f"{IAM}:group/administrators", {}),
        ("iam:CreateInstanceProfile", f"{IAM}:instance-profile/mine", {}),
        ("iam:CreateOpenIDConnectProvider", f"{IAM}:oidc-provider/example.com", {}),
        (
            "iam:AddClientIDToOpenIDConnectProvider",
            f"{IAM}:oidc-provider/token.actions.githubusercontent.com",
            {},
        ),
        ("iam:DeleteOpenIDConnectProvider", f"{IAM}:oidc-provider/token.actions.githubusercontent.com", {}),
        # The bootstrap's things
        ("s3:PutBucketPolicy", STATE, {}),
        ("s3:DeleteBucketPolicy", STATE, {}),
        ("s3:DeleteBucket", STATE, {}),
        ("s3:PutBucketVersioning", STATE, {}),
        ("s3:PutLifecycleConfiguration", STATE, {}),
        ("s3:DeleteObjectVersion", f"{STATE}/.pulumi/stacks/penstock/prod.json", {}),
        ("s3:GetObject", "arn:aws:s3:::penstock-bootstrap-logs/x", {}),
        ("kms:PutKeyPolicy", f"{KEY}/penstock-bootstrap-secrets-prod", tags("bootstrap")),
        ("kms:ScheduleKeyDeletion", f"{KEY}/penstock-bootstrap-state", tags("bootstrap")),
        ("kms:TagResource", f"{KEY}/penstock-bootstrap-state", {**tags("bootstrap"), **tags("prod", "RequestTag")}),
        ("kms:CreateGrant", f"{KEY}/penstock-bootstrap-secrets-dev", tags("bootstrap")),
        ("sns:SetTopicAttributes", f"arn:aws:sns:{REGION}:{ACCOUNT}:penstock-bootstrap-budgets", {}),
        ("budgets:ModifyBudget", f"arn:aws:budgets::{ACCOUNT}:budget/penstock-bootstrap-prod", {}),
        # The other stack's state, secrets and things
        *(
            (sort, f"{STATE}/.pulumi/{path.format('dev')}", {})
            for path in PATHS
            for sort in ("s3:GetObject", "s3:PutObject")
        ),
        ("s3:PutObject", f"{STATE}/.pulumi/meta.yaml", {}),
        ("kms:Decrypt", f"{KEY}/penstock-bootstrap-secrets-dev", tags("bootstrap")),
        ("kms:Encrypt", f"{KEY}/penstock-bootstrap-secrets-dev", tags("bootstrap")),
        ("kms:PutKeyPolicy", f"{KEY}/1", tags("dev")),
        ("kms:TagResource", f"{KEY}/1", {**tags("dev"), **tags("prod", "RequestTag")}),
        ("ec2:DeleteVpc", f"arn:aws:ec2:{REGION}:{ACCOUNT}:vpc/1", tags("dev")),
        ("ec2:CreateTags", f"arn:aws:ec2:{REGION}:{ACCOUNT}:vpc/1", {**tags("dev"), **tags("prod", "RequestTag")}),
        ("cloudfront:UpdateDistribution", f"arn:aws:cloudfront::{ACCOUNT}:distribution/1", tags("dev")),
    ],
)
def test_no_way_leads_out_of_the_stack(
    action: str, resource: str, context: dict[str, str], more: tuple[str, ...]
) -> None:
    decision = ask("deploy-prod", action, resource, more=more, **context)
    assert not decision, f"{action} on {resource} is allowed by {[one.sid for one in decision.by]}"


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("stack", ["dev", "prod"])
def test_a_stacks_state_is_for_its_own_roles(stack: str, path: str) -> None:
    own = f"{STATE}/.pulumi/{path.format(stack)}"
    for action in ("s3:GetObject", "s3:PutObject", "s3:DeleteObject"):
        assert ask(f"deploy-{stack}", action, own), action
    assert ask(f"preview-{stack}", "s3:GetObject", own)
    assert not ask(f"preview-{stack}", "s3:PutObject", own)
    secrets = f"{KEY}/penstock-bootstrap-secrets-{stack}"
    assert ask(f"preview-{stack}", "kms:Decrypt", secrets, **tags("bootstrap"))
    assert not ask(f"preview-{stack}", "kms:Encrypt", secrets, **tags("bootstrap"))
    assert ask(f"deploy-{stack}", "kms:Encrypt", secrets, **tags("bootstrap"))


def test_roles_go_to_the_services_that_the_platform_makes_roles_for() -> None:
    made = {
        one["Principal"]["Service"]
        for stack in ("dev", "prod")
        for found in platform(stack).of("iam.Role")
        for one in json.loads(found.inputs["assumeRolePolicy"])["Statement"]
    }
    assert made <= set(rights.PASSED_TO)
    for service in made:
        assert ask("deploy-prod", "iam:PassRole", OWN_ROLE, **{"iam:PassedToService": service})


def test_policies_fit() -> None:
    for one in recording().of("iam.Policy"):
        assert len("".join(one.inputs["policy"].split())) <= rights.POLICY_CHARACTERS, one.name
    attached = [one.inputs["role"] for one in recording().of("iam.RolePolicyAttachment")]
    # A role has ten managed policies at most, unless AWS is asked for more.
    assert all(attached.count(name) <= 10 for name in attached)


def test_splitting_loses_and_adds_nothing() -> None:
    whose = Whose(
        project="penstock", stack="x", prefix="penstock-x-", account=ACCOUNT, partition="aws", boundary_arn="arn"
    )
    whole = rights.deploying(whose, emptying=True)
    parts = rights.split(whole)

    def rows(statements: list[Statement]) -> set[tuple[str, str, str]]:
        return {
            (action, str(one.resources), json.dumps(one.conditions, sort_keys=True))
            for one in statements
            for action in one.actions
        }

    assert rows([one for part in parts for one in part]) == rows(whole)
    assert all(rights.size(part) <= rights.POLICY_CHARACTERS for part in parts)


def test_more_stacks_get_roles_of_their_own() -> None:
    stacks = json.dumps([{"name": name} for name in ("blue", "green", "red")])
    made = run_bootstrap({"penstock-bootstrap:stacks": stacks})
    assert {one.inputs["name"] for one in made.of("iam.Role")} == {
        f"penstock-bootstrap-{sort}-{name}" for sort in ("deploy", "preview") for name in ("blue", "green", "red")
    }
