import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.generate import generate
from runtime.domain.errors import Rejected
from runtime.processors.api import Outcome
from runtime.processors.recipe import Recipes
from runtime.processors.recipe_schema import published_schema
from tests.processors.cutting import BOUNDED, WHOLE, check_law, head_of, parts_of, run, split

RECIPES = Recipes()
SCHEMA = Path(__file__).parents[2] / "docs" / "schemas" / "recipe-1.json"
# Text that looks like structure to whoever does not follow strings and escapes.
TEXT = st.lists(st.sampled_from(["a", "é", '"', "\\", "[", "]", "{", "}", ",", ":", '"}]', " ", "\n"]), max_size=6).map(
    "".join
)
ANYTHING = st.recursive(
    st.none() | st.integers(0, 9) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)
INGREDIENT = st.fixed_dictionaries(
    {
        "name": TEXT,
        "quantity": st.sampled_from([1, 0.5, 2.25, "1"]),
        "unit": st.sampled_from(["g", "KG", "cups", "blob"]),
    }
)
RECIPE = st.fixed_dictionaries(
    {
        "id": st.just("r"),
        "title": TEXT.map(lambda text: text + "t"),
        "servings": st.sampled_from([1, 4, 0]),
        "ingredients": st.lists(INGREDIENT, min_size=1, max_size=2),
        "steps": st.just(["Cook."]),
    },
    optional={"cuisine": TEXT, "tags": st.lists(TEXT, max_size=2), "else": ANYTHING},
)
DUMPED: dict[str, Callable[[Any], str]] = {
    "compact": lambda value: json.dumps(value, ensure_ascii=False, separators=(",", ":")),
    "escaped": json.dumps,
    "indented": lambda value: json.dumps(value, indent=1, ensure_ascii=False),
}
FIRST = {"id": "1", "title": "T", "servings": 1, "ingredients": [{"name": "a", "quantity": 1}], "steps": ["s"]}


def dump(recipes: list[Any], *, how: str = "compact", wrapped: bool = True, more: Any = None) -> bytes:
    document = {"about": more, "recipes": recipes, "end": more} if wrapped else recipes
    return DUMPED[how](document).encode()


def recipe(**changes: Any) -> dict[str, Any]:
    return {**FIRST, **changes}


@BOUNDED
@given(
    st.lists(RECIPE | ANYTHING, max_size=4),
    st.sampled_from(sorted(DUMPED)),
    st.booleans(),
    ANYTHING,
    st.integers(1, 90),
)
def test_split_then_merge_is_the_identity(
    recipes: list[Any], how: str, wrapped: bool, more: Any, feed_bytes: int
) -> None:
    data = dump([FIRST, *recipes], how=how, wrapped=wrapped, more=more)
    result = check_law(RECIPES, data, name="r.json", feed_bytes=feed_bytes, most_parts=80)
    assert result.accepted + result.rejected == 1 + len(recipes)
    indices = [reject["element"] for reject in result.rejects]
    assert [json.loads(reject["raw"]) for reject in result.rejects] == [[FIRST, *recipes][index] for index in indices]


@BOUNDED
@given(
    st.lists(RECIPE, max_size=3),
    st.sampled_from([b",", b'"', b"]", b"}", b"[", b"{", b"\\", b" ", b"1", b""]),
    st.integers(0, 1000),
    st.booleans(),
    st.integers(1, 50),
)
def test_a_damaged_file_is_refused_if_and_only_if_it_is_not_json(
    recipes: list[Any], insert: bytes, at: int, replace: bool, feed_bytes: int
) -> None:
    data = dump([FIRST, *recipes], more="x")
    at %= len(data)
    damaged = data[:at] + insert + data[at + replace :]
    if not RECIPES.detect(head_of(damaged)):
        return
    try:
        # A recipe that is not UTF-8 is set aside by itself; what counts here is the structure.
        is_json = isinstance(json.loads(damaged.decode("utf-8", "replace")), dict)
    except ValueError:
        is_json = False
    for part_bytes in (1, 20, 90, WHOLE):
        result = run(RECIPES, damaged, part_bytes=part_bytes, feed_bytes=feed_bytes)
        accounted = result.accepted + result.rejected
        assert (accounted > 0) == is_json, damaged


@pytest.mark.parametrize("wrapped", [True, False])
def test_a_file_cut_off_anywhere_is_rejected(wrapped: bool) -> None:
    data = dump([FIRST, recipe(title='quo"te ]}')] * 2, wrapped=wrapped, more={"k": [1]})
    start = data.index(b'"steps"')
    for end in range(start + 7, len(data)):
        assert RECIPES.detect(head_of(data[:end]))
        for part_bytes in (1, WHOLE):
            assert run(RECIPES, data[:end], part_bytes=part_bytes, feed_bytes=17).refused
    assert run(RECIPES, data).accepted == 4


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (dump([FIRST, FIRST])[:-60], r"ends in the middle of its list \(byte 1\d\d, line 1\): it is truncated"),
        (dump([FIRST, FIRST]).replace(b"},{", b"} {"), r"expected ',' or ']' near byte \d+"),
        (dump([FIRST, FIRST]).replace(b"},{", b"},,{"), r"near byte \d+"),
        (dump([FIRST]).replace(b'],"end', b',],"end'), r"list ends with a comma, before byte \d+"),
        (dump([FIRST]) + b"x", "before or after its list, which ends at byte"),
        (dump([FIRST])[:-1] + b',"recipes":[]}', "a member is there twice"),
        (dump([FIRST])[:-1] + b',"x":NaN}', "NaN is not JSON"),
        (dump([FIRST]) + b" " * 40_000 + b"x", "More than 32 KiB follow the list"),
        (dump([FIRST, "é" * 5]).replace(b'"steps"', b"steps"), "not valid JSON"),
        (dump([FIRST])[:-1] + b',"x":"' + b"\\u00e9" * 5_000 + b'"}', None),
        (b'{"recipes":[' + b"[" * 50_000 + b"]" * 50_000 + b"]}", "nested too deeply"),
    ],
)
def test_the_reason_says_where(data: bytes, says: str | None) -> None:
    for part_bytes in (1, 50, WHOLE):
        if says is None:
            assert run(RECIPES, data, part_bytes=part_bytes).accepted == 1
        else:
            with pytest.raises(Rejected, match=says):
                parts_of(RECIPES, data, part_bytes=part_bytes)


def test_white_space_around_everything_is_fine() -> None:
    data = b"\xef\xbb\xbf\n " + dump([FIRST, FIRST], how="indented").replace(b"[", b"[ \n").replace(b"]", b"\t]")
    result = check_law(RECIPES, data + b"\n" * 50_000, name="r.json", feed_bytes=4096, most_parts=40)
    assert result.accepted == 2


def test_an_empty_list_is_a_file_without_recipes() -> None:
    result = run(RECIPES, b'{"recipes": [ ], "x": 1}')
    assert (result.refused, result.clean, result.summary["recipes"]) == (False, b"", 0)
    assert result.summary["document"] == {"x": 1}


def test_a_recipe_is_brought_into_one_form() -> None:
    messy = {
        "title": "  Egg\n soup ",
        "id": " e1 ",
        "servings": 2,
        "cuisine": " Italian ",
        "tags": ["Quick", " quick", "  ", "Hot"],
        "steps": [" Boil. ", "Eat."],
        "prep_minutes": 3,
        "unknown": [1],
        "ingredients": [
            {"name": "flour", "quantity": 0.1, "unit": " KG "},
            {"name": "milk", "quantity": 1.5, "unit": "Cups"},
            {"name": "egg", "quantity": 2},
            {"name": "rice", "quantity": 3, "unit": "oz."},
        ],
    }
    result = run(RECIPES, dump([messy], wrapped=False))
    assert result.clean == (
        b'{"cook_minutes":0,"cuisine":"italian","id":"e1","ingredients":['
        b'{"amount":100000,"name":"flour","unit":"mg"},{"amount":375000,"name":"milk","unit":"ul"},'
        b'{"amount":2000,"name":"egg","unit":"thousandths"},{"amount":85049,"name":"rice","unit":"mg"}],'
        b'"prep_minutes":3,"servings":2,"steps":["Boil.","Eat."],"tags":["hot","quick"],"title":"Egg soup"}\n'
    )
    assert result.summary == {
        "recipes": 1,
        "totals": {
            "ingredients": 4,
            "steps": 2,
            "servings": 2,
            "minutes": 3,
            "milligrams": 185_049,
            "microlitres": 375_000,
            "piece_thousandths": 2000,
        },
        "cuisines": {"italian": 1},
        "rejected_because": {},
        "document": {},
    }


@pytest.mark.parametrize(
    ("bad", "path", "reason"),
    [
        (recipe(servings="4"), "$.servings", "must be a whole number, and is text"),
        (recipe(servings=0), "$.servings", "must be a whole number of 1 or more"),
        ({"id": "x"}, "$", "there is no title"),
        (
            recipe(ingredients=[{"name": "a", "quantity": True}]),
            "$.ingredients[0].quantity",
            "must be a number, and is true or false",
        ),
        (
            recipe(ingredients=[{"name": "a", "quantity": 1, "unit": "blob"}]),
            "$.ingredients[0].unit",
            "unknown unit 'blob'",
        ),
        (recipe(steps=["ok", "  "]), "$.steps[1]", "nothing but blanks"),
        (recipe(ingredients=[]), "$.ingredients", "must be a list of length 1 or more"),
        (recipe(title=""), "$.title", "must be text of length 1 or more"),
        (recipe(prep_minutes=100_001), "$.prep_minutes", "must be a whole number of 100000 at most"),
        (recipe(title="\n"), "$.title", "nothing but blanks"),
        ([1, 2], "$", "must be an object, and is a list"),
        (7, "$", "must be an object, and is a whole number"),
    ],
)
def test_a_bad_recipe_is_set_aside_with_place_and_reason(bad: Any, path: str, reason: str) -> None:
    result = run(RECIPES, dump([FIRST, bad, FIRST]), part_bytes=1)
    assert result.rejects == [
        {"element": 1, "path": path, "reason": reason, "raw": json.dumps(bad, separators=(",", ":"))}
    ]
    assert result.accepted == 2


def test_a_recipe_that_is_not_utf8_is_set_aside() -> None:
    data = dump([FIRST, recipe(title="X"), recipe(note="Y")]).replace(b"X", b"\xff").replace(b"Y", b"\xff")
    result = run(RECIPES, data)
    assert [(reject["element"], reject["reason"]) for reject in result.rejects] == [
        (1, "not valid UTF-8"),
        (2, "not valid UTF-8"),
    ]
    assert '"title":"\\xff"' in result.rejects[0]["raw"]


def test_cuisines_are_a_closed_list() -> None:
    cuisines = ["thai", "Thai ", "klingon", "  ", "other kind"]
    result = run(RECIPES, dump([FIRST, *(recipe(cuisine=cuisine) for cuisine in cuisines)]))
    assert result.summary["cuisines"] == {"other": 2, "thai": 2, "unstated": 2}


def test_nothing_but_bad_recipes_rejects_the_file() -> None:
    result, context = parts_of(RECIPES, dump([{"ingredients": 1}, 2]))
    outcome = Outcome(accepted=result.accepted, rejected=result.rejected, totals=result.totals)
    with pytest.raises(Rejected, match="None of the 2 recipes could be used: 2 not as the schema says"):
        RECIPES.summary(outcome, context)


def test_a_recipe_may_be_longer_than_a_part_but_not_than_the_limit() -> None:
    size = len(json.dumps(FIRST, separators=(",", ":")))
    exact, small = Recipes(max_record_bytes=size), Recipes(max_record_bytes=size - 1)
    data = dump([FIRST, FIRST])
    for part_bytes in (*range(1, 2 * size, 7), WHOLE):
        assert run(exact, data, part_bytes=part_bytes, feed_bytes=11).accepted == 2
        assert run(small, data, part_bytes=part_bytes, feed_bytes=11).refused


def test_cuts_are_numbered_by_element() -> None:
    data = dump([FIRST] * 20)
    cuts, _ = split(RECIPES, data, name="r", part_bytes=250, feed_bytes=64)
    assert len(cuts) > 5
    assert [cut.first for cut in cuts] == [data[: cut.start].count(b'"id"') for cut in cuts]


@pytest.mark.parametrize(
    ("data", "taken"),
    [
        (b'{"recipes": []}', True),
        (b' {"meta": {"recipes": [1]}, "x": "recipes", "recipes" : [', True),
        (b'[{"title": "T", "steps": []}]', True),
        (b'[{"x": {"a": 1}, "ingredients": [', True),
        (b'{"recipes": {}}', False),
        (b'{"meta": {"recipes": []}}', False),
        (b'{"x": ["recipes", []]}', False),
        (b'{"x": "recipes", "y": []}', False),
        (b'[{"title": "T"}]', False),
        (b'[{"x": {"ingredients": []}}]', False),
        (b"[1, 2]", False),
        (b"recipes: []", False),
    ],
)
def test_recognised_by_content(data: bytes, taken: bool) -> None:
    assert RECIPES.detect(head_of(data)) is taken


def test_the_published_schema_is_fresh() -> None:
    assert SCHEMA.read_bytes() == published_schema(), (
        "docs/schemas/recipe-1.json is out of date; docs/processors.md says how to write it anew"
    )


def test_the_published_schema_and_the_processor_agree() -> None:
    data = b"".join(generate("recipe", size=60_000, seed=5, bad_every=6))
    refused = {reject["element"] for reject in run(RECIPES, data).rejects}
    validator = jsonschema.Draft202012Validator(json.loads(SCHEMA.read_bytes()))
    invalid = {index for index, each in enumerate(json.loads(data)["recipes"]) if not validator.is_valid(each)}
    assert invalid == refused and refused
