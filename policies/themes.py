"""All themes of the pack, and which of their rules only advise."""

from pulumi_policy import EnforcementLevel, Policy

from policies import (
    alarms,
    apis,
    cost,
    databases,
    delivery,
    encryption,
    endpoints,
    firewall,
    identities,
    least_privilege,
    malware,
    network,
    protection,
    public_access,
    references,
    reliability,
    remote_access,
    tags,
    transport,
    wiring,
    workflow,
)
from policies.rules import of_module

THEMES = (
    encryption,
    public_access,
    transport,
    delivery,
    firewall,
    apis,
    malware,
    least_privilege,
    identities,
    network,
    endpoints,
    remote_access,
    databases,
    reliability,
    alarms,
    workflow,
    protection,
    references,
    wiring,
    cost,
    tags,
)
BY_SETTING = protection
"""Stacks whose setting `protection.deletion` is off are meant to be thrown away: there these rules only advise."""


def rules() -> list[Policy]:
    """The rules of all themes."""
    return [rule for theme in THEMES for rule in of_module(theme)]


def levels(*, protected: bool) -> dict[str, EnforcementLevel]:
    """The level of each rule that has not the pack's own, which is mandatory."""
    return {} if protected else {rule.name: EnforcementLevel.ADVISORY for rule in of_module(BY_SETTING)}
