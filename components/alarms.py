"""Which alarms each thing gets. Pure: signals in, alarms out; `observability.py` makes them.

Nothing here is ever measured when nothing happens, so data that is missing means that all is well.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import singledispatch
from typing import Final

import pulumi

from components.signals import (
    CertificateSignal,
    DatabaseSignal,
    DistributionSignal,
    FirewallSignal,
    FunctionSignal,
    MachineSignal,
    QueueSignal,
    Signal,
    TableSignal,
    TopicSignal,
)
from runtime.domain import metrics

GLOBAL_REGION = "us-east-1"
"""Where CloudFront's metrics are, wherever the stack is. An alarm has to be where its metrics and its topic are."""

MINUTE, FIVE_MINUTES, DAY = 60, 300, 24 * 3600
# What is quick answers within seconds; whatever is not may take up to this share of its timeout.
QUICK_SECONDS = 5
SHARE_OF_TIMEOUT = 0.8
# Five receives, three minutes apart, take a message that fails to the dead letters within this time.
OLDEST_SECONDS = 900
WAITING_MESSAGES = 1000
# One expired link among a few requests is no outage.
FEWEST_REQUESTS = 20
CLIENT_ERRORS_PERCENT = 20
SERVER_ERRORS_PERCENT = 1
# Scanners come by all day; this many at once, and again, is somebody who means it, or a rule that is wrong.
REFUSED_REQUESTS = 100
BUSY_PERCENT = 80
# RDS makes more when a tenth is left, if it may still grow.
LEAST_STORAGE_PERCENT = 8
SLOW_SECONDS = 0.05
# Two weeks after a deployment would have renewed it, if there had been one.
LEAST_DAYS = 45


@dataclass(frozen=True, kw_only=True, slots=True)
class Metric:
    """One metric of CloudWatch; `stat` is a statistic ("Sum", "Maximum", "Average") or a percentile ("p99").

    `edge` is where CloudFront's metrics are.
    """

    namespace: str
    name: str
    dimensions: Mapping[str, pulumi.Input[str]]
    stat: str
    edge: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Alarm:
    """Rings when the value is `above` the threshold in `breaching` of the last `periods` periods.

    The value is the only metric, or `expression` over the ids of several. `lasting` is what goes on until it is mended:
    its end is told as well. That five minutes passed without another failed file, for one, is no news.
    """

    purpose: str
    meaning: str
    runbook: str
    metrics: Mapping[str, Metric]
    above: float
    expression: str = ""
    period_seconds: int = FIVE_MINUTES
    periods: int = 1
    breaching: int = 1
    lasting: bool = False

    @property
    def edge(self) -> bool:
        """Whether it has to be where CloudFront's metrics are."""
        return any(metric.edge for metric in self.metrics.values())

    @property
    def description(self) -> str:
        """What the mail says."""
        return f"{self.meaning} What to do: docs/runbooks/{self.runbook}.md"


@singledispatch
def alarms(signal: Signal) -> list[Alarm]:
    """All alarms of one thing; their purposes are unique within a stack."""
    raise TypeError(f"there are no alarms for {type(signal).__name__}")


def function_metric(signal: FunctionSignal, name: str, stat: str) -> Metric:
    return Metric(namespace="AWS/Lambda", name=name, dimensions={"FunctionName": signal.name}, stat=stat)


def refusals(signal: FunctionSignal) -> Metric:
    """Files that the function refused: Lambda counts them as errors, and nobody has to do anything about them."""
    dimensions: Final = {metrics.FUNCTION: signal.name}
    return Metric(namespace=metrics.NAMESPACE, name=metrics.REFUSED, dimensions=dimensions, stat="Sum")


def queue_metric(signal: QueueSignal, name: str, stat: str = "Maximum") -> Metric:
    return Metric(namespace="AWS/SQS", name=name, dimensions={"QueueName": signal.name}, stat=stat)


def machine_metric(signal: MachineSignal, name: str, stat: str = "Sum") -> Metric:
    return Metric(namespace="AWS/States", name=name, dimensions={"StateMachineArn": signal.arn}, stat=stat)


def table_metric(signal: TableSignal, name: str) -> Metric:
    return Metric(namespace="AWS/DynamoDB", name=name, dimensions={"TableName": signal.name}, stat="Sum")


def topic_metric(signal: TopicSignal, name: str) -> Metric:
    return Metric(namespace="AWS/SNS", name=name, dimensions={"TopicName": signal.name}, stat="Sum")


def distribution_metric(signal: DistributionSignal, name: str, stat: str) -> Metric:
    dimensions: dict[str, pulumi.Input[str]] = {"DistributionId": signal.id, "Region": "Global"}
    return Metric(namespace="AWS/CloudFront", name=name, dimensions=dimensions, stat=stat, edge=True)


def firewall_metric(signal: FirewallSignal, name: str) -> Metric:
    dimensions: dict[str, pulumi.Input[str]] = {"WebACL": signal.metric, "Rule": "ALL"}
    if signal.region is not None:
        dimensions["Region"] = signal.region
    edge = signal.region is None
    return Metric(namespace="AWS/WAFV2", name=name, dimensions=dimensions, stat="Sum", edge=edge)


def database_metric(signal: DatabaseSignal, name: str, stat: str = "Average") -> Metric:
    dimensions: Final = {"DBInstanceIdentifier": signal.identifier}
    return Metric(namespace="AWS/RDS", name=name, dimensions=dimensions, stat=stat)


def certificate_metric(signal: CertificateSignal) -> Metric:
    dimensions: dict[str, pulumi.Input[str]] = {"CertificateArn": signal.arn}
    return Metric(namespace="AWS/CertificateManager", name="DaysToExpiry", dimensions=dimensions, stat="Minimum")


@alarms.register
def _function(signal: FunctionSignal) -> list[Alarm]:
    name = f"function-{signal.purpose}"
    seconds = SHARE_OF_TIMEOUT * signal.timeout_seconds
    if signal.quick:
        seconds = min(QUICK_SECONDS, seconds)
    return [
        Alarm(
            purpose=f"{name}-errors",
            meaning=f"The function {signal.purpose} failed, and not because a file was refused.",
            runbook=signal.runbook,
            metrics={"errors": function_metric(signal, "Errors", "Sum"), "refused": refusals(signal)},
            expression="errors - FILL(refused, 0)",
            above=0,
        ),
        Alarm(
            purpose=f"{name}-throttles",
            meaning=f"The function {signal.purpose} was called more often at once than the account allows.",
            runbook="function-throttles",
            metrics={"throttles": function_metric(signal, "Throttles", "Sum")},
            above=0,
        ),
        Alarm(
            purpose=f"{name}-duration",
            meaning=f"Function {signal.purpose} took more than {seconds:g} of its {signal.timeout_seconds} seconds.",
            runbook="function-duration",
            metrics={"duration": function_metric(signal, "Duration", "p99")},
            above=seconds * 1000,
        ),
    ]


@alarms.register
def _queue(signal: QueueSignal) -> list[Alarm]:
    if signal.dead_letters:
        return [_dead_letters(signal)]
    return [
        Alarm(
            purpose=f"queue-{signal.purpose}-age",
            meaning=f"A message has waited in queue {signal.purpose} for more than {OLDEST_SECONDS // 60} minutes.",
            runbook="queue-age",
            metrics={"age": queue_metric(signal, "ApproximateAgeOfOldestMessage")},
            above=OLDEST_SECONDS,
            lasting=True,
        ),
        Alarm(
            purpose=f"queue-{signal.purpose}-depth",
            meaning=f"More than {WAITING_MESSAGES} messages have waited in the queue {signal.purpose} for 15 minutes.",
            runbook="queue-depth",
            metrics={"waiting": queue_metric(signal, "ApproximateNumberOfMessagesVisible")},
            above=WAITING_MESSAGES,
            periods=3,
            breaching=3,
            lasting=True,
        ),
    ]


def _dead_letters(signal: QueueSignal) -> Alarm:
    return Alarm(
        purpose=f"queue-{signal.purpose}-dead-letters",
        meaning=f"Messages that nobody could handle lie among the dead letters of {signal.purpose}.",
        runbook="dead-letters",
        metrics={"waiting": queue_metric(signal, "ApproximateNumberOfMessagesVisible")},
        above=0,
        period_seconds=MINUTE,
        lasting=True,
    )


@alarms.register
def _machine(signal: MachineSignal) -> list[Alarm]:
    failed = Alarm(
        purpose=f"machine-{signal.purpose}-failed",
        meaning=f"Files failed: executions of the state machine {signal.purpose} ended as failed.",
        runbook="executions-failed",
        metrics={"executions": machine_metric(signal, "ExecutionsFailed")},
        above=0,
    )
    return [
        failed,
        replace(
            failed,
            purpose=f"machine-{signal.purpose}-timed-out",
            meaning=f"Executions of the state machine {signal.purpose} did not end within a day.",
            runbook="executions-timed-out",
            metrics={"executions": machine_metric(signal, "ExecutionsTimedOut")},
        ),
        replace(
            failed,
            purpose=f"machine-{signal.purpose}-throttled",
            meaning=f"Executions of the state machine {signal.purpose} are held back by an account's limit.",
            runbook="executions-throttled",
            metrics={"executions": machine_metric(signal, "ExecutionThrottled")},
        ),
    ]


@alarms.register
def _table(signal: TableSignal) -> list[Alarm]:
    throttles = Alarm(
        purpose=f"table-{signal.purpose}-throttles",
        meaning=f"The table {signal.purpose} refused reads or writes because there were too many.",
        runbook="table-throttles",
        metrics={
            "reads": table_metric(signal, "ReadThrottleEvents"),
            "writes": table_metric(signal, "WriteThrottleEvents"),
        },
        expression="FILL(reads, 0) + FILL(writes, 0)",
        above=0,
    )
    return [throttles]


@alarms.register
def _topic(signal: TopicSignal) -> list[Alarm]:
    failed = Alarm(
        purpose=f"topic-{signal.purpose}-failed",
        meaning=f"Messages of the topic {signal.purpose} did not reach a subscriber.",
        runbook="notifications-failed",
        metrics={"failed": topic_metric(signal, "NumberOfNotificationsFailed")},
        above=0,
    )
    return [failed]


@alarms.register
def _distribution(signal: DistributionSignal) -> list[Alarm]:
    requests = distribution_metric(signal, "Requests", "Sum")
    client = Alarm(
        purpose=f"distribution-{signal.purpose}-4xx",
        meaning=f"More than {CLIENT_ERRORS_PERCENT} % of the requests to distribution {signal.purpose} are refused.",
        runbook="delivery-errors",
        metrics={"requests": requests, "rate": distribution_metric(signal, "4xxErrorRate", "Average")},
        expression=f"IF(requests >= {FEWEST_REQUESTS}, rate, 0)",
        above=CLIENT_ERRORS_PERCENT,
        periods=3,
        breaching=2,
        lasting=True,
    )
    server = replace(
        client,
        purpose=f"distribution-{signal.purpose}-5xx",
        meaning=f"More than {SERVER_ERRORS_PERCENT} % of the requests to distribution {signal.purpose} fail.",
        runbook="delivery-errors",
        metrics={"rate": distribution_metric(signal, "5xxErrorRate", "Average")},
        expression="",
        above=SERVER_ERRORS_PERCENT,
    )
    return [client, server]


@alarms.register
def _database(signal: DatabaseSignal) -> list[Alarm]:
    name = f"database-{signal.purpose}"
    busy = Alarm(
        purpose=f"{name}-cpu",
        meaning=f"The database {signal.purpose} has used more than {BUSY_PERCENT} % of its processors for 15 minutes.",
        runbook="catalogue",
        metrics={"cpu": database_metric(signal, "CPUUtilization")},
        above=BUSY_PERCENT,
        periods=3,
        breaching=3,
        lasting=True,
    )
    return [
        busy,
        replace(
            busy,
            purpose=f"{name}-storage",
            meaning=f"The database {signal.purpose} has less than {LEAST_STORAGE_PERCENT} % of its first storage left.",
            metrics={"free": database_metric(signal, "FreeStorageSpace", "Minimum")},
            # Alarms ring above something; what is free runs the other way.
            expression="0 - free",
            above=-signal.storage_bytes * LEAST_STORAGE_PERCENT // 100,
            periods=1,
            breaching=1,
        ),
        replace(
            busy,
            purpose=f"{name}-connections",
            meaning=f"The database {signal.purpose} has more than {signal.connections} connections.",
            metrics={"connections": database_metric(signal, "DatabaseConnections", "Maximum")},
            above=signal.connections,
        ),
        *(
            replace(
                busy,
                purpose=f"{name}-{what}-latency",
                meaning=f"The database {signal.purpose} has taken more than {SLOW_SECONDS * 1000:g} ms for each {what} "
                "for 15 minutes.",
                metrics={"latency": database_metric(signal, f"{what.capitalize()}Latency")},
                above=SLOW_SECONDS,
            )
            for what in ("read", "write")
        ),
    ]


@alarms.register
def _certificate(signal: CertificateSignal) -> list[Alarm]:
    ends = Alarm(
        purpose=f"certificate-{signal.purpose}-ends",
        meaning=f"The certificate {signal.purpose} ends in less than {LEAST_DAYS} days, and nobody has renewed it.",
        runbook="certificate-ends",
        metrics={"days": certificate_metric(signal)},
        # Alarms ring above something; days run the other way.
        expression="0 - days",
        above=-LEAST_DAYS,
        period_seconds=DAY,
        lasting=True,
    )
    return [ends]


@alarms.register
def _firewall(signal: FirewallSignal) -> list[Alarm]:
    surge = Alarm(
        purpose=f"firewall-{signal.purpose}-blocked",
        meaning=f"Firewall {signal.purpose} refused more than {REFUSED_REQUESTS} requests in five minutes, repeatedly.",
        runbook="firewall-blocked",
        metrics={"blocked": firewall_metric(signal, "BlockedRequests")},
        above=REFUSED_REQUESTS,
        periods=3,
        breaching=2,
        lasting=True,
    )
    return [surge]
