"""Names of resources: one place that knows how long and of which letters each service lets them be."""

import hashlib
import re
from dataclasses import dataclass

import pulumi

# Longest physical name, in characters, by service (AWS service references).
LIMITS = {
    "accounts": 128,
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
# A pool of accounts has an id like `eu-central-1_a1B2c3`, and the provider takes nothing of another form for one. A
# name of that form does as an id wherever names stand in for ids: in a check of the program that makes nothing.
JOINTS = {"accounts": "_"}
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
        return self._fit(purpose, LIMITS[kind] - SUFFIX, "-")

    def exact(self, kind: str, purpose: str) -> str:
        """Physical name, for the few resources whose name or ARN is needed before they exist."""
        return self._fit(purpose, LIMITS[kind], JOINTS.get(kind, "-"))

    def _fit(self, purpose: str, limit: int, joint: str) -> str:
        whole = f"{self.prefix[:-1]}{joint}{_safe(purpose)}"
        if len(whole) <= limit:
            return whole
        digest = hashlib.sha256(whole.encode()).hexdigest()[:HASH]
        return f"{whole[: limit - HASH - 1].rstrip('-')}{joint}{digest}"


def current() -> Names:
    """Names of the stack that runs."""
    return Names(project=pulumi.get_project(), stack=pulumi.get_stack())


def _safe(text: str) -> str:
    return re.sub(r"[^a-z0-9-]+", "-", text.lower())
