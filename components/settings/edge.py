"""Settings of what the world reaches: the distribution and its firewall."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from components.settings.base import KIB, Section

# The groups of rules that AWS keeps for everybody at no price of their own.
Group = Literal[
    "AWSManagedRulesAmazonIpReputationList",
    "AWSManagedRulesAnonymousIpList",
    "AWSManagedRulesCommonRuleSet",
    "AWSManagedRulesKnownBadInputsRuleSet",
]
Counted = Annotated[str, Field(pattern=r"^AWSManagedRules\w+/\w+$")]


class Delivery(Section):
    """The download links."""

    link_seconds: int = Field(24 * 3600, ge=60, le=7 * 24 * 3600, description="How long a link is valid.")
    # More days than a link is ever valid: the oldest key leaves when the next one comes.
    rotation_days: int = Field(90, ge=8, le=365, description="Days after which the key that signs links is changed.")
    price_class: Literal["PriceClass_100", "PriceClass_200", "PriceClass_All"] = Field(
        "PriceClass_100", description="CloudFront's price class: which of its places serve the files."
    )
    domain: str | None = Field(None, description="Host name of the links, instead of CloudFront's own.")
    certificate_arn: str | None = Field(
        None, pattern=r"^arn:[\w-]+:acm:us-east-1:", description="Certificate for it, in us-east-1; needed with it."
    )

    @model_validator(mode="after")
    def _domain_has_certificate(self) -> Self:
        if (self.domain is None) != (self.certificate_arn is None):
            raise ValueError("domain and certificate_arn are given together or not at all")
        return self


class Firewall(Section):
    """The web application firewall (WAF) before the distribution (docs/edge.md)."""

    enabled: bool = Field(False, description="Whether there is one. It costs money by the month, used or not.")
    mode: Literal["block", "count"] = Field("block", description="Whether it refuses, or only counts what it would.")
    rate_limit: int = Field(
        2000, ge=10, le=2_000_000_000, description="Requests that one address may make within five minutes."
    )
    # The longest link has about 270. Paths of the API hold whole names, in base64: of 730 bytes at most, here. AWS's
    # common rules refuse more than 1,024 as well.
    max_path_bytes: int = Field(1000, ge=320, le=8 * KIB, description="Longest path.")
    # A signed link has about 180; the common rules refuse more than 2,048.
    max_query_bytes: int = Field(1024, ge=512, le=8 * KIB, description="Longest query string.")
    max_header_bytes: int = Field(
        4096, ge=1024, le=8 * KIB, description="Longest header; 200 headers or 8 KiB of them are always too many."
    )
    # WAF is shown no more than 16 KiB without a price of its own.
    max_body_bytes: int = Field(8 * KIB, ge=0, le=16 * KIB, description="Longest body.")
    groups: list[Group] = Field(
        [
            "AWSManagedRulesAmazonIpReputationList",
            "AWSManagedRulesCommonRuleSet",
            "AWSManagedRulesKnownBadInputsRuleSet",
        ],
        description="AWS's own rules that requests are held against.",
    )
    # Archives are named after uploads, and anybody may upload `server.log`.
    counted: list[Counted] = Field(
        ["AWSManagedRulesCommonRuleSet/RestrictedExtensions_URIPATH"],
        description="Rules of those, as `GROUP/RULE`, that only count.",
    )

    @model_validator(mode="after")
    def _counted_is_of_groups(self) -> Self:
        if len(set(self.groups)) < len(self.groups):
            raise ValueError("groups has a name twice")
        strange = {one.partition("/")[0] for one in self.counted} - set(self.groups)
        if strange and "counted" in self.model_fields_set:
            raise ValueError(f"counted names rules of {', '.join(sorted(strange))}, which groups does not have")
        return self
