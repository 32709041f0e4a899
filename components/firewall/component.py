"""The component: a web ACL, the log of what it refused, and what to watch."""

from dataclasses import dataclass, replace
from typing import Any, Literal

import pulumi
import pulumi_aws as aws
from pulumi_aws import wafv2 as waf

from components.firewall.rules import rules, visibility
from components.grants import acting_for, policy, service_statement
from components.keys import after, logging_service, make_key, make_key_policy
from components.metrics import GLOBAL_REGION
from components.naming import Names
from components.place import Place
from components.settings import Firewall as FirewallSettings
from components.signals import FirewallSignal, Signal
from components.stores import Key

# WAF writes to no other log groups.
LOG_GROUP = "aws-waf-logs-"
SECRET_HEADERS = ("authorization", "cookie", "x-api-key")
"""What identifies a caller. The query string is kept out as well: the signature in it opens the file."""

PROTECTIONS: list[waf.WebAclDataProtectionConfigDataProtectionArgsDict] = [
    {"action": "SUBSTITUTION", "field": {"field_type": "QUERY_STRING"}},
    {"action": "SUBSTITUTION", "field": {"field_type": "SINGLE_HEADER", "field_keys": list(SECRET_HEADERS)}},
]
"""For whatever WAF keeps or hands on: the log with the details of matches, samples, Security Lake."""

REDACTIONS: list[waf.WebAclLoggingConfigurationRedactedFieldArgsDict] = [
    {"query_string": {}},
    *[waf.WebAclLoggingConfigurationRedactedFieldArgsDict(single_header={"name": name}) for name in SECRET_HEADERS],
]
"""The same once more for the log alone, should somebody take the web ACL's protection away."""

ONLY_WHAT_MATCHED: waf.WebAclLoggingConfigurationLoggingFilterArgsDict = {
    "default_behavior": "DROP",
    "filters": [
        {
            "behavior": "KEEP",
            "requirement": "MEETS_ANY",
            "conditions": [
                {"action_condition": {"action": "BLOCK"}},
                {"action_condition": {"action": "COUNT"}},
                {"action_condition": {"action": "EXCLUDED_AS_COUNT"}},
            ],
        }
    ],
}
"""What passed without a match is in the access log, at no price."""


@dataclass(frozen=True, kw_only=True, slots=True)
class FirewallArgs:
    """`scope` is "CLOUDFRONT" for a distribution, "REGIONAL" for a stage of an API in `place`.

    `logs_key` encrypts logs in `place`.
    """

    names: Names
    place: Place
    purpose: str
    scope: Literal["CLOUDFRONT", "REGIONAL"]
    wanted: FirewallSettings
    logs_key: Key
    retention_days: int
    protected: bool


class Firewall(pulumi.ComponentResource):
    """A web ACL that lets pass what no rule refuses. One for CloudFront is in us-east-1, wherever the stack is."""

    arn: pulumi.Output[str]
    signals: list[Signal]

    def __init__(self, name: str, args: FirewallArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("penstock:firewall:Firewall", name, None, opts)
        self._args = args
        self._child = pulumi.ResourceOptions(parent=self)
        far = args.scope == "CLOUDFRONT"
        self._place = replace(args.place, region=GLOBAL_REGION) if far else args.place
        self._exact = args.names.exact("firewall", args.purpose)
        acl = self._make_acl()
        self._make_log(acl)
        self.arn = acl.arn
        region = None if far else self._place.region
        self.signals = [FirewallSignal(purpose=args.purpose, metric=self._exact, region=region)]
        self.register_outputs({"arn": self.arn})

    def guard(self, resource_arn: pulumi.Input[str]) -> None:
        """Puts the firewall before a stage of an API. A distribution names its firewall itself."""
        aws.wafv2.WebAclAssociation(
            self._exact,
            resource_arn=resource_arn,
            web_acl_arn=self.arn,
            region=self._place.region,
            opts=self._child,
        )

    def _make_acl(self) -> aws.wafv2.WebAcl:
        args = self._args
        return aws.wafv2.WebAcl(
            self._exact,
            name=self._exact,
            description=f"{args.names.project} {args.names.stack}: {args.purpose}",
            scope=args.scope,
            default_action={"allow": {}},
            rules=rules(args.wanted),
            data_protection_config={"data_protections": PROTECTIONS},
            visibility_config=visibility(self._exact),
            region=self._place.region,
            opts=self._child,
        )

    def _make_log(self, acl: aws.wafv2.WebAcl) -> None:
        region = self._place.region
        group = aws.cloudwatch.LogGroup(
            self._exact,
            name=f"{LOG_GROUP}{self._exact}",
            retention_in_days=self._args.retention_days,
            kms_key_id=self._log_key().arn,
            region=region,
            opts=self._child,
        )
        allowed = aws.cloudwatch.LogResourcePolicy(
            self._exact,
            policy_name=f"{LOG_GROUP}{self._exact}",
            policy_document=policy([self._delivery()]),
            region=region,
            opts=self._child,
        )
        aws.wafv2.WebAclLoggingConfiguration(
            self._exact,
            resource_arn=acl.arn,
            log_destination_configs=[group.arn],
            logging_filter=ONLY_WHAT_MATCHED,
            redacted_fields=REDACTIONS,
            region=region,
            # Otherwise WAF would write a policy of its own, which nobody here would know of.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[allowed]),
        )

    def _delivery(self) -> dict[str, Any]:
        place = self._place
        streams = place.arn("logs", f"log-group:{LOG_GROUP}{self._exact}:log-stream:*")
        return service_statement(
            "delivery.logs.amazonaws.com",
            ["logs:CreateLogStream", "logs:PutLogEvents"],
            streams,
            acting_for(place, place.arn("logs", "*")),
        )

    def _log_key(self) -> Key:
        args, place = self._args, self._place
        if place.region == args.place.region:
            return args.logs_key
        purpose = f"{args.purpose}-firewall"
        key = make_key(purpose, names=args.names, place=place, protected=args.protected, parent=self)
        allowed = make_key_policy(purpose, key, logging_service(args.names, place), names=args.names, parent=self)
        return replace(key, arn=after(key.arn, allowed))
