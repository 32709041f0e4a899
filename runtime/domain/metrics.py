"""What functions count about themselves, as lines of log that CloudWatch turns into metrics.

Format: CloudWatch's embedded metric format, version 0.
"""

import json

NAMESPACE = "Penstock"
REFUSED = "Refused"
FUNCTION = "FunctionName"


def refusal(function: str, started_ms: int) -> str:
    """One file was refused by `function`, in the call that began at `started_ms` (milliseconds since 1970).

    Lambda counts every raised error, and dates it to the call's beginning; so must this be, for an alarm to take the
    one from the other.
    """
    metrics = [{"Name": REFUSED, "Unit": "Count"}]
    directive = {"Namespace": NAMESPACE, "Dimensions": [[FUNCTION]], "Metrics": metrics}
    line = {"_aws": {"Timestamp": started_ms, "CloudWatchMetrics": [directive]}, FUNCTION: function, REFUSED: 1}
    return json.dumps(line)
