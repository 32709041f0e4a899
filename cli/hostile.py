"""Test files that mean harm, or that somebody's program has spoilt: variants of the kinds that `generate` makes."""

import io
import json
import random
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from cli.documents import pdf
from cli.pictures import BOMBED, FORMATS, picture, pixel_bomb

Make = Callable[[random.Random, int], Iterator[bytes]]


@dataclass(frozen=True, slots=True)
class Hostile:
    """A variant. `ends` is the state in which it must end: rejected, or succeeded with what is bad set aside."""

    description: str
    make: Make
    ends: str = "succeeded"


_HEADER = b"id,name,amount,note\n"
_NUMBER_DIGITS = 5_000
_DEEP = 100_000
_MANY = 100_001
_MIB = 1024 * 1024


def _row(rng: random.Random, number: int) -> bytes:
    return b"%d,%s,%d.%02d,note %d\n" % (number, _name(rng), rng.randrange(9999), rng.randrange(100), number)


def _name(rng: random.Random) -> bytes:
    return bytes(rng.choices(b"abcdefghijklmnopqrstuvwxyz", k=rng.randint(3, 12)))


def _table(
    rng: random.Random, size: int, *, header: bytes = _HEADER, bad: tuple[bytes, ...] = (), end: bytes = b""
) -> Iterator[bytes]:
    """Rows of which every fifth is one of `bad`; at least twenty."""
    yield header
    written, number = len(header) + len(end), 0
    while number < 20 or written < size:
        row = rng.choice(bad) if bad and number % 5 == 3 else _row(rng, number)
        yield row
        written += len(row)
        number += 1
    yield end


def _csv(*bad: bytes, header: bytes = _HEADER, end: bytes = b"") -> Make:
    return partial(_table, header=header, bad=bad, end=end)


def _translated(change: Callable[[bytes], bytes]) -> Make:
    return lambda rng, size: map(change, _table(rng, size))


def _utf16(rng: random.Random, size: int) -> Iterator[bytes]:
    yield b"\xff\xfe"
    for row in _table(rng, size // 2):
        yield row.decode().encode("utf-16-le")


def _lines(rng: random.Random, size: int, *, bad: tuple[bytes, ...], end: bytes = b"") -> Iterator[bytes]:
    """JSON Lines of which every fifth is one of `bad`; at least twenty."""
    written = number = 0
    while number < 20 or written < size:
        line = rng.choice(bad) if number % 5 == 3 else b'{"id": %d, "name": "%s"}' % (number, _name(rng))
        yield line + b"\n"
        written += len(line) + 1
        number += 1
    yield end


def _jsonl(*bad: bytes, end: bytes = b"") -> Make:
    return partial(_lines, bad=bad or (b'{"id": 1}',), end=end)


def _recipes(rng: random.Random, size: int, *, each: str = "", tail: bytes = b"\n]}\n") -> Iterator[bytes]:
    yield b'{"recipes": [\n'
    written = number = 0
    while number < 10 or written < size:
        recipe = {
            "id": f"r-{number}",
            "title": _name(rng).decode(),
            "servings": 2,
            "ingredients": [{"name": "rice", "quantity": 1, "unit": "kg"}],
            "steps": ["Cook."],
        }
        text = json.dumps(recipe)
        if each and number % 5 == 3:
            text = text[:-1] + f", {each}}}"
        piece = (",\n" if number else "") + text
        yield piece.encode()
        written += len(piece)
        number += 1
    yield tail


def _recipe(*, each: str = "", tail: bytes = b"\n]}\n") -> Make:
    return partial(_recipes, each=each, tail=tail)


def _cut_short(make: Callable[[str, int], bytes]) -> Make:
    """The first three fifths of a file."""

    def cut(rng: random.Random, size: int) -> Iterator[bytes]:
        whole = make(str(rng.random()), max(size, 2_000))
        yield whole[: len(whole) * 3 // 5]

    return cut


def _not_a_picture(rng: random.Random, size: int) -> Iterator[bytes]:
    yield from _table(rng, size, header=b"This is no picture at all.\n")


def _of_a_picture(kind: str) -> dict[str, Hostile]:
    other = "png" if kind == "photo" else "photo"
    variants = {
        "truncated": Hostile(
            "cut off before its end", _cut_short(lambda seed, size: picture(kind, seed, size=size)), "rejected"
        ),
        "mislabelled": Hostile(
            f"a {FORMATS[other]} under this kind's extension",
            lambda rng, size: iter([picture(other, str(rng.random()), size=size)]),
        ),
        "no-picture": Hostile("text under this kind's extension", _not_a_picture, "rejected"),
    }
    if kind in BOMBED:
        variants["pixel-bomb"] = Hostile(
            "a header that promises billions of pixels", lambda rng, size: iter([pixel_bomb(kind)]), "rejected"
        )
    return variants


def _zip_of(*members: tuple[str, bytes], mode: int = 0o100644) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, data in members:
            member = zipfile.ZipInfo(name)
            member.create_system, member.external_attr = 3, mode << 16
            archive.writestr(member, data)
    return file.getvalue()


def _zip(*names: str, mode: int = 0o100644) -> Make:
    """An archive whose first member is `size` random bytes, and the others hold a few."""

    def make(rng: random.Random, size: int) -> Iterator[bytes]:
        yield _zip_of(("readme.txt", rng.randbytes(size)), *((name, b"/etc/passwd") for name in names), mode=mode)

    return make


def _twice(rng: random.Random, size: int) -> Iterator[bytes]:
    data = _zip_of(("one.txt", rng.randbytes(size)), ("two.txt", b"another"))
    yield data.replace(b"two.txt", b"one.txt")


def _encrypted(rng: random.Random, size: int) -> Iterator[bytes]:
    data = bytearray(_zip_of(("secret.txt", rng.randbytes(max(size, 12)))))
    data[6] |= 1
    data[data.rindex(b"PK\x01\x02") + 8] |= 1
    yield bytes(data)


def _nested(rng: random.Random, size: int) -> Iterator[bytes]:
    data = _zip_of(("innermost.txt", rng.randbytes(size)))
    for depth in range(12):
        data = _zip_of((f"level-{depth}.zip", data))
    yield data


def _bomb(rng: random.Random, size: int) -> Iterator[bytes]:
    """A thousand times as large inside as outside: zeros."""
    from runtime.domain.crc import crc32_combine  # noqa: PLC0415 - for this variant only
    from runtime.domain.zipwriter import FragmentDeflater, ZipWriter  # noqa: PLC0415

    zeros = bytes(_MIB)
    deflater = FragmentDeflater()
    fragment = deflater.compress(zeros) + deflater.flush()
    count = max(size // len(fragment), 200)
    crc32 = 0
    for _ in range(count):
        crc32 = crc32_combine(crc32, zlib.crc32(zeros), _MIB)
    pieces: list[bytes] = []
    archive = ZipWriter(pieces.append)
    archive.add_deflated(
        f"bomb-{rng.randrange(10**6)}.bin",
        [fragment] * count,
        crc32=crc32,
        size=count * _MIB,
        compressed_size=count * len(fragment),
    )
    archive.close()
    yield from pieces


def _many(rng: random.Random, size: int) -> Iterator[bytes]:
    from runtime.domain.zipwriter import ZipWriter  # noqa: PLC0415 - for this variant only

    pieces: list[bytes] = []
    archive = ZipWriter(pieces.append)
    for number in range(_MANY):
        archive.add(f"{number}-{rng.randrange(10)}", (), compress=False, size=0)
    archive.close()
    yield b"".join(pieces)


def _cut_zip(rng: random.Random, size: int) -> Iterator[bytes]:
    data = _zip_of(("one.txt", rng.randbytes(max(size, 200))))
    yield data[: len(data) - 60]


def _overlapping(rng: random.Random, size: int) -> Iterator[bytes]:
    """Two entries of the directory that point to the same bytes."""
    data = bytearray(_zip_of(("one.txt", rng.randbytes(size)), ("two.txt", b"another")))
    at = data.rindex(b"PK\x01\x02") + 42
    data[at : at + 4] = bytes(4)
    yield bytes(data)


def _with_more(before: bool) -> Make:
    """An archive with something before or behind it that it does not know of."""

    def make(rng: random.Random, size: int) -> Iterator[bytes]:
        data, other = _zip_of(("one.txt", rng.randbytes(size))), _zip_of(("hidden.txt", rng.randbytes(99)))
        yield other + data if before else data + rng.randbytes(99)

    return make


def _pdf(share: float = 1.0, **more: str) -> Make:
    def make(rng: random.Random, size: int) -> Iterator[bytes]:
        whole = b"".join(pdf(lambda: _name(rng).decode(), size, **more))
        yield whole[: int(len(whole) * share)]

    return make


def _text(*, codec: str = "utf-8", among: bytes = b"") -> Make:
    """Lines of words, and something among them from the third on."""

    def make(rng: random.Random, size: int) -> Iterator[bytes]:
        written = number = 0
        while number < 20 or written < size:
            mark = "\ufeff" if number == 0 and codec != "utf-8" else ""
            line = mark + " ".join(_name(rng).decode() for _ in range(9)) + " é\n"
            piece = (among if number > 1 else b"") + line.encode(codec)
            yield piece
            written += len(piece)
            number += 1

    return make


_RAGGED = (b"1,short\n", b"1,a,2,b,one too many\n", b"only\n")
_LOCK = (
    f"/Encrypt << /Filter /Standard /V 2 /R 3 /Length 128 /P -4 /O <{'5a' * 32}> /U <{'a5' * 32}> >> /ID [<00> <00>] "
)
_HUGE = b"9" * _NUMBER_DIGITS

HOSTILE: dict[str, dict[str, Hostile]] = {
    "csv": {
        "ragged": Hostile("every fifth row has the wrong number of fields", _csv(*_RAGGED)),
        "stray-quotes": Hostile("text after closing quotes", _csv(b'1,"a"b,2,c\n', b'1,"a" ,2,"x" "y"\n')),
        "unterminated-quote": Hostile("the last row's quote is never closed", _csv(end=b'1,"never closed,2,c\n1,a,2')),
        "nul": Hostile("NUL bytes in rows", _csv(b"1,a\0,2,c\n", b"\0,a,2,c\n")),
        "bad-utf8": Hostile("bytes that are no UTF-8", _csv(b"1,caf\xe9,2,c\n", b"1,\xc3(,2,\xff\xfe\n")),
        "bad-header": Hostile("a header that is no UTF-8", _csv(header=b"id,caf\xe9,amount,note\n"), "rejected"),
        "duplicate-headers": Hostile("two columns of one name", _csv(header=b"id,name,name,note\n")),
        "empty-headers": Hostile("columns without a name", _csv(header=b"id,,amount,\n")),
        "utf16": Hostile("UTF-16 with a byte order mark", _utf16),
        "semicolons": Hostile("delimited by semicolons", _translated(lambda row: row.replace(b",", b";"))),
        "tabs": Hostile("delimited by tabs", _translated(lambda row: row.replace(b",", b"\t"))),
        "returns": Hostile("lines that end with a carriage return", _translated(lambda row: row.replace(b"\n", b"\r"))),
    },
    "jsonl": {
        "deep": Hostile("endless nesting", _jsonl(b'{"a":' * _DEEP + b"1" + b"}" * _DEEP, b"[" * _DEEP)),
        "huge-numbers": Hostile("numbers of 5,000 digits and 1e400", _jsonl(b'{"id": %s}' % _HUGE, b'{"id": 1e400}')),
        "not-a-number": Hostile("NaN and Infinity", _jsonl(b'{"id": NaN}', b'{"id": -Infinity}')),
        "bad-utf8": Hostile("bytes that are no UTF-8", _jsonl(b'{"name": "\xff"}')),
        "double-keys": Hostile("a member twice", _jsonl(b'{"id": 1, "id": 2}')),
        "truncated": Hostile("ends in the middle of a line", _jsonl(end=b'{"id": 1, "na')),
    },
    "recipe": {
        "deep": Hostile("endless nesting", _recipe(each='"x": ' + "[" * _DEEP + "]" * _DEEP), "rejected"),
        "huge-numbers": Hostile("a time of 5,000 digits", _recipe(each='"prep_minutes": ' + _HUGE.decode())),
        "truncated": Hostile("ends in the middle of the list", _recipe(tail=b',\n{"id": "'), "rejected"),
        "trailing": Hostile("something after its end", _recipe(tail=b"\n]} and more"), "rejected"),
        "double-keys": Hostile("two lists of recipes", _recipe(tail=b'\n], "recipes": []}'), "rejected"),
    },
    "text": {
        "bad-utf8": Hostile("letters of two encodings", _text(among=b"caf\xe9 ")),
        "utf16": Hostile("UTF-16 with a byte order mark", _text(codec="utf-16-le")),
        "nul": Hostile("NUL bytes among letters", _text(among=b"\0")),
        "control": Hostile("what moves a screen's cursor and turns lines around", _text(among=b"\x1b[2J\xe2\x80\xae")),
        "binary": Hostile("random bytes under this kind's extension", lambda rng, size: iter([rng.randbytes(size)])),
    },
    **{kind: _of_a_picture(kind) for kind in FORMATS},
    "zip": {
        "bomb": Hostile("a thousand times as large inside", _bomb, "rejected"),
        "traversal": Hostile("a member outside of the folder", _zip("../../etc/cron.d/evil"), "rejected"),
        "absolute": Hostile("members with absolute names", _zip("/etc/evil", "C:\\evil.exe"), "rejected"),
        "symlink": Hostile("links in the place of files", _zip("link", mode=0o120777), "rejected"),
        "duplicates": Hostile("two members of one name", _twice, "rejected"),
        "encrypted": Hostile("a member that asks for a password", _encrypted, "rejected"),
        "nested": Hostile("archives in archives, twelve levels; rejected by the malware gate", _nested, "rejected"),
        "many-members": Hostile(f"{_MANY:,} members, of whatever size was asked for", _many, "rejected"),
        "truncated": Hostile("cut off in its directory", _cut_zip, "rejected"),
        "overlapping": Hostile("two members that share their bytes", _overlapping, "rejected"),
        "hidden": Hostile("another archive before it, which its directory does not name", _with_more(True), "rejected"),
        "trailing": Hostile("bytes behind its end", _with_more(False), "rejected"),
    },
    "pdf": {
        "truncated": Hostile("cut off before its end", _pdf(share=0.6), "rejected"),
        "mislabelled": Hostile("text under this kind's extension", _text(), "rejected"),
        "page-loop": Hostile("a tree of pages in which the root is a leaf of its own", _pdf(kids="2 0 R"), "rejected"),
        "locked": Hostile("asks for a password", _pdf(trailer=_LOCK)),
        "states": Hostile("a page that begins with a million saved states", _pdf(each="q " * 1_000_000)),
        "script": Hostile(
            "runs a script when it is opened", _pdf(action="/OpenAction << /S /JavaScript /JS (app.alert(1)) >> ")
        ),
    },
}
"""By kind and name."""


def listed() -> str:
    """All of them, in one sentence for each kind."""
    return "; ".join(f"{kind}: {', '.join(variants)}" for kind, variants in HOSTILE.items())
