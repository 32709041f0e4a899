"""What breaks a rule about roles is noticed, and what is not known yet is not judged."""

import pytest

from policies import identities
from tests.policies.breaks import DROPPED, GONE, Break

BREAKS = [
    Break(rule=identities.role_has_boundary, kind="iam.Role", path="permissionsBoundary", value=DROPPED, unknown=()),
    Break(
        rule=identities.roles_have_one_boundary,
        kind="iam.Role",
        path="permissionsBoundary",
        value="arn:aws:iam::123456789012:policy/other",
    ),
    Break(
        rule=identities.role_is_used_by_one,
        kind="iam.Role",
        path="assumeRolePolicy.Statement.0.Principal.Service",
        value="ec2.amazonaws.com",
        name="-plan",
    ),
    Break(rule=identities.role_has_one_policy, kind="iam.RolePolicy", path="role", value=GONE),
    Break(
        rule=identities.role_is_assumed_for_this_account,
        kind="iam.Role",
        path="assumeRolePolicy.Statement.0.Condition",
        value=DROPPED,
    ),
    Break(
        rule=identities.services_are_bound,
        kind="sqs.QueuePolicy",
        path="policy.Statement.1.Condition",
        value=DROPPED,
        name="-uploads",
    ),
    Break(
        rule=identities.keys_are_used_through_services,
        kind="iam.RolePolicy",
        path="policy.Statement.2.Condition",
        value=DROPPED,
        name="-plan",
    ),
    Break(
        rule=identities.any_resource_is_for_few_actions,
        kind="iam.RolePolicy",
        path="policy.Statement.0.Resource",
        value=["*"],
        name="-plan",
    ),
    Break(
        rule=identities.interfaces_are_made_by_lambda,
        kind="iam.RolePolicy",
        path="policy.Statement.-1.Condition",
        value=DROPPED,
        name="-plan",
    ),
    Break(
        rule=identities.roles_do_not_administer,
        kind="iam.RolePolicy",
        path="policy.Statement.0.Action",
        value=["iam:PassRole"],
    ),
    Break(
        rule=identities.role_has_own_policy_only,
        kind="iam.Role",
        path="managedPolicyArns",
        value=["arn:aws:iam::aws:policy/AdministratorAccess"],
    ),
]


@pytest.mark.parametrize("row", BREAKS, ids=str)
def test_what_breaks_a_rule_is_noticed(row: Break) -> None:
    row.check()
