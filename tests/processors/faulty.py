"""Processors with one fault each: the kit must find it."""

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any

from docs.processor_template import LogLines
from runtime.processors.api import Cut, Head, Outcome, Splitter


class TakesAll(LogLines):
    def detect(self, head: Head) -> bool:
        return True


class Stumbles(LogLines):
    def process(self, data: bytes, cut: Cut, context: Mapping[str, Any]) -> Outcome:
        data.decode()
        return super().process(data, cut, context)


class CountsParts(LogLines):
    def process(self, data: bytes, cut: Cut, context: Mapping[str, Any]) -> Outcome:
        outcome = super().process(data, cut, context)
        outcome.totals["parts"] = 1
        return outcome


class Zeros(LogLines):
    def process(self, data: bytes, cut: Cut, context: Mapping[str, Any]) -> Outcome:
        outcome = super().process(data, cut, context)
        outcome.totals.setdefault("bytes", 0)
        return outcome


class Remembers(LogLines):
    last = 0

    def process(self, data: bytes, cut: Cut, context: Mapping[str, Any]) -> Outcome:
        outcome = super().process(data, cut, context)
        outcome.totals["later"] = 1 + (cut.start > self.last)
        self.last = cut.start
        return outcome


class Hashes(LogLines):
    def process(self, data: bytes, cut: Cut, context: Mapping[str, Any]) -> Outcome:
        outcome = super().process(data, cut, context)
        outcome.totals["hash"] = hash("salted") | 1
        return outcome


class Hoarding:
    """A splitter that lets go of nothing."""

    def __init__(self, splitter: Splitter) -> None:
        self._splitter, self._all = splitter, bytearray()

    def feed(self, data: bytes) -> Iterator[Cut]:
        self._all += data
        return self._splitter.feed(data)

    def finish(self) -> Iterator[Cut]:
        return self._splitter.finish()

    @property
    def context(self) -> Mapping[str, Any]:
        return self._splitter.context


class Hoards(LogLines):
    def splitter(self, head: Head, part_bytes: int) -> Splitter:
        return Hoarding(super().splitter(head, part_bytes))


class Boundless(LogLines):
    def __init__(self, max_record_bytes: int = 0) -> None:
        super().__init__()


class Nameless(LogLines):
    clean_name = "../requests"


FAULTS = {
    TakesAll: "test_it_takes_no_others",
    Stumbles: "test_damaged_files_raise_nothing_but_rejected_and_keep_the_law",
    CountsParts: "test_split_then_merge_is_the_identity",
    Zeros: "test_outcomes_keep_their_form",
    Remembers: "test_the_order_of_parts_is_of_no_concern",
    Hashes: "test_it_does_the_same_in_another_process",
    Hoards: "test_memory_does_not_grow_with_the_file",
    Boundless: "test_a_record_beyond_the_limit_rejects_the_file",
    Nameless: "test_it_has_names_of_its_own",
}
"""Which test finds which."""


def with_processor(kit: Any, made: type[LogLines]) -> Any:
    """The kit, for another processor."""
    return dataclasses.replace(kit, processor=made(), limited=made)
