"""The template of a processor passes what every processor must pass; copy this file with it."""

from collections.abc import Iterator

import pytest

from docs.processor_template import LogLines
from runtime.domain.errors import Rejected
from runtime.processors.api import Outcome
from tests.processors.conformance import Conformance, Kit
from tests.processors.cutting import run
from tests.processors.faulty import FAULTS, with_processor

LINE = b'203.0.113.%d - ada [10/Oct/2026:13:55:36 +0000] "GET /%d HTTP/1.1" %d %s'


def lines(count: int) -> Iterator[bytes]:
    return (LINE % (n % 255, n, (200, 404)[n % 2], b"%d" % n) + b"\n" for n in range(count))


class TestTemplate(Conformance):
    kit = Kit(
        processor=LogLines(),
        limited=LogLines,
        name="access.log",
        samples={
            "plain": b"".join(lines(9)),
            "bad lines": b"\r\n".join(
                [*(line[:-1] for line in lines(4)), b"", b"\xff", b'GET "', LINE % (1, 2, 500, b"-")]
            ),
        },
        large=lambda size: lines(size // 75),
    )


def test_lines_are_kept_counted_and_set_aside() -> None:
    result = run(LogLines(), b"".join(lines(4)) + b"nonsense\r\n" + LINE % (1, 2, 500, b"-"))
    assert result.clean == b"".join(lines(4)) + LINE % (1, 2, 500, b"-") + b"\n"
    assert result.rejects == [{"line": 5, "reason": "not a request in common log format", "raw": "nonsense"}]
    assert result.summary == {"requests": 5, "bytes": 6, "answers_2xx": 2, "answers_4xx": 2, "answers_5xx": 1}


def test_nothing_but_nonsense_rejects_the_file() -> None:
    with pytest.raises(Rejected, match="None of the 3 lines"):
        LogLines().summary(Outcome(rejected=3), {})


@pytest.mark.parametrize("made", FAULTS, ids=lambda made: made.__name__)
def test_the_kit_finds_each_fault(made: type[LogLines]) -> None:
    kit = Conformance()
    kit.kit = with_processor(TestTemplate.kit, made)
    with pytest.raises((AssertionError, UnicodeDecodeError)):
        getattr(kit, FAULTS[made])()
