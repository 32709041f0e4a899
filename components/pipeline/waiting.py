"""What the pipeline needs to know of a malware gate; it does not know who made it."""

from dataclasses import dataclass

import pulumi


@dataclass(frozen=True, kw_only=True, slots=True)
class ScanStep:
    """The function that a run waits with, and how long it waits. Uploads under the key `ignored` are nobody's files."""

    function_arn: pulumi.Output[str]
    timeout_seconds: int
    ignored: str
