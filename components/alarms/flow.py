"""Alarms of what files run through."""

from dataclasses import replace

from components import metrics, signals
from components.alarms.alarm import MINUTE, Alarm

# What is quick answers within seconds; whatever is not may take up to this share of its timeout.
QUICK_SECONDS = 5
SHARE_OF_TIMEOUT = 0.8
# Five receives, three minutes apart, take a message that fails to the dead letters within this time.
OLDEST_SECONDS = 900
WAITING_MESSAGES = 1000


def of_function(signal: signals.FunctionSignal) -> list[Alarm]:
    name = f"function-{signal.purpose}"
    seconds = SHARE_OF_TIMEOUT * signal.timeout_seconds
    if signal.quick:
        seconds = min(QUICK_SECONDS, seconds)
    return [
        Alarm(
            purpose=f"{name}-errors",
            meaning=f"The function {signal.purpose} failed, and not because a file was refused.",
            runbook=signal.runbook,
            metrics={"errors": metrics.function(signal, "Errors", "Sum"), "refused": metrics.refusals(signal)},
            expression="errors - FILL(refused, 0)",
            above=0,
        ),
        Alarm(
            purpose=f"{name}-throttles",
            meaning=f"The function {signal.purpose} was called more often at once than the account allows.",
            runbook="function-throttles",
            metrics={"throttles": metrics.function(signal, "Throttles", "Sum")},
            above=0,
        ),
        Alarm(
            purpose=f"{name}-duration",
            meaning=f"Function {signal.purpose} took more than {seconds:g} of its {signal.timeout_seconds} seconds.",
            runbook="function-duration",
            metrics={"duration": metrics.function(signal, "Duration", "p99")},
            above=seconds * 1000,
        ),
    ]


def of_queue(signal: signals.QueueSignal) -> list[Alarm]:
    if signal.dead_letters:
        return [_dead_letters(signal)]
    return [
        Alarm(
            purpose=f"queue-{signal.purpose}-age",
            meaning=f"A message has waited in queue {signal.purpose} for more than {OLDEST_SECONDS // 60} minutes.",
            runbook="queue-age",
            metrics={"age": metrics.queue(signal, "ApproximateAgeOfOldestMessage")},
            above=OLDEST_SECONDS,
            lasting=True,
        ),
        Alarm(
            purpose=f"queue-{signal.purpose}-depth",
            meaning=f"More than {WAITING_MESSAGES} messages have waited in the queue {signal.purpose} for 15 minutes.",
            runbook="queue-depth",
            metrics={"waiting": metrics.queue(signal, "ApproximateNumberOfMessagesVisible")},
            above=WAITING_MESSAGES,
            periods=3,
            breaching=3,
            lasting=True,
        ),
    ]


def _dead_letters(signal: signals.QueueSignal) -> Alarm:
    return Alarm(
        purpose=f"queue-{signal.purpose}-dead-letters",
        meaning=f"Messages that nobody could handle lie among the dead letters of {signal.purpose}.",
        runbook="dead-letters",
        metrics={"waiting": metrics.queue(signal, "ApproximateNumberOfMessagesVisible")},
        above=0,
        period_seconds=MINUTE,
        lasting=True,
    )


def of_machine(signal: signals.MachineSignal) -> list[Alarm]:
    failed = Alarm(
        purpose=f"machine-{signal.purpose}-failed",
        meaning=f"Files failed: executions of the state machine {signal.purpose} ended as failed.",
        runbook="executions-failed",
        metrics={"executions": metrics.machine(signal, "ExecutionsFailed")},
        above=0,
    )
    return [
        failed,
        replace(
            failed,
            purpose=f"machine-{signal.purpose}-timed-out",
            meaning=f"Executions of the state machine {signal.purpose} did not end within a day.",
            runbook="executions-timed-out",
            metrics={"executions": metrics.machine(signal, "ExecutionsTimedOut")},
        ),
        replace(
            failed,
            purpose=f"machine-{signal.purpose}-throttled",
            meaning=f"Executions of the state machine {signal.purpose} are held back by an account's limit.",
            runbook="executions-throttled",
            metrics={"executions": metrics.machine(signal, "ExecutionThrottled")},
        ),
    ]


def of_table(signal: signals.TableSignal) -> list[Alarm]:
    throttles = Alarm(
        purpose=f"table-{signal.purpose}-throttles",
        meaning=f"The table {signal.purpose} refused reads or writes because there were too many.",
        runbook="table-throttles",
        metrics={
            "reads": metrics.table(signal, "ReadThrottleEvents"),
            "writes": metrics.table(signal, "WriteThrottleEvents"),
        },
        expression="FILL(reads, 0) + FILL(writes, 0)",
        above=0,
    )
    return [throttles]


def of_topic(signal: signals.TopicSignal) -> list[Alarm]:
    failed = Alarm(
        purpose=f"topic-{signal.purpose}-failed",
        meaning=f"Messages of the topic {signal.purpose} did not reach a subscriber.",
        runbook="notifications-failed",
        metrics={"failed": metrics.topic(signal, "NumberOfNotificationsFailed")},
        above=0,
    )
    return [failed]
