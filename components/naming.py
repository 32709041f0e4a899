"""Names of resources: one place that knows how long and of which letters each service lets them be."""

import hashlib
import re
from dataclasses import dataclass

import pulumi

# Longest physical name, in characters, by service (AWS service references).
LIMITS = {
    "alarm": 255,
    "alias": 250,
    # API Gateway says no limit for these; 255 is what its console takes.
    "api": 255,
    "api key": 255,
    "usage plan": 255,
    "bucket": 63,
    "bus": 256,
    "dashboard": 255,
    "database": 63,
    "delivery": 64,
    "firewall": 128,
    "function": 64,
    "key": 256,
    "log delivery": 60,
    "log group": 512,
    "machine": 80,
    "network": 255,
    "plan": 64,
    "policy": 128,
    "pool": 128,
    # CloudFront takes 128 letters; a digest and a random end follow.
    "public key": 100,
    "queue": 80,
    "role": 64,
    "rule": 64,
    "secret": 512,
    # A part of a host name.
    "sign-in": 63,
    "table": 255,
    "topic": 256,
}
# Pulumi appends a dash and seven hexadecimal digits to a name that is not given.
SUFFIX = 8
HASH = 6


@dataclass(frozen=True, kw_only=True, slots=True)
class Names:
    """Names of one stack of one project."""

    project: str
    stack: str

    @property
    def prefix(self) -> str:
        """What all names begin with that were not cut: `PROJECT-STACK-`."""
        return _safe(f"{self.project}-{self.stack}-")

    def of(self, kind: str, purpose: str) -> str:
        """Logical name of a resource whose physical name Pulumi makes from it, with a suffix of its own."""
        return self._fit(purpose, LIMITS[kind] - SUFFIX)

    def exact(self, kind: str, purpose: str) -> str:
        """Physical name, for the few resources whose name or ARN is needed before they exist."""
        return self._fit(purpose, LIMITS[kind])

    def _fit(self, purpose: str, limit: int) -> str:
        whole = f"{self.prefix}{_safe(purpose)}"
        if len(whole) <= limit:
            return whole
        digest = hashlib.sha256(whole.encode()).hexdigest()[:HASH]
        return f"{whole[: limit - HASH - 1].rstrip('-')}-{digest}"


def current() -> Names:
    """Names of the stack that runs."""
    return Names(project=pulumi.get_project(), stack=pulumi.get_stack())


def _safe(text: str) -> str:
    return re.sub(r"[^a-z0-9-]+", "-", text.lower())
