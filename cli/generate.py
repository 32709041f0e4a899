"""Test files of every kind, from a seed and a size: the same three always give the same bytes.

Rows and recipes are dealt from a small pool that the seed fills, so that large files are made about as fast as they
can be written.
"""

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain

from cli.documents import pdf
from cli.hostile import HOSTILE
from cli.pictures import FORMATS, picture
from runtime.domain.zipwriter import ZipWriter

BLOCK = 1024 * 1024

_POOL = 2000
_CITIES = ("Zürich", "Tōkyō", "São Paulo", "Kraków", "Ålesund", "Nairobi", "Montréal", "Wellington")
_WORDS = (
    *("amber", "birch", "cedar", "delta", "ember", "fjord", "grove", "heron", "inlet", "jasper", "kelp", "lagoon"),
    *("maple", "north", "ochre", "pebble", "quartz", "river", "slate", "tundra", "umber", "valley", "willow"),
)
_HEADER = b"id,date,customer,city,amount,note\n"
# The EICAR test file, which every scanner for malware takes for a virus, and this source if it stood here in one piece.
EICAR = b"".join((rb"X5O!P%@AP[4\PZX54(P^)7CC)7}", b"$EICAR-STANDARD-", b"ANTIVIRUS-TEST-FILE!$", b"H+H*"))
_MEASURES = (("g", 250), ("g", 12.5), ("kg", 0.75), ("ml", 120), ("cup", 1.5), ("tsp", 0.25), ("piece", 2), ("", 3))
_FOODS = ("flour", "milk", "butter", "egg", "crème fraîche", "onion", "jalapeño", "rice", "lentils", "basil")
_CUISINES = ("italian", "Japanese", "mexican", "indian", "french", "Thai")


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of test file: its usual extension, what it is, and what makes `size` bytes of it (about)."""

    extension: str
    description: str
    make: Callable[[random.Random, int, int], Iterator[bytes]]


def generate(
    kind: str,
    *,
    size: int,
    seed: int,
    bad_every: int = 0,
    hostile: str = "",
    pixels: tuple[int, int] | None = None,
) -> Iterator[bytes]:
    """Yields a file of about `size` bytes in pieces.

    With `bad_every` (csv, jsonl and recipe only) about one record in so many is bad. `hostile` names a variant (see
    `cli/hostile.py`). `pixels` are a picture's width and height; its size is then what it is. Raises `ValueError` for
    what it does not know.
    """
    if kind not in KINDS:
        raise ValueError(f"unknown kind {kind!r}; there are {', '.join(KINDS)}")
    if size < 0 or bad_every < 0:
        raise ValueError("size and bad_every must not be negative")
    if bad_every and kind not in ("csv", "jsonl", "recipe"):
        raise ValueError(f"files of kind {kind!r} have no bad records")
    if pixels and kind not in FORMATS:
        raise ValueError(f"files of kind {kind!r} have no pixels")
    if hostile:
        return _hostile(kind, hostile, size=size, seed=seed)
    if pixels:
        return iter([picture(kind, f"{kind} {seed}", size=size, pixels=pixels)])
    return KINDS[kind].make(random.Random(f"{kind} {seed}"), size, bad_every)  # noqa: S311 - not a secret


def _hostile(kind: str, name: str, *, size: int, seed: int) -> Iterator[bytes]:
    variants = HOSTILE.get(kind, {})
    if name not in variants:
        there = f"there are {', '.join(variants)}" if variants else "it has none"
        raise ValueError(f"there is no hostile variant {name!r} of {kind}; {there}")
    return variants[name].make(random.Random(f"{kind} {name} {seed}"), size)  # noqa: S311 - not a secret


def _dealt(rng: random.Random, size: int, pool: list[bytes], form: bytes) -> Iterator[bytes]:
    """`size` bytes (about) of records: `form` filled with a running number and one of the pool."""
    number = 0
    average = max(sum(map(len, pool)) // len(pool), 1) + len(form) + 4
    while size > 0:
        count = max(1, min(size, BLOCK) // average)
        block = b"".join([form % each for each in enumerate(rng.choices(pool, k=count), number)])
        number += count
        size -= len(block)
        yield block


def _words(rng: random.Random, least: int, most: int) -> str:
    return " ".join(rng.choices(_WORDS, k=rng.randint(least, most)))


def _row(rng: random.Random) -> bytes:
    customer = _words(rng, 1, 2).title()
    note = _words(rng, 2, 12)
    kind = rng.random()
    if kind < 0.1:
        note = f'"{note}\n{_words(rng, 2, 6)}"'
    elif kind < 0.2:
        note = f'"{note}, said ""{_words(rng, 1, 3)}"""'
    elif kind < 0.25:
        note = ""
    if rng.random() < 0.1:
        customer = f'"{customer}, {_words(rng, 1, 1).title()}"'
    date = f"20{rng.randrange(20, 27)}-{rng.randrange(1, 13):02}-{rng.randrange(1, 29):02}"
    amount = f"{rng.randrange(-99_999, 9_999_999) / 100:.2f}"
    return f"{date},{customer},{rng.choice(_CITIES)},{amount},{note}".encode()


def _bad_row(rng: random.Random) -> bytes:
    bad = (
        b"2024-05-01,short",
        b"2024-05-01,a,b,1,c,one too many",
        b"2024-05-01,\xff\xfe,b,1,c",
        b'2024-05-01,"a"b,c,1,d',
    )
    return rng.choice(bad)


def _pool(rng: random.Random, good: Callable[..., bytes], bad: Callable[..., bytes], bad_every: int) -> list[bytes]:
    """What is dealt from: with bad records in the wanted share."""
    size = max(_POOL, 2 * bad_every)
    wrong = max(1, size // bad_every) if bad_every else 0
    return [good(rng) for _ in range(size - wrong)] + [bad(rng) for _ in range(wrong)]


def _csv(rng: random.Random, size: int, bad_every: int) -> Iterator[bytes]:
    yield _HEADER
    yield from _dealt(rng, size - len(_HEADER), _pool(rng, _row, _bad_row, bad_every), b"%d,%s\n")


def _recipe(rng: random.Random) -> bytes:
    ingredients = []
    for _ in range(rng.randint(3, 12)):
        unit, quantity = rng.choice(_MEASURES)
        ingredients.append({"name": rng.choice(_FOODS), "quantity": quantity, "unit": unit})
    recipe = {
        "title": f" {_words(rng, 2, 5).title()} ",
        "servings": rng.randint(1, 12),
        "cuisine": rng.choice(_CUISINES),
        "tags": rng.sample(_WORDS, k=rng.randint(0, 4)),
        "ingredients": ingredients,
        "steps": [f'{_words(rng, 4, 20).capitalize()}: say "done", then go on.' for _ in range(rng.randint(1, 8))],
        "prep_minutes": rng.randrange(60),
        "cook_minutes": rng.randrange(240),
    }
    # Without the opening brace: the id is put before it.
    return json.dumps(recipe, ensure_ascii=False).encode()[1:]


def _bad_recipe(rng: random.Random) -> bytes:
    wrong = ('"servings": "four"', '"servings": 0', '"ingredients": []', '"title": 7', '"steps": [""]')
    return f'"note": "not a recipe", {rng.choice(wrong)}}}'.encode()


def _recipes(rng: random.Random, size: int, bad_every: int) -> Iterator[bytes]:
    opening, closing = b'{"source": "penstock generate", "recipes": [\n', b'\n], "complete": true}\n'
    pool = _pool(rng, _recipe, _bad_recipe, bad_every)
    yield opening
    first = True
    for block in _dealt(rng, size - len(opening) - len(closing), pool, b',\n{"id": "r-%d", %s'):
        yield block[2:] if first else block
        first = False
    yield closing


def _event(rng: random.Random) -> bytes:
    event = {
        "user": _words(rng, 1, 1),
        "city": rng.choice(_CITIES),
        "amount": rng.randrange(10_000) / 100,
        "text": f'{_words(rng, 1, 12)}\n"{_words(rng, 1, 2)}"',
        "tags": rng.sample(_WORDS, k=rng.randint(0, 3)),
        "place": {"lat": rng.randrange(-90, 90), "lon": rng.randrange(-180, 180)},
    }
    return json.dumps(event, ensure_ascii=False).encode()[1:]


def _bad_event(rng: random.Random) -> bytes:
    return rng.choice((b'"amount": NaN}', b'"user": "cut o', b'"user": "\xff"}', b'"amount": 1,}'))


def _json_lines(rng: random.Random, size: int, bad_every: int) -> Iterator[bytes]:
    yield from _dealt(rng, size, _pool(rng, _event, _bad_event, bad_every), b'{"id": %d, %s\n')


def _picture(kind: str) -> Callable[[random.Random, int, int], Iterator[bytes]]:
    return lambda rng, size, bad_every: iter([picture(kind, str(rng.random()), size=size)])


def _binary(rng: random.Random, size: int, bad_every: int) -> Iterator[bytes]:
    yield from _cut_off(chain([b"\x7fPEN\x00\x01\x02\x03"], iter(lambda: rng.randbytes(BLOCK), b"")), size)


def _text(rng: random.Random, size: int, bad_every: int) -> Iterator[bytes]:
    pool = [f"{_words(rng, 4, 14).capitalize()}. {_words(rng, 3, 9).capitalize()}!\n".encode() for _ in range(_POOL)]
    yield from _cut_off(iter(lambda: b"".join(rng.choices(pool, k=_POOL)), b""), size)


def _pdf(rng: random.Random, size: int, bad_every: int) -> Iterator[bytes]:
    pool = [f"{_words(rng, 6, 12).capitalize()}." for _ in range(_POOL)]
    return pdf(lambda: rng.choice(pool), size)


def _broken_csv(rng: random.Random, size: int, bad_every: int) -> Iterator[bytes]:
    """No row has as many fields as the header, and the last one opens a quote that nothing closes."""
    yield _HEADER
    ragged = [b",".join([b"x" * rng.randint(1, 9)] * rng.choice((1, 2, 3, 8))) for _ in range(_POOL)]
    yield from _dealt(rng, size - len(_HEADER), ragged, b"%d,%s\n")
    yield b'0,2024-01-01,"this quote is never closed,x,1,\n1,2024-01-01,a,b,2,c\n'


def _broken_json(rng: random.Random, size: int, bad_every: int) -> Iterator[bytes]:
    """Recipes, cut off in the middle of one."""
    yield from _cut_off(_recipes(rng, size + BLOCK, 0), max(size, 200))


def _empty(rng: random.Random, size: int, bad_every: int) -> Iterator[bytes]:
    return iter(())


def _header_only(rng: random.Random, size: int, bad_every: int) -> Iterator[bytes]:
    yield _HEADER


def _utf16_csv(rng: random.Random, size: int, bad_every: int) -> Iterator[bytes]:
    yield b"\xff\xfe"
    for block in _csv(rng, size // 2, 0):
        yield block.decode().encode("utf-16-le")


def _zip(rng: random.Random, size: int, bad_every: int) -> Iterator[bytes]:
    pieces: list[bytes] = []
    archive = ZipWriter(pieces.append)
    for chunk in _cut_off(iter(lambda: rng.randbytes(BLOCK), b""), size):
        archive.add(f"part-{archive.offset}.bin", [chunk], compress=False, size=len(chunk))
        yield from pieces
        pieces.clear()
    archive.add_bytes("readme.txt", b"Made by penstock generate.\n")
    archive.close()
    yield from pieces


def _cut_off(blocks: Iterator[bytes], size: int) -> Iterator[bytes]:
    for block in blocks:
        if size <= 0:
            return
        yield block[:size]
        size -= len(block)


def _eicar(rng: random.Random, size: int, bad_every: int) -> Iterator[bytes]:
    yield EICAR + b"\n"
    yield from _text(rng, size - len(EICAR) - 1, 0)


KINDS = {
    "csv": Kind("csv", "rows with quoted line breaks, doubled quotes and letters of many languages", _csv),
    "recipe": Kind("json", "recipes as one JSON document", _recipes),
    "jsonl": Kind("jsonl", "events as JSON Lines", _json_lines),
    "photo": Kind("jpg", "a JPEG with EXIF data, place and orientation included", _picture("photo")),
    "png": Kind("png", "a picture as PNG, with EXIF data", _picture("png")),
    "webp": Kind("webp", "a picture as WebP, with EXIF data", _picture("webp")),
    "gif": Kind("gif", "a picture as GIF", _picture("gif")),
    "tiff": Kind("tiff", "a picture as TIFF, with EXIF data", _picture("tiff")),
    "avif": Kind("avif", "a picture as AVIF, with EXIF data", _picture("avif")),
    "binary": Kind("bin", "random bytes", _binary),
    "text": Kind("txt", "prose", _text),
    "pdf": Kind("pdf", "pages of prose", _pdf),
    "zip": Kind("zip", "a ZIP of random bytes", _zip),
    "broken-csv": Kind("csv", "every row with the wrong number of fields; rejected", _broken_csv),
    "broken-json": Kind("json", "recipes that end in the middle of one; rejected", _broken_json),
    "eicar": Kind("txt", "the EICAR test file and some prose; rejected where there is a malware gate", _eicar),
    "empty": Kind("csv", "no bytes at all; rejected", _empty),
    "header-only": Kind("csv", "a CSV header and no rows", _header_only),
    "utf16-csv": Kind("csv", "CSV as some spreadsheets save it, in UTF-16", _utf16_csv),
}
