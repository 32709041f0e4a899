"""The short cut says what the long way says, and is taken."""

import importlib
import itertools
from typing import Any

import pytest

from local.key_conditions import short_cut

SHAPES = ("A = :a", "A = :a AND B BETWEEN :x AND :y", "A = :a AND B < :x")
OTHERS = ("A = :a AND B > :x", "A = :a AND begins_with(B, :x)", "(A = :a)", "B BETWEEN :x AND :y AND A = :a")
TEXTS = ("", "a", "b", "é", "\uffff", "\U0001f600")


def original() -> Any:
    """ministack's own, also while a local cloud is up."""
    standing = importlib.import_module("ministack.services.dynamodb")._evaluate_condition
    return getattr(standing, "__wrapped__", standing)


def ask(evaluate: Any, expr: str, item: Any, values: Any) -> Any:
    try:
        return evaluate(expr, item, values, {}, slot="KeyConditionExpression")
    except ValueError as error:
        return str(error)


@pytest.mark.parametrize("expr", [*SHAPES, *OTHERS])
def test_it_says_what_the_long_way_says(expr: str) -> None:
    long, short = original(), short_cut(original())
    for a, b, x, y in itertools.product(("a", "é"), TEXTS, TEXTS, TEXTS):
        values = {":a": {"S": "a"}, ":x": {"S": x}, ":y": {"S": y}}
        for item in ({"A": {"S": a}, "B": {"S": b}}, {"A": {"S": a}}, {"A": {"N": "1"}, "B": {"N": "2"}}):
            assert ask(short, expr, item, values) == ask(long, expr, item, values), (item, values)


@pytest.mark.parametrize("expr", SHAPES)
def test_a_condition_is_read_once(expr: str) -> None:
    read = []

    def evaluate(expr: str, *_: Any, slot: str) -> bool:
        read.append(expr)
        return True

    short = short_cut(evaluate)
    values = {":a": {"S": "a"}, ":x": {"S": "b"}, ":y": {"S": "c"}}
    for _ in range(3):
        ask(short, expr, {"A": {"S": "a"}, "B": {"S": "b"}}, values)
    assert read == [expr]


def test_what_is_wrong_is_refused_every_time() -> None:
    short = short_cut(original())
    for _ in range(2):
        with pytest.raises(ValueError, match="reserved keyword"):
            short("Name = :a", {"Name": {"S": "a"}}, {":a": {"S": "a"}}, {}, slot="KeyConditionExpression")
