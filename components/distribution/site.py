"""What a distribution serves beside files: the API and the page (ADR 14)."""

from dataclasses import dataclass

import pulumi

API_PATH = "/api/*"
RESULTS_PREFIX = "results"
"""Where the output bucket keeps what runs wrote."""
PAGE_PREFIX = "page"
"""Where the page's files lie in the delivery bucket."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Site:
    """`api_domain` is the host name of the API, whose stage is called `api`, and which is told `secret` in `header`.

    `sign_in_origin` is where people sign in. None of it may depend on the distribution, which depends on it: functions
    that sign links know the distribution, so the gateway has to name functions by the ARNs that they will have.
    """

    api_domain: pulumi.Output[str]
    header: str
    secret: pulumi.Output[str]
    sign_in_origin: pulumi.Input[str] | None = None
