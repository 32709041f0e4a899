"""The distribution: what the world reaches. Files by signed links and, where there is one, the page and the API."""

from components.distribution.component import Distribution, DistributionArgs, Links
from components.distribution.site import Site
from components.firewall import Firewall
from components.function import Home
from components.settings import Settings
from components.storage import SecureStorage

__all__ = ["Distribution", "DistributionArgs", "Links", "Site", "make_distribution"]


def make_distribution(
    home: Home, storage: SecureStorage, firewall: Firewall | None, site: Site | None, wanted: Settings
) -> Distribution:
    """The distribution as the stack's settings want it, with a page and an API if there is a `site`."""
    return Distribution(
        "distribution",
        DistributionArgs(
            home=home,
            storage=storage,
            delivery=wanted.delivery,
            protected=wanted.protection.deletion,
            firewall=firewall,
            site=site,
        ),
    )
