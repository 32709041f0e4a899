"""What every processor must pass. A kind's tests inherit from `Conformance` and say what its files look like:

    class TestLogs(Conformance):
        kit = Kit(processor=LogLines(), limited=LogLines, name="x.log", samples={...}, large=...)

`tests/processors/test_conformance.py` has ours, `tests/docs/test_processor_template.py` the template's.
"""

import ast
import hashlib
import importlib
import inspect
import json
import os
import random
import re
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from cli.generate import KINDS, generate
from runtime.domain.errors import Rejected
from runtime.processors.api import HEAD_BYTES, MAX_RECORD_BYTES, Cut, Outcome, Processor
from tests.processors.cutting import WHOLE, check_law, head_of, run, split

MIB = 1024 * 1024
CONTEXT_MOST = 64 * 1024
# What a pure module has no use for: the network, the machine, the clock, chance.
IMPURE = {"boto3", "botocore", "datetime", "os", "random", "socket", "subprocess", "sys", "time", "urllib"}
OURS_IMPURE = ("runtime.adapters", "runtime.environment", "runtime.handlers")
NASTY = (
    *(b"\0", b"\xff", b"\xc3", b"\xef\xbb\xbf", b'"', b'""', b"'", b",", b"\\", b"\n", b"\r", b" "),
    *(b"[", b"{", b"]", b'{"a":'),
)
_ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, kw_only=True)
class Kit:
    """A processor and its files.

    `samples` are good files by what is special about them, small enough to be cut at every byte; `name` is a name
    that such a file has. `large` makes a file of about so many bytes, in pieces. `limited` makes the processor with
    a limit for one record. `alike` are kinds of `penstock generate` that it takes, rightly; it must take no other.
    """

    processor: Processor
    limited: Callable[[int], Processor]
    name: str
    samples: Mapping[str, bytes]
    large: Callable[[int], Iterable[bytes]]
    alike: frozenset[str] = field(default_factory=frozenset)

    def cuts(self, data: bytes, part_bytes: int = WHOLE) -> tuple[list[Cut], Mapping[str, object]]:
        """The cuts of a file and its context."""
        return split(self.processor, data, name=self.name, part_bytes=part_bytes, feed_bytes=max(part_bytes, 1000))


class Conformance:
    """The tests. Not collected itself."""

    kit: Kit

    def samples(self) -> list[bytes]:
        return list(self.kit.samples.values())

    def test_it_has_names_of_its_own(self) -> None:
        assert re.fullmatch(r"[a-z][a-z0-9-]{0,30}", self.kit.processor.kind)
        assert re.fullmatch(r"[a-z][a-z0-9-]{0,30}\.[a-z0-9]{1,10}", self.kit.processor.clean_name)
        assert self.kit.processor.splits

    def test_it_is_pure(self) -> None:
        check_purity(self.kit.processor)

    def test_it_takes_its_own_files(self) -> None:
        for what, data in self.kit.samples.items():
            assert self.kit.processor.detect(head_of(data, self.kit.name)), what

    def test_it_takes_no_others(self) -> None:
        check_takes_no_others(self.kit.processor, self.kit.alike)

    def test_detecting_raises_nothing_but_rejected(self) -> None:
        check_detect_is_robust(self.kit.processor, self.kit.name, self.samples())

    def test_split_then_merge_is_the_identity(self) -> None:
        for what, data in self.kit.samples.items():
            for feed_bytes in (1, 7, WHOLE):
                result = check_law(self.kit.processor, data, name=self.kit.name, feed_bytes=feed_bytes)
            assert not result.refused, what

    def test_neighbouring_parts_add_up(self) -> None:
        processor = self.kit.processor
        for data in self.samples():
            cuts, context = self.kit.cuts(data, part_bytes=max(len(data) // 12, 1))
            outcomes = [processor.process(data[cut.start : cut.end], cut, context) for cut in cuts]
            for left in range(len(cuts)):
                for right in range(left + 1, len(cuts) + 1):
                    both = Cut(start=cuts[left].start, end=cuts[right - 1].end, first=cuts[left].first, crc32=0)
                    assert processor.process(data[both.start : both.end], both, context) == _sum(outcomes[left:right])

    def test_outcomes_keep_their_form(self) -> None:
        for data in (*self.samples(), *damaged(self.samples(), 40)):
            try:
                cuts, context = self.kit.cuts(data, part_bytes=50)
                outcomes = [self.kit.processor.process(data[cut.start : cut.end], cut, context) for cut in cuts]
            except Rejected:
                continue
            assert len(json.dumps(context)) <= CONTEXT_MOST
            for outcome in outcomes:
                assert all(type(total) is int and total for total in outcome.totals.values())
                rejects = [json.loads(line) for line in outcome.rejects.splitlines()]
                assert len(rejects) == outcome.rejected >= 0 <= outcome.accepted
                assert all(reject["reason"] and isinstance(reject["raw"], str) for reject in rejects)
                assert bool(outcome.clean) == bool(outcome.accepted)

    def test_the_order_of_parts_is_of_no_concern(self) -> None:
        for data in self.samples():
            cuts, context = self.kit.cuts(data, part_bytes=40)
            parts = [(data[cut.start : cut.end], cut) for cut in cuts]
            forth = [self.kit.processor.process(*part, context) for part in parts]
            back = [self.kit.processor.process(*part, context) for part in reversed(parts)]
            assert forth == back[::-1]

    def test_it_does_the_same_in_another_process(self) -> None:
        data = b"".join(self.kit.large(200_000))
        digests = {digest(self.kit.processor, data, self.kit.name)}
        digests |= {_digest_elsewhere(self.kit.processor, data, self.kit.name, seed) for seed in ("1", "2")}
        assert len(digests) == 1

    def test_damaged_files_raise_nothing_but_rejected_and_keep_the_law(self) -> None:
        for data in damaged(self.samples(), 150):
            self._check_hostile(data)

    @pytest.mark.parametrize("nasty", NASTY, ids=repr)
    def test_endless_repetition_takes_time_in_proportion(self, nasty: bytes) -> None:
        for data in self.samples()[:1]:
            for at in (len(data) // 2, len(data)):
                short, long = (data[:at] + nasty * (size // len(nasty)) + data[at:] for size in (MIB // 8, MIB // 2))
                assert self._seconds(long) < 10 * self._seconds(short) + 0.2

    def test_a_record_beyond_the_limit_rejects_the_file(self) -> None:
        data = b"".join(self.kit.large(4_000))
        longest = max(cut.end - cut.start for cut in self.kit.cuts(data, part_bytes=1)[0])
        for part_bytes in (1, 500, WHOLE):
            for limit, refused in ((longest, False), (longest // 2, True)):
                result = run(self.kit.limited(limit), data, name=self.kit.name, part_bytes=part_bytes, feed_bytes=100)
                assert result.refused == refused
        assert longest < MAX_RECORD_BYTES

    def test_memory_does_not_grow_with_the_file(self) -> None:
        part_bytes, pieces = 256 * 1024, [bytes(piece) for piece in _pieces(self.kit.large(8 * MIB), 64 * 1024)]
        head = b"".join(pieces[: HEAD_BYTES // len(pieces[0]) + 1])[:HEAD_BYTES]
        splitter = self.kit.processor.splitter(head_of(head, self.kit.name), part_bytes)
        tracemalloc.start(1)
        try:
            cuts = [cut for piece in pieces for cut in splitter.feed(piece)]
            cuts += splitter.finish()
            split_peak = tracemalloc.get_traced_memory()[1]
            part = b"".join(pieces)[cuts[1].start : cuts[1].end]
            tracemalloc.reset_peak()
            before = tracemalloc.get_traced_memory()[0]
            self.kit.processor.process(part, cuts[1], splitter.context)
            process_peak = tracemalloc.get_traced_memory()[1] - before
        finally:
            tracemalloc.stop()
        assert len(cuts) > 20
        assert split_peak < 12 * part_bytes
        assert process_peak < 24 * len(part)

    def _check_hostile(self, data: bytes) -> None:
        """The same outcome, rejection included, however the file is cut; an exception fails the test."""
        try:
            taken = bool(data) and self.kit.processor.detect(head_of(data, self.kit.name))
        except Rejected:
            return
        if taken:
            whole = run(self.kit.processor, data, name=self.kit.name)
            for part_bytes in (1, 13, 100):
                assert run(self.kit.processor, data, name=self.kit.name, part_bytes=part_bytes, feed_bytes=11) == whole

    def _seconds(self, data: bytes) -> float:
        def once() -> float:
            started = time.process_time()
            run(self.kit.processor, data, name=self.kit.name, part_bytes=64 * 1024, feed_bytes=16 * 1024)
            return time.process_time() - started

        return min(once() for _ in range(2))


def check_purity(processor: Processor) -> None:
    """The processor's module imports nothing that reaches outside of what it is given."""
    tree = ast.parse(inspect.getsource(inspect.getmodule(type(processor)) or type(processor)))
    modules = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    modules |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    impure = {name for name in modules if name.partition(".")[0] in IMPURE or name.startswith(OURS_IMPURE)}
    assert not impure, "a processor is given bytes and gives bytes back"


def check_takes_no_others(processor: Processor, alike: frozenset[str]) -> None:
    """Of all kinds of test files it takes only those that it should, under names that say nothing."""
    for kind in sorted(KINDS.keys() - alike):
        data = b"".join(generate(kind, size=3_000, seed=9))
        try:
            assert not (data and processor.detect(head_of(data, "file"))), f"a file of kind {kind} is taken"
        except Rejected as rejected:
            raise AssertionError(f"a file of kind {kind} is refused as one of its own: {rejected}") from rejected


def check_detect_is_robust(processor: Processor, name: str, samples: list[bytes]) -> None:
    """`detect` answers with the same, or raises `Rejected`, whatever the first bytes are, and soon."""
    rng = random.Random(11)
    heads = [nasty * (HEAD_BYTES // len(nasty)) for nasty in NASTY] + damaged(samples, 200)
    heads += [rng.randbytes(rng.randrange(1, 2_000)) for _ in range(100)]
    for data in heads:
        answers = set()
        for _ in range(2):
            started = time.process_time()
            try:
                answers.add(str(processor.detect(head_of(data, name))))
            except Rejected as rejected:
                answers.add(rejected.reason)
            assert time.process_time() - started < 5
        assert len(answers) == 1


def damaged(samples: list[bytes], count: int) -> list[bytes]:
    """`count` files that were good once: bytes changed, cut out, doubled, put in, and cut off."""
    rng, found = random.Random(12), []
    for n in range(count):
        data = bytearray(samples[n % len(samples)])
        for _ in range(rng.randint(1, 4)):
            at, to = sorted(rng.randrange(len(data) + 1) for _ in range(2))
            change = rng.randrange(5)
            if change == 0 and at < len(data):
                data[at] = rng.randrange(256)
            elif change == 1:
                del data[at:to]
            elif change == 2:
                data[at:at] = data[at:to]
            elif change == 3:
                data[at:at] = rng.choice(NASTY) * rng.choice((1, 1, 2, 300))
            else:
                del data[to:]
        found.append(bytes(data[:5_000]))
    return found


def digest(processor: Processor, data: bytes, name: str) -> str:
    """SHA-256 of all that comes out of a file."""
    result = run(processor, data, name=name, part_bytes=20_000, feed_bytes=8_000)
    return hashlib.sha256(repr(result).encode()).hexdigest()


def _digest_elsewhere(processor: Processor, data: bytes, name: str, seed: str) -> str:
    """In a process whose sets and dictionaries of text are in another order."""
    script = "import sys; from tests.processors import conformance as c; print(c.digest_of(*sys.argv[1:]))"
    made = type(processor)
    done = subprocess.run(
        [sys.executable, "-c", script, made.__module__, made.__qualname__, name],
        input=data,
        capture_output=True,
        check=True,
        cwd=_ROOT,
        env={**os.environ, "PYTHONHASHSEED": seed, "TZ": "Asia/Tokyo", "LC_ALL": "C"},
        timeout=120,
    )
    return done.stdout.decode().strip()


def digest_of(module: str, name: str, file_name: str) -> str:
    """`digest` of the standard input, for a processor that is named."""
    processor: Processor = getattr(importlib.import_module(module), name)()
    return digest(processor, sys.stdin.buffer.read(), file_name)


def _sum(outcomes: list[Outcome]) -> Outcome:
    total = Outcome()
    for outcome in outcomes:
        total.clean += outcome.clean
        total.rejects += outcome.rejects
        total.accepted += outcome.accepted
        total.rejected += outcome.rejected
        for name, value in outcome.totals.items():
            total.totals[name] = total.totals.get(name, 0) + value
    return total


def _pieces(blocks: Iterable[bytes], size: int) -> list[bytes]:
    data = b"".join(blocks)
    return [data[at : at + size] for at in range(0, len(data), size)]
