"""What components say about the things that they made, for whoever watches them. They do not know who that is."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import pulumi


@dataclass(frozen=True, kw_only=True, slots=True)
class FunctionSignal:
    """A function; `quick` ones are expected to answer within seconds, whatever their timeout.

    `runbook` says what to do when it fails.
    """

    purpose: str
    name: pulumi.Output[str]
    timeout_seconds: int
    quick: bool
    runbook: str = "function-errors"


@dataclass(frozen=True, kw_only=True, slots=True)
class QueueSignal:
    """A queue; nothing may ever lie in one that holds dead letters."""

    purpose: str
    name: pulumi.Output[str]
    dead_letters: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class MachineSignal:
    """A state machine."""

    purpose: str
    arn: pulumi.Output[str]


@dataclass(frozen=True, kw_only=True, slots=True)
class TableSignal:
    """A DynamoDB table."""

    purpose: str
    name: pulumi.Output[str]


@dataclass(frozen=True, kw_only=True, slots=True)
class TopicSignal:
    """An SNS topic."""

    purpose: str
    name: pulumi.Output[str]


@dataclass(frozen=True, kw_only=True, slots=True)
class DistributionSignal:
    """A CloudFront distribution."""

    purpose: str
    id: pulumi.Output[str]


@dataclass(frozen=True, kw_only=True, slots=True)
class ApiSignal:
    """A stage of a REST API, by the API's name."""

    purpose: str
    name: pulumi.Output[str]
    stage: str


@dataclass(frozen=True, kw_only=True, slots=True)
class CertificateSignal:
    """A certificate in ACM."""

    purpose: str
    arn: pulumi.Input[str]


@dataclass(frozen=True, kw_only=True, slots=True)
class FirewallSignal:
    """A web ACL, by the name that its metrics have; `region` None is CloudFront's."""

    purpose: str
    metric: str
    region: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class DatabaseSignal:
    """An RDS instance; `storage_bytes` is what it has at first, `connections` what is more than it ever should have."""

    purpose: str
    identifier: pulumi.Output[str]
    storage_bytes: int
    connections: int


Signal = (
    FunctionSignal
    | QueueSignal
    | MachineSignal
    | TableSignal
    | TopicSignal
    | DistributionSignal
    | ApiSignal
    | CertificateSignal
    | DatabaseSignal
    | FirewallSignal
)


class Watched(Protocol):
    """Something that says what there is to watch."""

    @property
    def signals(self) -> Sequence[Signal]: ...


def of(*parts: Watched | None) -> list[Signal]:
    """All signals of those parts that the stack has."""
    return [signal for part in parts if part is not None for signal in part.signals]
