"""The ways in which a request can be refused. `runtime/api/problems.py` says which status each of them is.

Their text is shown to people as it is: a sentence that says what is wrong, and what to do where there is something.
"""

from collections.abc import Sequence
from dataclasses import dataclass


class Refusal(Exception):
    """A request that is not served; nobody of the platform has to do anything about it."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


@dataclass(frozen=True, kw_only=True, slots=True)
class Fault:
    """One thing that is wrong with a request; `pointer` is a JSON Pointer into its body."""

    detail: str
    pointer: str | None = None
    parameter: str | None = None


class Invalid(Refusal):
    """The request itself is wrong, whatever the state of things."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("; ".join(fault.detail for fault in faults))
        self.faults = tuple(faults)


class Unauthorized(Refusal):
    """Nobody knows who calls, or not any more."""


class Forbidden(Refusal):
    """The caller may see the thing, but not do this with it."""


class NotFound(Refusal):
    """There is no such thing, or it is not the caller's to see: the answer does not tell which."""


class Conflict(Refusal):
    """The thing is not in a state that allows it."""


class Gone(Refusal):
    """It was there, and will not come back."""


class Changed(Refusal):
    """The thing has changed since the caller looked at it."""


class TooLarge(Refusal):
    """More bytes than the stack takes."""


class WrongMedia(Refusal):
    """The request's body is something else than JSON."""


class Busy(Refusal):
    """It is worth trying again after `seconds`."""

    def __init__(self, detail: str, *, seconds: int) -> None:
        super().__init__(detail)
        self.seconds = seconds
