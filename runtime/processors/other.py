"""Everything that no processor knows: checksummed, archived and delivered as it is."""

from collections.abc import Mapping
from typing import Any, NoReturn, Protocol

from runtime.processors.api import Cut, Head, NoTable, Outcome, Splitter


class Look(Protocol):
    """Sees the bytes of one file stream by, once, in pieces of any size, and has something to say of them."""

    def feed(self, data: bytes) -> None:
        """The next bytes."""
        ...

    def summary(self) -> Mapping[str, Any]:
        """The kind's section of `result.json`: JSON values of at most 64 KiB. Called once, after the last bytes."""
        ...


class Whole(NoTable):
    """Base of kinds that are taken whole. Nobody may call what only kinds with parts have."""

    splits = False

    def look(self, head: Head) -> Look | None:
        """Whoever is to see the file's bytes, for what `result.json` says of it; by default nobody."""
        return None

    def splitter(self, head: Head, part_bytes: int) -> Splitter:
        """Not for this kind."""
        self._refuse()

    def begin(self, context: Mapping[str, Any]) -> bytes:
        """Not for this kind."""
        self._refuse()

    def process(self, data: bytes, cut: Cut, context: Mapping[str, Any]) -> Outcome:
        """Not for this kind."""
        self._refuse()

    def end(self, context: Mapping[str, Any]) -> bytes:
        """Not for this kind."""
        self._refuse()

    def summary(self, outcome: Outcome, context: Mapping[str, Any]) -> Mapping[str, Any]:
        """Not for this kind."""
        self._refuse()

    def _refuse(self) -> NoReturn:
        raise TypeError(f"{type(self).__name__} takes files whole: it has no parts")


class Other(Whole):
    """Any file at all."""

    kind = "other"
    clean_name = "file"

    def detect(self, head: Head) -> bool:
        """Always true: it is asked last."""
        return True
