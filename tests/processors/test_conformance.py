"""Our own processors pass the kit that others must pass."""

from collections.abc import Iterator
from functools import partial

import pytest

from cli.generate import generate
from runtime.processors import PROCESSORS
from runtime.processors.api import Processor
from runtime.processors.delimited import Delimited
from runtime.processors.jsonl import JsonLines
from runtime.processors.recipe import Recipes
from tests.processors.conformance import Conformance, Kit, check_detect_is_robust, check_purity

RECIPE = b'{"id":"%d","title":"Soup","servings":2,"ingredients":[{"name":"x","quantity":1}],"steps":["Cook."]}'


def made(kind: str, size: int) -> Iterator[bytes]:
    return generate(kind, size=size, seed=3)


class TestCsv(Conformance):
    kit = Kit(
        processor=Delimited(),
        limited=Delimited,
        name="x.csv",
        samples={
            "plain": b"a,b,c\n" + b"".join(b"%d,x,y\n" % n for n in range(30)),
            "quotes": b'a,b\n1,"x\n""y"", z"\n2,"p,q"\n\n3,last',
            "bad rows": b'a;b;c\r\n1;2;3\r\n1;2\r\n4;\xff;6\r\n7;"8"x;9\r\n\r\n10;11;12\r\n',
            "mark and carriage returns": b"\xef\xbb\xbfa\tb\r1\t2\r3\t4\r5\t\xc3\xa9\r",
        },
        large=partial(made, "csv"),
        alike=frozenset({"csv", "broken-csv", "header-only"}),
    )


class TestJsonLines(Conformance):
    kit = Kit(
        processor=JsonLines(),
        limited=JsonLines,
        name="x.jsonl",
        samples={
            "plain": b"".join(b'{"n": %d}\n' % n for n in range(30)),
            "bad lines": b'{"a": "\xc3\xa9"}\r\n{"b": \n\n[1, 2]\n{"c": "\xff"}\n[NaN]\n"end"',
            "mark": b'\xef\xbb\xbf{"a": "\\"}{"}\n \n{"b": [[]]}\n',
        },
        large=partial(made, "jsonl"),
        alike=frozenset({"jsonl"}),
    )


class TestRecipes(Conformance):
    kit = Kit(
        processor=Recipes(),
        limited=Recipes,
        name="x.json",
        samples={
            "object": b'{"source": "x", "recipes": [' + b",".join(RECIPE % n for n in range(4)) + b'], "end": []}',
            "array": b"[" + b" ,\n".join([RECIPE % 1, b'{"id": "bad"}', b"7", RECIPE % 2]) + b"]\n",
        },
        large=partial(made, "recipe"),
        alike=frozenset({"recipe", "broken-json"}),
    )


def test_every_kind_with_parts_is_in_the_kit() -> None:
    tested = {type(kit.kit.processor) for kit in (TestCsv, TestJsonLines, TestRecipes)}
    missing = {type(processor) for processor in PROCESSORS if processor.splits} - tested
    assert not missing, "write a class for it here, that inherits from Conformance"


@pytest.mark.parametrize("processor", [each for each in PROCESSORS if not each.splits], ids=lambda each: each.kind)
def test_kinds_without_parts_are_pure_and_robust(processor: Processor) -> None:
    check_purity(processor)
    samples = [
        b"".join(generate(kind, size=2_000, seed=1)) for kind in ("csv", "photo", "zip", "pdf", "text", "binary")
    ]
    check_detect_is_robust(processor, "file", samples)
