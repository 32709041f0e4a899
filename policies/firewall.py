"""What comes before the distribution refuses too much, too often and what is known to be bad, and keeps no secret."""

from collections.abc import Iterator, Mapping
from typing import Any

from pulumi_policy import PolicyResource

from policies.documents import documents
from policies.kinds import DISTRIBUTION, LOG_GROUP, LOG_RESOURCE_POLICY, WEB_ACL, WEB_ACL_LOGGING
from policies.rules import Props, Resources, companions, each, given, named, values, whole_stack

GLOBAL_REGION = "us-east-1"
MOST_REQUESTS, LONGEST_WINDOW_SECONDS = 10_000, 600
MOST_BYTES = 16 * 1024
PARTS = ("uriPath", "queryString", "headers", "body")
# Where requests are longer than WAF is shown, that is too long.
CUT_SHORT = ("headers", "body")
GROUPS = frozenset(
    {
        "AWSManagedRulesAmazonIpReputationList",
        "AWSManagedRulesCommonRuleSet",
        "AWSManagedRulesKnownBadInputsRuleSet",
    }
)
MOST_EXCEPTIONS = 3
SECRET_HEADERS = frozenset({"authorization", "cookie", "x-api-key"})
LOG_NAME = "aws-waf-logs-"
WORTH_KEEPING = frozenset({"BLOCK", "COUNT", "EXCLUDED_AS_COUNT"})
DELIVERY, WRITES = "delivery.logs.amazonaws.com", {"logs:CreateLogStream", "logs:PutLogEvents"}


@each(WEB_ACL)
def firewall_refuses(props: Props) -> Iterator[str]:
    """Rules of a firewall refuse; AWS's own rules count only where they are named, and few are."""
    if not given(props, "rules") or len(props["rules"]) == 0:
        yield "it refuses nothing; give it rules"
    for rule in props.get("rules") or []:
        group = values(rule, "statement.managedRuleGroupStatement")
        refuses = values(rule, "overrideAction.none") if group else values(rule, "action.block")
        if not refuses:
            yield f"{rule.get('name')} only counts; set firewall.mode to block"
        for one in values({"group": group}, "group[].ruleActionOverrides[]")[MOST_EXCEPTIONS:]:
            yield f"{one.get('name')} is one exception too many; keep {MOST_EXCEPTIONS} of firewall.counted"


@each(WEB_ACL)
def firewall_limits_rates(props: Props) -> Iterator[str]:
    """An address may make so many requests within minutes, and no more."""
    for rate in values(props, "rules[].statement.rateBasedStatement"):
        few = 0 < (rate.get("limit") or 0) <= MOST_REQUESTS
        short = 60 <= (rate.get("evaluationWindowSec") or 0) <= LONGEST_WINDOW_SECONDS
        if few and short and rate.get("aggregateKeyType") == "IP" and not given(rate, "scopeDownStatement"):
            return
    yield f"one address may ask without end; give it a rate_based_statement of {MOST_REQUESTS} at most, by IP"


@each(WEB_ACL)
def firewall_limits_sizes(props: Props) -> Iterator[str]:
    """Path, query, headers and body of a request have a length that is enough, and no more."""
    limits = [one for one in values(props, "rules[].statement.sizeConstraintStatement") if _limits(one)]
    for part in PARTS:
        if not any(_looks_at_all(part, one["fieldToMatch"]) for one in limits):
            yield f"{part} may be as long as it likes; give it a size_constraint_statement of {MOST_BYTES} at most"


@each(WEB_ACL)
def firewall_knows_what_is_bad(props: Props) -> Iterator[str]:
    """AWS's rules about bad addresses, common attacks and known bad requests are asked."""
    groups = values(props, "rules[].statement.managedRuleGroupStatement")
    asked = {one.get("name") for one in groups if one.get("vendorName") == "AWS"}
    if missing := sorted(GROUPS - asked):
        yield f"it does not ask {', '.join(missing)}; add them to firewall.groups"


@each(WEB_ACL)
def firewall_is_measured(props: Props) -> Iterator[str]:
    """Every rule of a firewall has metrics."""
    for name, view in _views(props):
        if view.get("cloudwatchMetricsEnabled") is not True or not view.get("metricName"):
            yield f"nobody sees what {name} refuses; set cloudwatch_metrics_enabled and metric_name"


@each(WEB_ACL)
def firewall_shows_no_signatures(props: Props) -> Iterator[str]:
    """What a firewall keeps or hands on has neither the signatures of links nor callers' credentials in it."""
    for name, view in _views(props):
        if view.get("sampledRequestsEnabled") is not False:
            yield f"samples of {name} have links in them; set sampled_requests_enabled to false"
    hidden = [
        one["field"]
        for one in values(props, "dataProtectionConfig.dataProtections[]")
        if one.get("action") in ("SUBSTITUTION", "HASH") and given(one, "field")
    ]
    if not any(one.get("fieldType") == "QUERY_STRING" for one in hidden):
        yield "signatures of links are kept; protect QUERY_STRING in data_protection_config"
    headers = {key for one in hidden if one.get("fieldType") == "SINGLE_HEADER" for key in values(one, "fieldKeys[]")}
    if missing := sorted(SECRET_HEADERS - headers):
        yield f"{', '.join(missing)} of requests is kept; protect SINGLE_HEADER in data_protection_config"


@each(WEB_ACL)
def firewall_is_where_it_counts(props: Props) -> Iterator[str]:
    """A firewall for CloudFront is in us-east-1, and lets pass what no rule refuses."""
    if props.get("scope") not in ("CLOUDFRONT", "REGIONAL"):
        yield "it stands before nothing; set scope to CLOUDFRONT or REGIONAL"
    if props.get("scope") == "CLOUDFRONT" and props.get("region") != GLOBAL_REGION:
        yield f"CloudFront does not find it; set region to {GLOBAL_REGION}"
    if not values(props, "defaultAction.allow"):
        yield "it refuses everybody; set default_action to allow"


@each(WEB_ACL_LOGGING)
def firewall_log_hides_credentials(props: Props) -> Iterator[str]:
    """Signatures of links and callers' credentials are not in the log of a firewall, and what it refused is."""
    fields = props.get("redactedFields") or []
    if not any(given(one, "queryString") for one in fields):
        yield "signatures of links are in it; add query_string to redacted_fields"
    if missing := sorted(SECRET_HEADERS - set(values(props, "redactedFields[].singleHeader.name"))):
        yield f"{', '.join(missing)} is in it; add single_header to redacted_fields"
    if given(props, "loggingFilter") and not _keeps_refusals(props["loggingFilter"]):
        yield f"what was refused is not in it; keep {' and '.join(sorted(WORTH_KEEPING))} in logging_filter"


@whole_stack
def firewall_stands_before_distributions(resources: Resources) -> Iterator[tuple[PolicyResource, str]]:
    """Where there is a firewall for CloudFront, every distribution has it."""
    walls = [one for one in resources.of(WEB_ACL) if one.props.get("scope") == "CLOUDFRONT"]
    for front in resources.of(DISTRIBUTION) if walls else ():
        if not named(front, "webAclId", resources, WEB_ACL):
            yield front, "requests go past the firewall; set web_acl_id"


@whole_stack
def firewall_is_logged(resources: Resources) -> Iterator[tuple[PolicyResource, str]]:
    """Every firewall writes what it refused to a log group of the stack, in its own region."""
    for wall, logs in companions(resources, WEB_ACL, WEB_ACL_LOGGING, "resourceArn"):
        groups = [group for one in logs for group in named(one, "logDestinationConfigs[]", resources, LOG_GROUP)]
        if len(groups) != 1 or any(one.props.get("region") != wall.props.get("region") for one in (*logs, *groups)):
            yield wall, "nobody can see what it refused; make a WebAclLoggingConfiguration, with a log group beside it"
        elif not groups[0].props["name"].startswith(LOG_NAME):
            yield groups[0], f"WAF does not write to it; let its name begin with {LOG_NAME}"


@whole_stack
def firewall_may_write_its_log(resources: Resources) -> Iterator[tuple[PolicyResource, str]]:
    """A policy of the stack lets the log of a firewall be written, and nothing else; else WAF writes its own."""
    for log in resources.of(WEB_ACL_LOGGING):
        for group in named(log, "logDestinationConfigs[]", resources, LOG_GROUP):
            streams = f":log-group:{group.props['name']}:log-stream:*"
            if not any(
                statement.allows
                and DELIVERY in statement.services
                and set(statement.actions) == WRITES
                and len(statement.resources) == 1
                and statement.resources[0].endswith(streams)
                for policy in resources.of(LOG_RESOURCE_POLICY)
                if policy.props.get("region") == group.props.get("region")
                for document in documents(policy.props, "policyDocument")
                for statement in document
            ):
                yield group, f"{DELIVERY} may not write to it; make a LogResourcePolicy for its streams"


def _limits(size: Mapping[str, Any]) -> bool:
    plain = [one.get("type") for one in size.get("textTransformations") or []] == ["NONE"]
    longest = size.get("size")
    bounded = longest is not None and 0 <= longest <= MOST_BYTES
    return size.get("comparisonOperator") == "GT" and bounded and plain and given(size, "fieldToMatch")


def _looks_at_all(part: str, field: Mapping[str, Any]) -> bool:
    if not given(field, part):
        return False
    looked = field[part][0] if part == "headers" and len(field[part]) else field[part]
    if part == "headers":
        every = looked.get("matchScope") == "ALL" and bool(values(looked, "matchPattern.all"))
        return every and looked.get("oversizeHandling") == "MATCH"
    return part not in CUT_SHORT or looked.get("oversizeHandling") == "MATCH"


def _views(props: Props) -> Iterator[tuple[str, Mapping[str, Any]]]:
    yield "it", props.get("visibilityConfig") or {}
    for rule in props.get("rules") or []:
        yield str(rule.get("name")), rule.get("visibilityConfig") or {}


def _keeps_refusals(filtering: Mapping[str, Any]) -> bool:
    if filtering.get("defaultBehavior") == "KEEP":
        return all(one.get("behavior") == "KEEP" for one in filtering.get("filters") or [])
    kept = {
        action
        for one in filtering.get("filters") or []
        if one.get("behavior") == "KEEP" and one.get("requirement") == "MEETS_ANY"
        for action in values(one, "conditions[].actionCondition.action")
    }
    return filtering.get("defaultBehavior") == "DROP" and kept >= WORTH_KEEPING
