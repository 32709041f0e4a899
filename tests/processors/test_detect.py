import io
import zipfile

import pytest

from cli.generate import KINDS, generate
from runtime.domain.errors import Rejected
from runtime.processors import PROCESSORS, by_kind, detect
from runtime.processors.api import Head
from tests.processors.cutting import head_of

EXPECTED = {
    "csv": "csv",
    "recipe": "recipe",
    "jsonl": "jsonl",
    "photo": "image",
    "binary": "other",
    "text": "text",
    "zip": "zip",
    "broken-csv": "csv",
    "broken-json": "recipe",
    "header-only": "csv",
}


@pytest.mark.parametrize(("kind", "processor"), EXPECTED.items())
def test_generated_files_are_recognised(kind: str, processor: str) -> None:
    data = b"".join(generate(kind, size=20_000, seed=1))
    assert detect(head_of(data, f"x.{KINDS[kind].extension}")).kind == processor


def test_the_content_decides_not_the_name() -> None:
    data = b"".join(generate("recipe", size=20_000, seed=1))
    assert {detect(head_of(data, name)).kind for name in ("x.csv", "x.txt", "x.jsonl", "x")} == {"recipe"}


def test_an_empty_file_is_rejected() -> None:
    with pytest.raises(Rejected, match="The file is empty"):
        detect(head_of(b"", "x.csv"))


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
@pytest.mark.parametrize("mark", ["\ufeff", ""])
@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("people.csv", "name,age\nAda,36\nAlan,41\n"),
        ("people", "name;age\nAda;36\nZoë;41\n"),
        ("events", '{"a": 1}\n{"a": 2}\n'),
        ("recipes.json", '{"recipes": [{"id": "1"}]}'),
    ],
)
def test_data_in_utf16_or_utf32_is_rejected_with_what_to_do(codec: str, mark: str, name: str, text: str) -> None:
    with pytest.raises(Rejected, match=f"{codec[:6].upper()}. Save it as UTF-8"):
        detect(head_of((mark + text).encode(codec), name))


def test_data_in_utf16_that_is_longer_than_the_head_is_rejected() -> None:
    data = ("\ufeffname,age\n" + "Ada,36\n" * 30_000).encode("utf-16-le")
    with pytest.raises(Rejected, match="UTF-16"):
        detect(head_of(data, "people"))


def test_samples_of_sound_are_no_text() -> None:
    samples = b"".join(value.to_bytes(2, "little") for value in range(200))
    assert detect(Head(name="sound.csv", size=10_000, data=samples)).kind == "other"


def zipped(*names: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in names:
            archive.writestr(name, b"x")
    return file.getvalue()


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("letter", "[Content_Types].xml"),
        ("letter.zip", "mimetype"),
        ("program", "META-INF/MANIFEST.MF"),
        ("table.xlsx", "anything.xml"),
        ("book.EPUB", "a.html"),
    ],
)
def test_documents_that_are_archives_inside_are_left_alone(name: str, first: str) -> None:
    assert detect(head_of(zipped(first, "b.xml"), name)).kind == "other"


@pytest.mark.parametrize("name", ["a.zip", "a", "a.csv", "a.txt"])
@pytest.mark.parametrize("names", [(), ("a.xml",), ("folder/", "folder/mimetype")])
def test_archives_are_recognised_by_any_name(name: str, names: tuple[str, ...]) -> None:
    assert detect(head_of(zipped(*names), name)).kind == "zip"


def test_a_piece_of_an_archive_is_rejected() -> None:
    with pytest.raises(Rejected, match="one piece of an archive"):
        detect(head_of(b"PK\7\x08" + zipped("a"), "a.zip"))


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"#!/bin/sh\n" + zipped("a.txt"), "not of a format"),
        (b"MZ" + zipped("a.txt"), "a program for Windows"),
        (b"id,name\n1,a\n", "text"),
    ],
)
def test_what_is_only_named_an_archive_is_rejected(data: bytes, what: str) -> None:
    with pytest.raises(Rejected, match=rf"named like an archive \(\.zip\).* it is {what}"):
        detect(head_of(data, "a.ZIP"))


def test_kinds_are_found_again_by_name() -> None:
    assert [by_kind(processor.kind) for processor in PROCESSORS] == list(PROCESSORS)
    with pytest.raises(KeyError):
        by_kind("parquet")


def test_a_kind_without_parts_says_so() -> None:
    with pytest.raises(TypeError, match="Other takes files whole"):
        by_kind("other").begin({})
