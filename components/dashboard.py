"""The one dashboard: the state of all alarms on top, below it a graph of each metric that an alarm looks at."""

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi

from components.alarms import GLOBAL_REGION, Alarm, Metric

WIDTH = 24
COLUMNS = 3
HEIGHT = 6
ALARMS_HEIGHT = 4
PERIOD_SECONDS = 300


def body(alarms: Sequence[Alarm], alarm_arns: Sequence[pulumi.Output[str]], region: str) -> Any:
    """The dashboard's content: for each metric one graph, with a line for each thing that has it."""
    graphs: dict[tuple[str, str], list[Metric]] = {}
    far = {metric.namespace for alarm in alarms if alarm.edge for metric in alarm.metrics.values()}
    for alarm in alarms:
        for metric in alarm.metrics.values():
            graphs.setdefault((metric.namespace, metric.name), []).append(metric)
    states = {
        "type": "alarm",
        "x": 0,
        "y": 0,
        "width": WIDTH,
        "height": ALARMS_HEIGHT,
        "properties": {"title": "Alarms", "alarms": list(alarm_arns)},
    }
    drawn = [
        _graph(index, f"{namespace.removeprefix('AWS/')}: {name}", lines, GLOBAL_REGION if namespace in far else region)
        for index, ((namespace, name), lines) in enumerate(graphs.items())
    ]
    return {"widgets": [states, *drawn]}


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
