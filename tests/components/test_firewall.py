"""Firewall: what is refused, in which order and at which price, and that no log ever holds what opens a file."""

import json
import re
import time
from pathlib import Path
from typing import Any, get_args
from urllib.parse import urlsplit

import pytest
from pulumi.runtime.rpc import UNKNOWN

from components.firewall.component import LOG_GROUP
from components.firewall.rules import GROUP_CAPACITY, INCLUDED_CAPACITY, capacity, rules
from components.settings import Firewall as Wanted
from components.settings import Group, SettingsError, parse
from local.deploy import ROOT, run
from runtime.adapters.signing import CloudFrontSigner, make_pair
from runtime.domain.identity import FileVersion
from runtime.domain.signing import SigningKey
from tests.recorder import ACCOUNT, PARTITION, REGION, Recorded, Recorder, Recording, record, recording

EDGE_REGION = "us-east-1"
PARTS = {"path-size": "uriPath", "query-size": "queryString", "header-size": "headers", "body-size": "body"}
# "SizeRestrictions_QUERYSTRING" and "SizeRestrictions_URIPATH" of AWS's common rules.
COMMON_QUERY, COMMON_PATH = 2048, 1024


def prod(**changes: Any) -> Recording:
    return record("prod", {"penstock:firewall": json.dumps({"enabled": True, **changes})})


def acl(made: Recording) -> Recorded:
    return made.one("wafv2.WebAcl", "edge")


def by_name(made: Recording) -> dict[str, Any]:
    return {rule["name"]: rule for rule in acl(made).inputs["rules"]}


def test_it_stands_before_the_distribution_in_prod_and_costs_nothing_elsewhere() -> None:
    distribution = recording("prod").one("cloudfront.Distribution", "delivery")
    assert distribution.inputs["webAclId"] == acl(recording("prod")).outputs["arn"]
    for stack in ("dev", "local"):
        assert not [one for one in recording(stack).resources if one.kind.startswith("wafv2.")]
        assert "webAclId" not in recording(stack).one("cloudfront.Distribution", "delivery").inputs


def test_all_of_it_is_where_cloudfront_looks_for_it() -> None:
    made = recording("prod")
    assert acl(made).inputs["scope"] == "CLOUDFRONT"
    key, policy = made.one("kms.Key", "edge-firewall"), made.one("kms.KeyPolicy", "edge-firewall")
    (allowed,) = made.of("cloudwatch.LogResourcePolicy")
    group = log_group(made)
    for one in (acl(made), made.of("wafv2.WebAclLoggingConfiguration")[0], allowed, group, key, policy):
        assert one.inputs["region"] == EDGE_REGION, one.token
    assert group.inputs["kmsKeyId"] == key.outputs["arn"]
    assert group.inputs["retentionInDays"] == 365


def log_group(made: Recording) -> Recorded:
    (group,) = [one for one in made.of("cloudwatch.LogGroup") if one.inputs["name"].startswith(LOG_GROUP)]
    return group


def test_rules_are_met_in_order_who_asks_before_what_is_asked() -> None:
    ordered = sorted(acl(recording("prod")).inputs["rules"], key=lambda rule: rule["priority"])
    assert [rule["priority"] for rule in ordered] == list(range(len(ordered)))
    assert [rule["name"] for rule in ordered] == [
        "rate",
        *PARTS,
        "AWSManagedRulesAmazonIpReputationList",
        "AWSManagedRulesKnownBadInputsRuleSet",
        "AWSManagedRulesCommonRuleSet",
    ]
    names = [rule["visibilityConfig"]["metricName"] for rule in ordered]
    assert len(set(names)) == len(names)


def test_the_order_is_the_firewalls_and_not_the_settings() -> None:
    backwards = Wanted(groups=list(reversed(get_args(Group))), counted=[])
    assert [rule["name"] for rule in rules(backwards)][-len(GROUP_CAPACITY) :] == list(GROUP_CAPACITY)


@pytest.mark.parametrize("wanted", [Wanted(), Wanted(groups=list(get_args(Group)), counted=[])])
def test_the_price_of_a_request_includes_the_capacity(wanted: Wanted) -> None:
    assert set(get_args(Group)) == GROUP_CAPACITY.keys()
    groups = sum(GROUP_CAPACITY[group] for group in wanted.groups)
    assert groups < capacity(wanted) == groups + len(rules(wanted)) - len(wanted.groups) + 1 <= INCLUDED_CAPACITY


def test_the_page_says_what_capacity_the_rules_take() -> None:
    page = (ROOT / "docs" / "edge.md").read_text()
    for group, units in GROUP_CAPACITY.items():
        assert re.search(rf"^\| `{group}`.*\| {units} \|$", page, re.MULTILINE), group
    everything = Wanted(groups=list(get_args(Group)))
    assert f"{capacity(Wanted())} WCU" in page
    assert f"together with {capacity(everything)}," in page


def test_what_is_too_long_is_told_so_and_what_waf_cannot_see_is_too_long() -> None:
    made = by_name(prod(max_path_bytes=400, max_query_bytes=600, max_header_bytes=2000, max_body_bytes=0))
    sizes = {"path-size": (400, 414), "query-size": (600, 414), "header-size": (2000, 400), "body-size": (0, 413)}
    for name, (size, status) in sizes.items():
        statement = made[name]["statement"]["sizeConstraintStatement"]
        assert (statement["comparisonOperator"], statement["size"]) == ("GT", size)
        assert made[name]["action"] == {"block": {"customResponse": {"responseCode": status}}}
        ((part, how),) = statement["fieldToMatch"].items()
        assert part == PARTS[name]
        (how,) = how if isinstance(how, list) else [how]
        assert how.get("oversizeHandling") == ("MATCH" if part in ("headers", "body") else None)


def test_too_many_requests_are_counted_for_each_address_over_five_minutes() -> None:
    rate = by_name(prod(rate_limit=100))["rate"]
    assert rate["statement"]["rateBasedStatement"] == {
        "aggregateKeyType": "IP",
        "limit": 100,
        "evaluationWindowSec": 300,
    }
    assert rate["action"] == {"block": {"customResponse": {"responseCode": 429}}}


def test_rules_of_aws_refuse_but_for_those_that_are_named() -> None:
    common = by_name(recording("prod"))["AWSManagedRulesCommonRuleSet"]
    assert common["overrideAction"] == {"none": {}}
    group = common["statement"]["managedRuleGroupStatement"]
    assert group["vendorName"] == "AWS"
    assert group["ruleActionOverrides"] == [{"name": "RestrictedExtensions_URIPATH", "actionToUse": {"count": {}}}]
    bad = by_name(recording("prod"))["AWSManagedRulesKnownBadInputsRuleSet"]
    assert bad["statement"]["managedRuleGroupStatement"]["ruleActionOverrides"] == []


def test_in_count_mode_nothing_is_refused() -> None:
    for rule in by_name(prod(mode="count")).values():
        assert (rule.get("action") or rule["overrideAction"]) == {"count": {}}, rule["name"]


def test_signatures_and_credentials_are_kept_out_of_whatever_waf_keeps() -> None:
    made = recording("prod")
    assert acl(made).inputs["dataProtectionConfig"]["dataProtections"] == [
        {"action": "SUBSTITUTION", "field": {"fieldType": "QUERY_STRING"}},
        {
            "action": "SUBSTITUTION",
            "field": {"fieldType": "SINGLE_HEADER", "fieldKeys": ["authorization", "cookie", "x-api-key"]},
        },
    ]
    (logging,) = made.of("wafv2.WebAclLoggingConfiguration")
    redacted = logging.inputs["redactedFields"]
    assert {"queryString": {}} in redacted
    assert {one["singleHeader"]["name"] for one in redacted if "singleHeader" in one} == {
        "authorization",
        "cookie",
        "x-api-key",
    }
    shown = [acl(made).inputs["visibilityConfig"], *(rule["visibilityConfig"] for rule in by_name(made).values())]
    assert {one["sampledRequestsEnabled"] for one in shown} == {False}


def test_the_log_holds_what_matched_and_only_this_accounts_deliveries_write_it() -> None:
    made = recording("prod")
    (logging,) = made.of("wafv2.WebAclLoggingConfiguration")
    assert logging.inputs["logDestinationConfigs"] == [log_group(made).outputs["arn"]]
    kept = logging.inputs["loggingFilter"]
    assert kept["defaultBehavior"] == "DROP"
    ((only,),) = [[one for one in kept["filters"] if one["behavior"] == "KEEP"]]
    assert {one["actionCondition"]["action"] for one in only["conditions"]} == {"BLOCK", "COUNT", "EXCLUDED_AS_COUNT"}
    (policy,) = made.of("cloudwatch.LogResourcePolicy")
    (statement,) = json.loads(policy.inputs["policyDocument"])["Statement"]
    here = f"arn:{PARTITION}:logs:{EDGE_REGION}:{ACCOUNT}"
    assert statement == {
        "Effect": "Allow",
        "Principal": {"Service": "delivery.logs.amazonaws.com"},
        "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
        "Resource": f"{here}:log-group:{log_group(made).inputs['name']}:log-stream:*",
        "Condition": {
            "StringEquals": {"aws:SourceAccount": ACCOUNT},
            "ArnLike": {"aws:SourceArn": f"{here}:*"},
        },
    }


def test_the_alarm_looks_at_the_web_acl() -> None:
    made = recording("prod")
    alarm = made.one("cloudwatch.MetricAlarm", "firewall-edge-blocked")
    name = acl(made).inputs["visibilityConfig"]["metricName"]
    assert alarm.inputs["dimensions"] == {"WebACL": name, "Rule": "ALL"}
    assert (alarm.inputs["namespace"], alarm.inputs["metricName"]) == ("AWS/WAFV2", "BlockedRequests")


def test_links_as_they_are_signed_pass_the_sizes_with_room_to_spare() -> None:
    private, _ = make_pair()
    key = SigningKey(private_key=private, key_pair_id="K" * 14)
    signer = CloudFrontSigner(domain="d111111abcdef8.cloudfront.net", seconds=604800, read=lambda: key, now=time.time)
    longest = FileVersion(
        bucket="b" * 63,
        key=f"{'d' * 400}/{'n' * 500}.csv",
        version="v" * 1024,
        size=1,
        etag="e",
        sequencer="0",
        received_at="2026-01-01T00:00:00Z",
    )
    link = urlsplit(signer.sign(longest.archive_key)[0])
    least = Wanted(max_path_bytes=320, max_query_bytes=512)
    assert len(link.path) <= least.max_path_bytes < Wanted().max_path_bytes < COMMON_PATH
    assert 2 * len(link.query) <= least.max_query_bytes < Wanted().max_query_bytes < COMMON_QUERY
    for field, below in (("max_path_bytes", 319), ("max_query_bytes", 511)):
        with pytest.raises(ValueError, match=field):
            Wanted(**{field: below})


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"rate_limit": 9}, "rate_limit: must be at least 10"),
        ({"max_body_bytes": 16385}, "max_body_bytes: must be at most 16384"),
        ({"groups": ["AWSManagedRulesBotControlRuleSet"]}, "groups.0: must be one of"),
        ({"groups": ["AWSManagedRulesCommonRuleSet"] * 2}, "groups has a name twice"),
        ({"counted": ["SizeRestrictions_BODY"]}, "counted.0: does not look right"),
        ({"counted": ["AWSManagedRulesAnonymousIpList/X"]}, "AWSManagedRulesAnonymousIpList, which groups does not"),
    ],
)
def test_settings_that_cannot_be_are_refused(given: dict[str, Any], problem: str) -> None:
    with pytest.raises(SettingsError, match=problem):
        parse({"penstock:firewall": json.dumps(given)}, project="penstock", stack="dev")


def test_groups_may_go_without_naming_what_is_counted_by_default() -> None:
    assert Wanted(groups=["AWSManagedRulesAmazonIpReputationList"]).counted
    made = by_name(prod(groups=["AWSManagedRulesAmazonIpReputationList"]))
    assert [name for name in made if name.startswith("AWS")] == ["AWSManagedRulesAmazonIpReputationList"]


@pytest.fixture
def regional(tmp_path: Path) -> Recording:
    """A firewall for an API whose ARN is not known yet."""
    (tmp_path / "__main__.py").write_text(API)
    recorder = Recorder()
    exports = run(recorder, project="penstock", settings={}, stack="dev", root=tmp_path)
    return Recording(resources=recorder.resources, exports=exports, settings={})


API = f"""
import asyncio
import pulumi
from components.firewall import Firewall, FirewallArgs
from components.naming import Names
from components.place import Place
from components.settings import Firewall as Wanted
from components.stores import Key

def later(known):
    future = asyncio.get_event_loop().create_future()
    future.set_result("arn")
    told = asyncio.get_event_loop().create_future()
    told.set_result(known)
    return pulumi.Output(set(), future, told)

place = Place(account="{ACCOUNT}", region="{REGION}", partition="{PARTITION}")
firewall = Firewall("api", FirewallArgs(
    names=Names(project="penstock", stack="dev"), place=place, purpose="api", scope="REGIONAL", wanted=Wanted(),
    logs_key=Key(id=later(False), arn=later(False), place=place), retention_days=14, protected=False,
))
firewall.guard(later(False))
assert [one.region for one in firewall.signals] == ["{REGION}"]
"""


def test_one_for_an_api_is_in_the_stacks_region_uses_its_key_and_is_put_before_the_api(regional: Recording) -> None:
    made = [one for one in regional.resources if one.token.startswith("aws:")]
    assert {one.inputs["region"] for one in made} == {REGION}
    assert regional.one("wafv2.WebAcl", "api").inputs["scope"] == "REGIONAL"
    (association,) = regional.of("wafv2.WebAclAssociation")
    assert association.inputs["webAclArn"] == regional.one("wafv2.WebAcl", "api").outputs["arn"]
    # What is not known yet is not made up, and nothing waits for it to decide what to make.
    assert "kmsKeyId" not in log_group(regional).inputs or log_group(regional).inputs["kmsKeyId"] == UNKNOWN
    assert association.inputs.get("resourceArn", UNKNOWN) == UNKNOWN
    assert not [one for one in made if one.kind == "kms.Key"]
