"""What a recipe is, and the one form into which it is brought.

Types are strict ("4" servings are refused), members that are not listed here are allowed and left out of the result.
Amounts become whole numbers in the smallest unit: milligrams, microlitres, thousandths of a piece.
"""

from decimal import ROUND_HALF_EVEN, Context, Decimal
from functools import lru_cache
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

Line = Annotated[str, Meta(min_length=1, max_length=1000)]
_QUANTITY = Meta(ge=0, le=1_000_000)
Minutes = Annotated[int, Meta(ge=0, le=100_000, description="Whole minutes.")]

_NEEDED_DIGITS = Context(prec=60, rounding=ROUND_HALF_EVEN)

MASS, VOLUME, PIECES = "mg", "ul", "thousandths"
# Amounts of the smallest unit in one of each. Spoons and cups are metric (5, 15 and 250 ml), ounces avoirdupois,
# fluid ounces, pints, quarts and gallons of the United States.
_FACTORS: dict[str, tuple[str, str]] = {
    "mg": (MASS, "1"),
    "g": (MASS, "1000"),
    "kg": (MASS, "1000000"),
    "oz": (MASS, "28349.523125"),
    "lb": (MASS, "453592.37"),
    "ml": (VOLUME, "1000"),
    "cl": (VOLUME, "10000"),
    "dl": (VOLUME, "100000"),
    "l": (VOLUME, "1000000"),
    "tsp": (VOLUME, "5000"),
    "tbsp": (VOLUME, "15000"),
    "cup": (VOLUME, "250000"),
    "fl oz": (VOLUME, "29573.5295625"),
    "pint": (VOLUME, "473176.473"),
    "quart": (VOLUME, "946352.946"),
    "gallon": (VOLUME, "3785411.784"),
    "piece": (PIECES, "1000"),
    "pinch": (PIECES, "1000"),
    "clove": (PIECES, "1000"),
    "slice": (PIECES, "1000"),
    "can": (PIECES, "1000"),
    "bunch": (PIECES, "1000"),
    "dozen": (PIECES, "12000"),
}
_ALIASES = {
    "": "piece", "pc": "piece", "pcs": "piece", "pieces": "piece", "whole": "piece",
    "gram": "g", "grams": "g", "kilogram": "kg", "kilograms": "kg", "milligram": "mg", "milligrams": "mg",
    "ounce": "oz", "ounces": "oz", "pound": "lb", "pounds": "lb", "lbs": "lb",
    "millilitre": "ml", "millilitres": "ml", "milliliter": "ml", "milliliters": "ml",
    "litre": "l", "litres": "l", "liter": "l", "liters": "l",
    "teaspoon": "tsp", "teaspoons": "tsp", "tablespoon": "tbsp", "tablespoons": "tbsp", "cups": "cup",
    "fluid ounce": "fl oz", "fluid ounces": "fl oz", "pints": "pint", "quarts": "quart", "gallons": "gallon",
    "pinches": "pinch", "cloves": "clove", "slices": "slice", "cans": "can", "bunches": "bunch",
}  # fmt: skip
UNITS = {unit: (base, Decimal(factor)) for unit, (base, factor) in _FACTORS.items()}
UNITS |= {alias: UNITS[unit] for alias, unit in _ALIASES.items()}

CUISINES = frozenset(
    [
        *("american", "british", "caribbean", "chinese", "ethiopian", "french", "german", "greek", "indian"),
        *("indonesian", "italian", "japanese", "korean", "lebanese", "mexican", "moroccan", "peruvian", "polish"),
        *("portuguese", "spanish", "swedish", "swiss", "thai", "turkish", "vietnamese"),
    ]
)
"""Those that are counted by name; a closed list, so that a file cannot make the totals grow."""


class Ingredient(Struct, frozen=True):
    """One thing that goes in. No unit means pieces."""

    name: Line
    quantity: Annotated[int, _QUANTITY] | Annotated[float, _QUANTITY]
    unit: Annotated[str, Meta(max_length=40, description="Any of the known units, in upper or lower case.")] = ""


class Recipe(Struct, frozen=True):
    """A recipe as it is uploaded."""

    id: Annotated[str, Meta(min_length=1, max_length=200)]
    title: Line
    servings: Annotated[int, Meta(ge=1, le=100_000)]
    ingredients: Annotated[list[Ingredient], Meta(min_length=1)]
    steps: Annotated[list[Annotated[str, Meta(min_length=1)]], Meta(min_length=1)]
    cuisine: Annotated[str, Meta(max_length=100)] | None = None
    tags: list[Annotated[str, Meta(max_length=100)]] = []
    prep_minutes: Minutes = 0
    cook_minutes: Minutes = 0


class CleanIngredient(Struct, frozen=True):
    """An ingredient in the result: `amount` in whole mg, ul or thousandths of a piece."""

    amount: int
    name: str
    unit: str


class CleanRecipe(Struct, frozen=True):
    """A recipe in the result. Members are in alphabetical order, which is the order in which they are written."""

    cook_minutes: int
    cuisine: str | None
    id: str
    ingredients: list[CleanIngredient]
    prep_minutes: int
    servings: int
    steps: list[str]
    tags: list[str]
    title: str


class BadRecipe(Exception):
    """A recipe has the right types but makes no sense. `code` is the key of its total, `path` a JSON path."""

    def __init__(self, code: str, path: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.path = path
        self.reason = reason


def normalise(recipe: Recipe) -> CleanRecipe:
    """The recipe in its one form: trimmed, lower-case tags and cuisine, amounts converted. Raises `BadRecipe`."""
    cuisine = _line(recipe.cuisine).lower() if recipe.cuisine else ""
    return CleanRecipe(
        cook_minutes=recipe.cook_minutes,
        cuisine=cuisine or None,
        id=_filled(recipe.id, "$.id"),
        ingredients=[_ingredient(each, index) for index, each in enumerate(recipe.ingredients)],
        prep_minutes=recipe.prep_minutes,
        servings=recipe.servings,
        steps=[_filled(step, f"$.steps[{index}]") for index, step in enumerate(recipe.steps)],
        tags=sorted({tag for each in recipe.tags if (tag := _line(each).lower())}),
        title=_filled(recipe.title, "$.title"),
    )


def _line(text: str) -> str:
    return " ".join(text.split())


def _filled(text: str, path: str) -> str:
    line = _line(text)
    if not line:
        raise BadRecipe("rejected_blank", path, "nothing but blanks")
    return line


def _ingredient(ingredient: Ingredient, index: int) -> CleanIngredient:
    try:
        unit, amount = _amount(ingredient.quantity, ingredient.unit)
    except KeyError:
        path = f"$.ingredients[{index}].unit"
        raise BadRecipe("rejected_unit", path, f"unknown unit {ingredient.unit!r}") from None
    return CleanIngredient(amount=amount, name=_filled(ingredient.name, f"$.ingredients[{index}].name"), unit=unit)


@lru_cache(maxsize=4096)
def _amount(quantity: float, unit: str) -> tuple[str, int]:
    base, factor = UNITS[_line(unit).lower().rstrip(".")]
    # A float's shortest decimal form is what stood in the file, so 0.1 kg are 100,000 mg and not a hair more.
    exact = _NEEDED_DIGITS.multiply(Decimal(repr(quantity)), factor)
    return base, int(exact.to_integral_value(ROUND_HALF_EVEN))


def published_schema() -> bytes:
    """The JSON Schema of one uploaded recipe, as it stands in `docs/schemas/recipe-1.json`."""
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **msgspec.json.schema(Recipe)}
    return msgspec.json.format(msgspec.json.encode(schema, order="sorted"), indent=2) + b"\n"
