"""Recipes: a JSON array of recipe objects, bare or as the member `recipes` of an object.

Each recipe is checked by itself; good ones are written in one form, a line each, bad ones are set aside with the place
and the reason. The file itself must be JSON from its first to its last byte.
"""

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from runtime.domain.errors import Rejected
from runtime.domain.tables import WITH_TEXT, Rows, Schema
from runtime.domain.text import BOM, is_utf8, readable
from runtime.processors.api import MAX_RECORD_BYTES, Cut, Head, NothingEvident, Outcome, Splitter, refuse_schema
from runtime.processors.escapes import HALF_A_PAIR
from runtime.processors.json_elements import ENVELOPE_BYTES, TOKEN, ElementSplitter, array_of, elements
from runtime.processors.recipe_rows import COLUMNS, amounts, as_rows
from runtime.processors.recipe_schema import CUISINES, BadRecipe, CleanRecipe, Recipe, normalise

_ARRAY_OF_OBJECTS = re.compile(rb"\s*+\[\s*+\{")
_TELLING = ({"ingredients"}, {"title", "steps"})
_CONTEXT_BYTES = 60 * 1024
_BECAUSE = {
    "rejected_schema": "not as the schema says",
    "rejected_unit": "with an unknown unit",
    "rejected_blank": "with blank text",
    "rejected_encoding": "not valid UTF-8, or with half of a character",
}
_MISSING = re.compile(r"Object missing required field `(\w+)`")
_UNEXPECTED = re.compile(
    r"Expected `(?P<wanted>[^`]+)`(?P<length> of length)?(?: (?P<sign>[<>]=) (?P<bound>[0-9.]+))?"
    r"(?:, got `(?P<got>\w+)`)?"
)
_WORDS = {
    "int": "a whole number",
    "float": "a number",
    "str": "text",
    "bool": "true or false",
    "array": "a list",
    "object": "an object",
    "null": "nothing",
}
_RECIPES = msgspec.json.Decoder(list[Recipe])
_RECIPE = msgspec.json.Decoder(Recipe)
_ENCODER = msgspec.json.Encoder()


class Recipes(NothingEvident):
    """The recipe processor. `max_record_bytes` bounds one recipe."""

    kind = "recipe"
    clean_name = "recipes.jsonl"
    splits = True

    def __init__(self, max_record_bytes: int = MAX_RECORD_BYTES) -> None:
        self._max_record_bytes = max_record_bytes

    def detect(self, head: Head) -> bool:
        """True for an object with an array `recipes`, or an array whose first object has a recipe's members."""
        return bool(_prefix(head.data.removeprefix(BOM)))

    def splitter(self, head: Head, part_bytes: int) -> Splitter:
        """A splitter over recipes, numbered from 0."""
        text = head.data.removeprefix(BOM)
        prefix = _prefix(text)
        return ElementSplitter(
            prefix=prefix,
            skip=len(head.data) - len(text) + len(prefix),
            part_bytes=part_bytes,
            max_record_bytes=self._max_record_bytes,
            describe=_describe,
        )

    def begin(self, context: Mapping[str, Any]) -> bytes:
        """Nothing precedes the first recipe."""
        return b""

    def tabular(self, head: Head, context: Mapping[str, Any], schema: Schema | None) -> Mapping[str, Any]:
        """With the table's columns, which are always the same. Ingredients and steps are in the text alone."""
        refuse_schema(schema)
        return {**context, "table": COLUMNS, WITH_TEXT: True}

    def rows(self, clean: bytes, names: Sequence[str], context: Mapping[str, Any]) -> Rows:
        """A row for each recipe."""
        return Rows(data=as_rows(clean, names), empty_text=True)

    def process(self, data: bytes, cut: Cut, context: Mapping[str, Any]) -> Outcome:
        """Checks and rewrites the recipes of one part. Raises `Rejected` where the file is not JSON."""
        outcome = Outcome()
        totals: Counter[str] = Counter()
        clean: list[CleanRecipe] = []
        rejects: list[dict[str, Any]] = []
        for number, (recipe, raw) in enumerate(_decoded(data, cut.start), cut.first):
            try:
                clean.append(normalise(recipe if isinstance(recipe, Recipe) else _decode(raw)))
            except BadRecipe as bad:
                totals[bad.code] += 1
                text = readable(bytes(raw))
                rejects.append({"element": number, "path": bad.path, "reason": bad.reason, "raw": text})
        for each in clean:
            _add_up(each, totals)
        outcome.clean = _ENCODER.encode_lines(clean)
        outcome.rejects = _ENCODER.encode_lines(rejects)
        outcome.accepted, outcome.rejected = len(clean), len(rejects)
        outcome.totals = {name: total for name, total in totals.items() if total}
        outcome.columns = dict(context.get("table", {}))
        return outcome

    def end(self, context: Mapping[str, Any]) -> bytes:
        """Nothing follows the last recipe."""
        return b""

    def summary(self, outcome: Outcome, context: Mapping[str, Any]) -> Mapping[str, Any]:
        """Totals and what was set aside why. Raises `Rejected` when every recipe was refused."""
        totals = outcome.totals
        because = {code: totals[code] for code in _BECAUSE if totals.get(code)}
        if outcome.rejected and not outcome.accepted:
            reasons = ", ".join(f"{count:,} {_BECAUSE[code]}" for code, count in because.items())
            raise Rejected(f"None of the {outcome.rejected:,} recipes could be used: {reasons}.")
        names = ("ingredients", "steps", "servings", "minutes", "milligrams", "microlitres", "piece_thousandths")
        return {
            "recipes": outcome.accepted + outcome.rejected,
            "totals": {name: totals.get(name, 0) for name in names},
            "cuisines": {
                name.removeprefix("cuisine_"): totals[name] for name in sorted(totals) if name.startswith("cuisine_")
            },
            "rejected_because": because,
            "document": context["document"],
        }


def _prefix(text: bytes) -> bytes:
    """What stands before the first recipe, up to and including the bracket; nothing if these are not recipes."""
    opening = _ARRAY_OF_OBJECTS.match(text)
    if opening:
        members = _members(text, opening.end())
        return text[: text.index(b"[") + 1] if any(each <= members for each in _TELLING) else b""
    if not text.lstrip().startswith(b"{"):
        return b""
    depth, last = 0, b""
    window = text[:ENVELOPE_BYTES]
    for token in TOKEN.finditer(window):
        mark = token[0]
        if mark == b"[" and depth == 1 and last == b'"recipes"':
            return window[: token.end()]
        if mark in (b"{", b"["):
            depth += 1
        elif mark in (b"}", b"]"):
            depth -= 1
            if not depth:
                break
        if depth == 1 and mark != b":":
            last = mark
    return b""


def _members(text: bytes, start: int) -> set[str]:
    """The names of the members of the object that `text[start:]` is inside of, as far as they are there."""
    members, depth, last = set(), 1, b""
    for token in TOKEN.finditer(text, start):
        mark = token[0]
        if mark in (b"{", b"["):
            depth += 1
        elif mark in (b"}", b"]"):
            depth -= 1
            if not depth:
                break
        elif mark == b":" and depth == 1:
            members.add(last.strip(b'"').decode("utf-8", "replace"))
        last = mark
    return members


def _describe(document: dict[str, Any] | None) -> Mapping[str, Any]:
    about = {name: value for name, value in (document or {}).items() if name != "recipes"}
    context = {"form": "array" if document is None else "object", "document": about}
    if len(json.dumps(context)) > _CONTEXT_BYTES:
        raise Rejected("The file holds more than 48 KiB beside its recipes.")
    return context


def _decoded(data: bytes, start: int) -> list[tuple[Recipe | None, msgspec.Raw]]:
    """The recipes of a part with their own bytes; None for each if any of them is bad."""
    raws = elements(data, start)
    if is_utf8(data):
        try:
            return list(zip(_RECIPES.decode(array_of(data)), raws, strict=True))
        except msgspec.DecodeError:  # not as the schema says, or with half of a character
            pass
    return [(None, raw) for raw in raws]


def _decode(raw: msgspec.Raw) -> Recipe:
    if not is_utf8(bytes(raw)):
        raise BadRecipe("rejected_encoding", "$", "not valid UTF-8")
    try:
        return _RECIPE.decode(raw)
    except msgspec.ValidationError as error:
        reason, _, path = str(error).partition(" - at ")
        raise BadRecipe("rejected_schema", path.strip("`") or "$", _in_words(reason)) from None
    except msgspec.DecodeError:
        # That it is JSON has been seen: this is all that is left.
        raise BadRecipe("rejected_encoding", "$", HALF_A_PAIR) from None


def _in_words(reason: str) -> str:
    """What msgspec says of a value, for people; as it is where it says something else."""
    if missing := _MISSING.fullmatch(reason):
        return f"there is no {missing[1]}"
    found = _UNEXPECTED.fullmatch(reason)
    if not found:
        return reason
    wanted = " or ".join(_WORDS.get(one, one) for one in found["wanted"].replace("int | float", "float").split(" | "))
    length = " of length" if found["length"] else " of" if found["sign"] else ""
    bound = {">=": f"{length} {found['bound']} or more", "<=": f"{length} {found['bound']} at most"}
    got = f", and is {_WORDS.get(found['got'], found['got'])}" if found["got"] else ""
    return f"must be {wanted}{bound.get(found['sign'], '')}{got}"


def _add_up(recipe: CleanRecipe, totals: Counter[str]) -> None:
    totals["ingredients"] += len(recipe.ingredients)
    totals["steps"] += len(recipe.steps)
    totals["servings"] += recipe.servings
    totals["minutes"] += recipe.prep_minutes + recipe.cook_minutes
    cuisine = recipe.cuisine or "unstated"
    totals[f"cuisine_{cuisine if cuisine in CUISINES or not recipe.cuisine else 'other'}"] += 1
    totals.update(amounts(recipe))
