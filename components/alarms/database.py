"""Alarms of a database."""

from dataclasses import replace

from components import metrics, signals
from components.alarms.alarm import Alarm

BUSY_PERCENT = 80
# RDS makes more when a tenth is left, if it may still grow.
LEAST_STORAGE_PERCENT = 8
SLOW_SECONDS = 0.05


def of_database(signal: signals.DatabaseSignal) -> list[Alarm]:
    name = f"database-{signal.purpose}"
    busy = Alarm(
        purpose=f"{name}-cpu",
        meaning=f"The database {signal.purpose} has used more than {BUSY_PERCENT} % of its processors for 15 minutes.",
        runbook="catalogue",
        metrics={"cpu": metrics.database(signal, "CPUUtilization")},
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
            metrics={"free": metrics.database(signal, "FreeStorageSpace", "Minimum")},
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
            metrics={"connections": metrics.database(signal, "DatabaseConnections", "Maximum")},
            above=signal.connections,
        ),
        *(
            replace(
                busy,
                purpose=f"{name}-{what}-latency",
                meaning=f"The database {signal.purpose} has taken more than {SLOW_SECONDS * 1000:g} ms for each {what} "
                "for 15 minutes.",
                metrics={"latency": metrics.database(signal, f"{what.capitalize()}Latency")},
                above=SLOW_SECONDS,
            )
            for what in ("read", "write")
        ),
    ]
