"""What breaks a rule about endpoints is noticed, and what is not known yet is not judged."""

import pytest

from policies import endpoints
from tests.policies.breaks import DROPPED, GONE, Break

BREAKS = [
    Break(
        rule=endpoints.endpoint_is_for_own_identities,
        kind="ec2.VpcEndpoint",
        path="policy.Statement.0.Condition",
        value=DROPPED,
    ),
    Break(rule=endpoints.endpoint_is_for_own_identities, kind="ec2.VpcEndpoint", path="policy", value=DROPPED),
    Break(
        rule=endpoints.endpoint_lets_named_things_through,
        kind="ec2.VpcEndpoint",
        path="policy.Statement.0.Action",
        value=["s3:*"],
        name="-s3",
    ),
    Break(
        rule=endpoints.endpoint_lets_named_things_through,
        kind="ec2.VpcEndpoint",
        path="policy.Statement.0.Resource",
        value=["*"],
        name="-sqs",
    ),
    Break(
        rule=endpoints.interface_endpoint_is_found,
        kind="ec2.VpcEndpoint",
        path="privateDnsEnabled",
        value=False,
        name="-sqs",
    ),
    Break(
        rule=endpoints.endpoint_kind_is_given,
        kind="ec2.VpcEndpoint",
        path="vpcEndpointType",
        value="Interface",
        name="-s3",
    ),
    Break(
        rule=endpoints.private_subnets_reach_stores, kind="ec2.VpcEndpoint", path="routeTableIds", value=[], name="-s3"
    ),
    Break(rule=endpoints.functions_reach_services, kind="ec2.VpcEndpoint", path="serviceName", value=GONE, name="-sqs"),
]


@pytest.mark.parametrize("row", BREAKS, ids=str)
def test_what_breaks_a_rule_is_noticed(row: Break) -> None:
    row.check()
