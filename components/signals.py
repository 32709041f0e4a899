"""What components say about the things that they made, for whoever watches them. They do not know who that is."""

from dataclasses import dataclass

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
class CertificateSignal:
    """A certificate in ACM."""

    purpose: str
    arn: pulumi.Input[str]


Signal = (
    FunctionSignal | QueueSignal | MachineSignal | TableSignal | TopicSignal | DistributionSignal | CertificateSignal
)
