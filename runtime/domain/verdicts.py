"""The malware gate: a run waits for the verdict of the very version that it is about (ADR 9).

Whoever comes second answers. A run first records its token and then looks for a verdict; a verdict is first recorded
and then looks for tokens. So one of the two always finds the other, whichever order they come in.

Source of statuses and event: GuardDuty user guide, "Malware Protection for S3".
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from runtime.domain.errors import Rejected, Transient, Unscanned
from runtime.domain.identity import FileVersion
from runtime.domain.ports import Ledger, Place, Tags, Tasks, Verdicts

EVENT = "GuardDuty Malware Protection Object Scan Result"
TAG = "GuardDutyMalwareScanStatus"
CLEAN, INFECTED, UNSCANNABLE = "NO_THREATS_FOUND", "THREATS_FOUND", "UNSUPPORTED"
# What is known of a version only ever gets graver: so neither order nor repetition of events changes what is known at
# the end. Every other status says that the scan itself failed, and tells nothing.
_GRAVITY = {UNSCANNABLE: 1, CLEAN: 2, INFECTED: 3}
_NAMES_MOST = 3
# GuardDuty does not promise that the tag is there before the event is.
TAG_TRIES = 6
TAG_SECONDS = 1.0


class NotAVerdict(ValueError):
    """The message is not a scan result of GuardDuty: it goes to the dead-letter queue, for a person to see."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """What the scan says of one version; `threats` are the names of what was found."""

    bucket: str
    key: str
    version: str
    status: str
    threats: tuple[str, ...] = ()

    @classmethod
    def of(cls, event: Mapping[str, Any]) -> "Verdict":
        """From GuardDuty's event. Raises `NotAVerdict`."""
        try:
            if event["detail-type"] != EVENT:
                raise NotAVerdict(f"an event of type {event['detail-type']!r} has no business in the verdicts' queue")
            thing, result = event["detail"]["s3ObjectDetails"], event["detail"]["scanResultDetails"]
            return cls(
                bucket=thing["bucketName"],
                key=thing["objectKey"],
                version=thing.get("versionId") or "null",
                status=result["scanResultStatus"],
                threats=tuple(threat["name"] for threat in result.get("threats") or ()),
            )
        except (AttributeError, KeyError, TypeError) as error:
            raise NotAVerdict(f"the message is not a scan result of GuardDuty: {error!r}") from error

    @property
    def gravity(self) -> int:
        """A graver verdict takes the place of a lighter one, never the other way round."""
        return _GRAVITY.get(self.status, 0)

    @property
    def place(self) -> Place:
        """The very version."""
        return Place(self.bucket, self.key, self.version)


@dataclass(frozen=True, kw_only=True, slots=True)
class Gate:
    """The gate's rule and its ports. `unscannable` is whether files may pass that the scan cannot look into."""

    unscannable: bool
    verdicts: Verdicts
    tasks: Tasks
    tags: Tags
    sleep: Callable[[float], None] = time.sleep

    def wait(self, file: FileVersion, run: str, token: str, *, ledger: Ledger) -> None:
        """Lets a run wait with its `token`, or answers at once. Raises `Superseded`, and `Transient` (no tag yet)."""
        ledger.scanning(file, run, token)
        known = self.verdicts.known(file.key, file.version)
        if known is not None:
            self._answer(known, [token])

    def arrived(self, verdict: Verdict) -> None:
        """Records a verdict and answers the runs that wait for it. Raises `Transient` when its tag is missing."""
        known = self.verdicts.record(verdict)
        tokens = self.verdicts.tokens(known.key, known.version)
        if tokens:
            self._answer(known, tokens)

    def _answer(self, verdict: Verdict, tokens: list[str]) -> None:
        try:
            self._judge(verdict)
        except (Rejected, Unscanned) as refusal:
            for token in tokens:
                self.tasks.fail(token, refusal)
        else:
            for token in tokens:
                self.tasks.succeed(token)

    def _judge(self, verdict: Verdict) -> None:
        """Raises `Rejected` or `Unscanned` with the reason; returns for a version that may pass."""
        if verdict.status == INFECTED:
            raise Rejected(f"malware was found in it{named(verdict.threats)}")
        if verdict.status == UNSCANNABLE and not self.unscannable:
            raise Rejected(
                "it cannot be scanned for malware: it is protected by a password, or larger or packed more deeply than "
                "the scan looks"
            )
        if verdict.status not in (CLEAN, UNSCANNABLE):
            raise Unscanned(f"the malware scan came to no verdict ({verdict.status})")
        self._await_tag(verdict)

    def _await_tag(self, verdict: Verdict) -> None:
        """Until the tag is there the bucket's policy lets nobody read the version."""
        for n in range(TAG_TRIES):
            if n:
                self.sleep(TAG_SECONDS)
            if self.tags.read(verdict.place).get(TAG) == verdict.status:
                return
        raise Transient(f"{verdict.key}: the scan's verdict is known, but its tag is not on version {verdict.version}")


def named(threats: tuple[str, ...]) -> str:
    """The names of what was found, as the end of a sentence."""
    if not threats:
        return ""
    more = len(threats) - _NAMES_MOST
    return ": " + ", ".join(threats[:_NAMES_MOST]) + (f" and {more} more" if more > 0 else "")
