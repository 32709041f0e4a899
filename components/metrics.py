"""Metrics of CloudWatch: what is measured of each thing, and where to find it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import pulumi

from components import signals
from runtime.domain.metrics import FUNCTION, NAMESPACE, REFUSED

GLOBAL_REGION = "us-east-1"
"""Where CloudFront's metrics are, wherever the stack is. An alarm has to be where its metrics and its topic are."""


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


def function(signal: signals.FunctionSignal, name: str, stat: str) -> Metric:
    return Metric(namespace="AWS/Lambda", name=name, dimensions={"FunctionName": signal.name}, stat=stat)


def refusals(signal: signals.FunctionSignal) -> Metric:
    """Files that the function refused: Lambda counts them as errors, and nobody has to do anything about them."""
    dimensions: Final = {FUNCTION: signal.name}
    return Metric(namespace=NAMESPACE, name=REFUSED, dimensions=dimensions, stat="Sum")


def queue(signal: signals.QueueSignal, name: str, stat: str = "Maximum") -> Metric:
    return Metric(namespace="AWS/SQS", name=name, dimensions={"QueueName": signal.name}, stat=stat)


def machine(signal: signals.MachineSignal, name: str, stat: str = "Sum") -> Metric:
    return Metric(namespace="AWS/States", name=name, dimensions={"StateMachineArn": signal.arn}, stat=stat)


def table(signal: signals.TableSignal, name: str) -> Metric:
    return Metric(namespace="AWS/DynamoDB", name=name, dimensions={"TableName": signal.name}, stat="Sum")


def topic(signal: signals.TopicSignal, name: str) -> Metric:
    return Metric(namespace="AWS/SNS", name=name, dimensions={"TopicName": signal.name}, stat="Sum")


def distribution(signal: signals.DistributionSignal, name: str, stat: str) -> Metric:
    dimensions: dict[str, pulumi.Input[str]] = {"DistributionId": signal.id, "Region": "Global"}
    return Metric(namespace="AWS/CloudFront", name=name, dimensions=dimensions, stat=stat, edge=True)


def firewall(signal: signals.FirewallSignal, name: str) -> Metric:
    dimensions: dict[str, pulumi.Input[str]] = {"WebACL": signal.metric, "Rule": "ALL"}
    if signal.region is not None:
        dimensions["Region"] = signal.region
    edge = signal.region is None
    return Metric(namespace="AWS/WAFV2", name=name, dimensions=dimensions, stat="Sum", edge=edge)


def api(signal: signals.ApiSignal, name: str, stat: str) -> Metric:
    dimensions: dict[str, pulumi.Input[str]] = {"ApiName": signal.name, "Stage": signal.stage}
    return Metric(namespace="AWS/ApiGateway", name=name, dimensions=dimensions, stat=stat)


def database(signal: signals.DatabaseSignal, name: str, stat: str = "Average") -> Metric:
    dimensions: Final = {"DBInstanceIdentifier": signal.identifier}
    return Metric(namespace="AWS/RDS", name=name, dimensions=dimensions, stat=stat)


def certificate(signal: signals.CertificateSignal) -> Metric:
    dimensions: dict[str, pulumi.Input[str]] = {"CertificateArn": signal.arn}
    return Metric(namespace="AWS/CertificateManager", name="DaysToExpiry", dimensions=dimensions, stat="Minimum")
