"""Recipes as rows of a table: one for each, with what is one value; lists are counted, their amounts summed up."""

from collections import Counter
from collections.abc import Sequence

import msgspec

from runtime.domain.column_types import BIGINT, VARCHAR
from runtime.processors.members import quoted
from runtime.processors.recipe_schema import MASS, VOLUME, CleanRecipe

COLUMNS = {
    "id": VARCHAR,
    "title": VARCHAR,
    "cuisine": VARCHAR,
    "servings": BIGINT,
    "prep_minutes": BIGINT,
    "cook_minutes": BIGINT,
    "ingredients": BIGINT,
    "steps": BIGINT,
    "milligrams": BIGINT,
    "microlitres": BIGINT,
    "piece_thousandths": BIGINT,
}
_SUMS = {MASS: "milligrams", VOLUME: "microlitres"}
_DECODER = msgspec.json.Decoder(CleanRecipe)


def amounts(recipe: CleanRecipe) -> Counter[str]:
    """What goes in, by the column that sums it up."""
    found: Counter[str] = Counter()
    for ingredient in recipe.ingredients:
        found[_SUMS.get(ingredient.unit, "piece_thousandths")] += ingredient.amount
    return found


def as_rows(lines: bytes, names: Sequence[str]) -> bytes:
    """Recipes of the result as CSV in which text is always quoted."""
    return b"".join(_row(recipe, names) for recipe in _DECODER.decode_lines(lines))


def _row(recipe: CleanRecipe, names: Sequence[str]) -> bytes:
    sums = amounts(recipe)
    values = {
        "id": quoted(recipe.id),
        "title": quoted(recipe.title),
        "cuisine": "" if recipe.cuisine is None else quoted(recipe.cuisine),
        "servings": recipe.servings,
        "prep_minutes": recipe.prep_minutes,
        "cook_minutes": recipe.cook_minutes,
        "ingredients": len(recipe.ingredients),
        "steps": len(recipe.steps),
    }
    return (",".join(str(values.get(name, sums[name])) for name in names) + "\n").encode()
