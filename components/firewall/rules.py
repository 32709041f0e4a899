"""Rules of the firewall, in the order in which requests meet them, and what they take of WAF's capacity.

Sizes and capacity: AWS WAF Developer Guide, "Handling oversize web request components", "Rule statements" and "AWS
Managed Rules rule groups list".
"""

from collections.abc import Mapping

from pulumi_aws import wafv2 as waf

from components.settings import Firewall

RATE_SECONDS = 300
# What its price includes; every 500 units more cost extra for each request.
INCLUDED_CAPACITY = 1500
RATE_CAPACITY, SIZE_CAPACITY = 2, 1
GROUP_CAPACITY: Mapping[str, int] = {
    "AWSManagedRulesAmazonIpReputationList": 25,
    "AWSManagedRulesAnonymousIpList": 50,
    "AWSManagedRulesKnownBadInputsRuleSet": 200,
    "AWSManagedRulesCommonRuleSet": 700,
}
"""By group, in the order in which requests meet them: who asks, before what is asked, before what it looks like."""

BAD_REQUEST, TOO_LARGE, PATH_TOO_LONG, TOO_MANY = 400, 413, 414, 429
# Where there is more than WAF is shown (8 KiB or 200 headers, 16 KiB of a body), it is too much.
OVERSIZE = "MATCH"

Statement = waf.WebAclRuleStatementArgsDict
Part = waf.WebAclRuleStatementSizeConstraintStatementFieldToMatchArgsDict


def rules(wanted: Firewall) -> list[waf.WebAclRuleArgsDict]:
    """All rules; a lower priority is met first."""
    # The rate comes first, so that it counts also what other rules refuse.
    own = {"rate": (_rate(wanted), TOO_MANY), **_sizes(wanted)}
    groups = [group for group in GROUP_CAPACITY if group in wanted.groups]
    return [
        *(
            waf.WebAclRuleArgsDict(
                name=name,
                priority=priority,
                statement=statement,
                action=_action(wanted, answer),
                visibility_config=visibility(name),
            )
            for priority, (name, (statement, answer)) in enumerate(own.items())
        ),
        *(
            waf.WebAclRuleArgsDict(
                name=group,
                priority=priority,
                statement=_managed(wanted, group),
                override_action={"count": {}} if wanted.mode == "count" else {"none": {}},
                visibility_config=visibility(group),
            )
            for priority, group in enumerate(groups, start=len(own))
        ),
    ]


def capacity(wanted: Firewall) -> int:
    """Web ACL capacity units (WCU) that `rules` take."""
    groups = sum(GROUP_CAPACITY[group] for group in wanted.groups)
    return RATE_CAPACITY + len(_sizes(wanted)) * SIZE_CAPACITY + groups


def visibility(metric: str) -> waf.WebAclRuleVisibilityConfigArgsDict:
    """Metrics, and no samples: one place that keeps requests is enough, and that is the log."""
    return {"cloudwatch_metrics_enabled": True, "metric_name": metric, "sampled_requests_enabled": False}


def _rate(wanted: Firewall) -> Statement:
    return {
        "rate_based_statement": {
            "aggregate_key_type": "IP",
            "limit": wanted.rate_limit,
            "evaluation_window_sec": RATE_SECONDS,
        }
    }


def _sizes(wanted: Firewall) -> dict[str, tuple[Statement, int]]:
    """By the rule's name, what is too long, and the status that says so."""
    return {
        "path-size": (_longer({"uri_path": {}}, wanted.max_path_bytes), PATH_TOO_LONG),
        "query-size": (_longer({"query_string": {}}, wanted.max_query_bytes), PATH_TOO_LONG),
        "header-size": (
            _longer(
                {"headers": [{"match_pattern": {"all": {}}, "match_scope": "ALL", "oversize_handling": OVERSIZE}]},
                wanted.max_header_bytes,
            ),
            BAD_REQUEST,
        ),
        "body-size": (_longer({"body": {"oversize_handling": OVERSIZE}}, wanted.max_body_bytes), TOO_LARGE),
    }


def _longer(part: Part, size: int) -> Statement:
    return {
        "size_constraint_statement": {
            "comparison_operator": "GT",
            "field_to_match": part,
            "size": size,
            # As it came: decoding first would let a long path pass as a short one.
            "text_transformations": [{"priority": 0, "type": "NONE"}],
        }
    }


def _action(wanted: Firewall, answer: int) -> waf.WebAclRuleActionArgsDict:
    if wanted.mode == "count":
        return {"count": {}}
    return {"block": {"custom_response": {"response_code": answer}}}


def _managed(wanted: Firewall, group: str) -> Statement:
    named = (one.split("/") for one in wanted.counted)
    counted = [rule for owner, rule in named if owner == group]
    return {
        "managed_rule_group_statement": {
            "vendor_name": "AWS",
            "name": group,
            "rule_action_overrides": [{"name": rule, "action_to_use": {"count": {}}} for rule in counted],
        }
    }
