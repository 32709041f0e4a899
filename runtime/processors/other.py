"""Everything that no processor knows: checksummed, archived and delivered as it is."""

from collections.abc import Mapping
from typing import Any, NoReturn

from runtime.processors.api import Cut, Head, NoTable, Outcome, Splitter


class Whole(NoTable):
    """Base of kinds that are taken whole. Nobody may call what only kinds with parts have."""

    splits = False

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
