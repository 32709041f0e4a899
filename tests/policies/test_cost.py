"""What breaks a rule about cost is noticed, and what is not known yet is not judged."""

import pytest

from policies import cost
from policies.kinds import KEY, NAT, SUBNET
from tests.policies.breaks import Break
from tests.policies.cases import NOT_JUDGED, UNKNOWN, judge, resource

BREAKS = [
    Break(rule=cost.function_runs_on_arm, kind="lambda.Function", path="architectures", value=["x86_64"]),
    Break(rule=cost.function_has_bounded_memory, kind="lambda.Function", path="memorySize", value=10240),
    Break(rule=cost.table_is_paid_by_request, kind="dynamodb.Table", path="billingMode", value="PROVISIONED"),
    Break(rule=cost.logs_end, kind="cloudwatch.LogGroup", path="retentionInDays", value=0),
    Break(
        rule=cost.bucket_is_tidied_up, kind="s3.BucketLifecycleConfiguration", path="rules.0.status", value="Disabled"
    ),
    Break(
        rule=cost.delivery_needs_no_own_addresses,
        kind="cloudfront.Distribution",
        path="viewerCertificate.sslSupportMethod",
        value="vip",
    ),
    Break(
        rule=cost.delivery_is_not_compressed_twice,
        kind="cloudfront.Distribution",
        path="orderedCacheBehaviors.1.compress",
        value=True,
    ),
]


@pytest.mark.parametrize("row", BREAKS, ids=str)
def test_what_breaks_a_rule_is_noticed(row: Break) -> None:
    row.check()


def test_gateways_are_at_most_as_many_as_zones() -> None:
    subnets = [resource(SUBNET, {"availabilityZone": zone}, zone) for zone in ("a", "b", "a")]
    gateways = [resource(NAT, {}, name) for name in ("one", "two", "three")]
    rule = cost.zones_share_few_gateways
    assert judge(rule, *subnets, *gateways[:2]) == []
    (said,) = judge(rule, *subnets, *gateways)
    assert said.startswith("three: ")
    assert "; " in said
    assert judge(rule, resource(SUBNET, {"availabilityZone": UNKNOWN}), *gateways) == NOT_JUDGED


def test_keys_are_few() -> None:
    """How many there are is always known."""
    keys = [resource(KEY, {"keyId": UNKNOWN}, f"key-{number}") for number in range(cost.MOST_KEYS + 1)]
    assert judge(cost.keys_are_few, *keys[:-1]) == []
    (said,) = judge(cost.keys_are_few, *keys)
    assert said.startswith(f"key-{cost.MOST_KEYS}: ")
    assert "; " in said
