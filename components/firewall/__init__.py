"""Firewall: what is refused before it reaches a distribution or an API."""

from components.firewall.component import Firewall, FirewallArgs
from components.naming import Names
from components.place import Place
from components.settings import Settings
from components.storage import SecureStorage

__all__ = ["EDGE", "Firewall", "FirewallArgs", "make_edge_firewall"]

EDGE = "edge"
"""What the distribution's firewall is called, after the stack."""


def make_edge_firewall(names: Names, place: Place, storage: SecureStorage, settings: Settings) -> Firewall | None:
    """The distribution's firewall, if the stack's settings want one."""
    if not settings.firewall.enabled:
        return None
    return Firewall(
        "firewall",
        FirewallArgs(
            names=names,
            place=place,
            purpose=EDGE,
            scope="CLOUDFRONT",
            wanted=settings.firewall,
            logs_key=storage.logs_key,
            retention_days=settings.logs.retention_days,
            protected=settings.protection.deletion,
        ),
    )
