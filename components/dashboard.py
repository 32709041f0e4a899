"""The one dashboard: the state of all alarms on top, below it what goes on and what the alarms look at."""

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi

from components import metrics
from components.alarms import Alarm
from components.metrics import GLOBAL_REGION, Metric
from components.signals import (
    ApiSignal,
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

WIDTH = 24
COLUMNS = 3
HEIGHT = 6
ALARMS_HEIGHT = 4
PERIOD_SECONDS = 300


def body(
    signals: Sequence[Signal], alarms: Sequence[Alarm], alarm_arns: Sequence[pulumi.Input[str]], region: str
) -> Any:
    """The dashboard's content: for each metric one graph, with a line for each thing that has it."""
    watched = [metric for alarm in alarms for metric in alarm.metrics.values()]
    graphs: dict[tuple[bool, str, str], list[Metric]] = {}
    for metric in [*(metric for signal in signals for metric in activity(signal)), *watched]:
        graphs.setdefault((metric.edge, metric.namespace, metric.name), []).append(metric)
    states = {
        "type": "alarm",
        "x": 0,
        "y": 0,
        "width": WIDTH,
        "height": ALARMS_HEIGHT,
        "properties": {"title": "Alarms", "alarms": list(alarm_arns)},
    }
    drawn = [
        _graph(index, f"{namespace.removeprefix('AWS/')}: {name}", lines, GLOBAL_REGION if edge else region)
        for index, ((edge, namespace, name), lines) in enumerate(graphs.items())
    ]
    return {"widgets": [states, *drawn]}


def activity(signal: Signal) -> list[Metric]:
    """What shows that a thing is at work, and how hard; no alarm looks at it."""
    shown: list[Metric]
    match signal:
        case FunctionSignal():
            shown = [
                metrics.function(signal, "Invocations", "Sum"),
                metrics.function(signal, "ConcurrentExecutions", "Maximum"),
            ]
        case QueueSignal():
            shown = [metrics.queue(signal, "NumberOfMessagesSent", "Sum")]
        case MachineSignal():
            shown = [
                metrics.machine(signal, "ExecutionsStarted"),
                metrics.machine(signal, "ExecutionsSucceeded"),
                metrics.machine(signal, "ExecutionTime", "p99"),
            ]
        case TableSignal():
            shown = [
                metrics.table(signal, "ConsumedReadCapacityUnits"),
                metrics.table(signal, "ConsumedWriteCapacityUnits"),
            ]
        case TopicSignal():
            shown = [metrics.topic(signal, "NumberOfMessagesPublished")]
        case DistributionSignal():
            shown = [metrics.distribution(signal, "BytesDownloaded", "Sum")]
        case ApiSignal():
            shown = [metrics.api(signal, "Count", "Sum"), metrics.api(signal, "IntegrationLatency", "p95")]
        case FirewallSignal():
            shown = [metrics.firewall(signal, "AllowedRequests"), metrics.firewall(signal, "CountedRequests")]
        case DatabaseSignal():
            shown = [metrics.database(signal, name) for name in ("ReadIOPS", "WriteIOPS", "DBLoad", "FreeableMemory")]
        case CertificateSignal():
            shown = []
    return shown


def _graph(index: int, title: str, lines: Sequence[Metric], region: str) -> dict[str, Any]:
    return {
        "type": "metric",
        "x": index % COLUMNS * (WIDTH // COLUMNS),
        "y": ALARMS_HEIGHT + index // COLUMNS * HEIGHT,
        "width": WIDTH // COLUMNS,
        "height": HEIGHT,
        "properties": {
            "title": title,
            "region": region,
            "stat": lines[0].stat,
            "period": PERIOD_SECONDS,
            "metrics": [[line.namespace, line.name, *_flat(line.dimensions)] for line in lines],
        },
    }


def _flat(dimensions: Mapping[str, pulumi.Input[str]]) -> list[pulumi.Input[str]]:
    return [text for pair in dimensions.items() for text in pair]
