"""What breaks a rule about the firewall is noticed, and what is not known yet is not judged."""

import pytest

from policies import firewall
from tests.policies.breaks import DROPPED, GONE, Break

BREAKS = [
    Break(rule=firewall.firewall_refuses, kind="wafv2.WebAcl", path="rules.0.action", value={"count": {}}),
    Break(rule=firewall.firewall_refuses, kind="wafv2.WebAcl", path="rules", value=[]),
    Break(
        rule=firewall.firewall_limits_rates,
        kind="wafv2.WebAcl",
        path="rules.0.statement.rateBasedStatement.limit",
        value=1000000,
    ),
    Break(
        rule=firewall.firewall_limits_sizes,
        kind="wafv2.WebAcl",
        path="rules.1.statement.sizeConstraintStatement.size",
        value=1000000,
    ),
    Break(
        rule=firewall.firewall_limits_sizes,
        kind="wafv2.WebAcl",
        path="rules.4.statement.sizeConstraintStatement.fieldToMatch.body.oversizeHandling",
        value="CONTINUE",
    ),
    Break(
        rule=firewall.firewall_knows_what_is_bad,
        kind="wafv2.WebAcl",
        path="rules.5.statement.managedRuleGroupStatement.name",
        value="AWSManagedRulesOther",
    ),
    Break(
        rule=firewall.firewall_is_measured,
        kind="wafv2.WebAcl",
        path="rules.2.visibilityConfig.cloudwatchMetricsEnabled",
        value=False,
    ),
    Break(
        rule=firewall.firewall_shows_no_signatures,
        kind="wafv2.WebAcl",
        path="visibilityConfig.sampledRequestsEnabled",
        value=True,
    ),
    Break(rule=firewall.firewall_shows_no_signatures, kind="wafv2.WebAcl", path="dataProtectionConfig", value=DROPPED),
    Break(rule=firewall.firewall_is_where_it_counts, kind="wafv2.WebAcl", path="region", value="eu-central-1"),
    Break(
        rule=firewall.firewall_log_hides_credentials,
        kind="wafv2.WebAclLoggingConfiguration",
        path="redactedFields",
        value=[],
    ),
    Break(
        rule=firewall.firewall_log_hides_credentials,
        kind="wafv2.WebAclLoggingConfiguration",
        path="loggingFilter.filters.0.behavior",
        value="DROP",
    ),
    Break(
        rule=firewall.firewall_stands_before_distributions,
        kind="cloudfront.Distribution",
        path="webAclId",
        value=DROPPED,
    ),
    Break(rule=firewall.firewall_is_logged, kind="wafv2.WebAclLoggingConfiguration", path="resourceArn", value=GONE),
    Break(
        rule=firewall.firewall_may_write_its_log, kind="cloudwatch.LogResourcePolicy", path="policyDocument", value=GONE
    ),
    Break(
        rule=firewall.firewall_may_write_its_log,
        kind="cloudwatch.LogResourcePolicy",
        path="policyDocument.Statement.0.Resource",
        value="*",
    ),
]


@pytest.mark.parametrize("row", BREAKS, ids=str)
def test_what_breaks_a_rule_is_noticed(row: Break) -> None:
    row.check()
