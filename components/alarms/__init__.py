"""Which alarms each thing gets. Pure: signals in, alarms out; `observability.py` makes them.

Nothing here is ever measured when nothing happens, so data that is missing means that all is well.
"""

from collections.abc import Callable, Mapping
from typing import Any

from components import signals
from components.alarms import database, edge, flow
from components.alarms.alarm import Alarm

__all__ = ["Alarm", "alarms"]

RULES: Mapping[type[Any], Callable[[Any], list[Alarm]]] = {
    signals.FunctionSignal: flow.of_function,
    signals.QueueSignal: flow.of_queue,
    signals.MachineSignal: flow.of_machine,
    signals.TableSignal: flow.of_table,
    signals.TopicSignal: flow.of_topic,
    signals.DistributionSignal: edge.of_distribution,
    signals.ApiSignal: edge.of_api,
    signals.FirewallSignal: edge.of_firewall,
    signals.CertificateSignal: edge.of_certificate,
    signals.DatabaseSignal: database.of_database,
}


def alarms(signal: signals.Signal) -> list[Alarm]:
    """All alarms of one thing; their purposes are unique within a stack."""
    rule = RULES.get(type(signal))
    if rule is None:
        raise TypeError(f"there are no alarms for {type(signal).__name__}")
    return rule(signal)
