"""The distribution: what the world reaches. Files by signed links and, where there is one, the page and the API."""

from components.distribution.component import Distribution, DistributionArgs, Links
from components.distribution.site import Site

__all__ = ["Distribution", "DistributionArgs", "Links", "Site"]
