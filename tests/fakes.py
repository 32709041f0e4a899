"""The domain's ports in memory, with the faults that a test asks for."""

import hashlib
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

from runtime.domain.errors import Corrupt, Rejected, Superseded
from runtime.domain.identity import FileVersion
from runtime.domain.ports import Piece, Place, Stat, pieces_of


@dataclass
class FakeObjects:
    """`Objects`; `stored` maps (bucket, key) to bytes, `told` to metadata, `read_bytes` counts what was read."""

    stored: dict[tuple[str, str], bytes] = field(default_factory=dict)
    told: dict[tuple[str, str], dict[str, str]] = field(default_factory=dict)
    piece: int = 64 * 1024
    read_bytes: int = 0

    def add(self, file: FileVersion, data: bytes) -> None:
        self.stored[file.bucket, f"{file.key}?{file.version}"] = data

    def _find(self, place: Place) -> bytes:
        key = f"{place.key}?{place.version}" if place.version else place.key
        try:
            return self.stored[place.bucket, key]
        except KeyError:
            if place.version:
                raise Rejected("this version of the file was deleted before it was processed") from None
            raise Corrupt(f"{place.key} is not there") from None

    def read(self, place: Place, *, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        for piece in pieces_of(self._find(place)[start:end], self.piece):
            self.read_bytes += len(piece)
            yield piece

    def get(self, place: Place) -> bytes:
        return self._find(place)

    def put(self, place: Place, data: bytes, *, content_type: str, sha256: str | None = None) -> None:
        assert sha256 in (None, hashlib.sha256(data).hexdigest())
        self.stored[place.bucket, place.key] = data

    def put_once(self, place: Place, data: bytes, *, content_type: str) -> bytes:
        return self.stored.setdefault((place.bucket, place.key), data)

    @contextmanager
    def write(
        self, place: Place, *, content_type: str, filename: str | None = None, inline: bool = False
    ) -> Iterator[BytesIO]:
        stream = BytesIO()
        yield stream
        if self.stored.setdefault((place.bucket, place.key), stream.getvalue()) != stream.getvalue():
            raise Corrupt(f"{place.key}: another object is there already")

    def deposit(self, place: Place, pieces: Iterable[bytes], *, metadata: Mapping[str, str]) -> None:
        data = b"".join(pieces)
        if (place.bucket, place.key) not in self.stored:
            self.stored[place.bucket, place.key] = data
            self.told[place.bucket, place.key] = dict(metadata)

    def metadata(self, place: Place) -> Mapping[str, str]:
        return self.told.get((place.bucket, place.key), {})

    def join(self, place: Place, pieces: Sequence[Piece], *, content_type: str) -> None:
        for piece in pieces:
            assert zlib.crc32(self._find(piece.place)) == piece.crc32
        self.stored[place.bucket, place.key] = b"".join(self._find(piece.place) for piece in pieces)

    def copy(self, source: Place, target: Place, *, size: int) -> None:
        self.stored[target.bucket, target.key] = self._find(source)

    def stat(self, place: Place) -> Stat:
        data = self._find(place)
        return Stat(size=len(data), crc32=zlib.crc32(data))


@dataclass
class FakeLedger:
    """`Ledger`; refuses what the real one would."""

    entries: list[tuple[str, str]] = field(default_factory=list)
    stages: list[tuple[str, Mapping[str, int]]] = field(default_factory=list)
    has_ended: bool = False

    def scanning(self, file: FileVersion, run: str, token: str) -> None:
        if self.has_ended:
            raise Superseded(file.name)
        self.entries.append((file.ledger_key("scanning"), run))

    def processing(self, file: FileVersion, run: str) -> None:
        if self.has_ended:
            raise Superseded(file.name)
        self.entries.append((file.ledger_key("processing"), run))

    def stage(self, file: FileVersion, stage: str, progress: Mapping[str, int]) -> None:
        self.stages.append((stage, progress))

    def ended(self, file: FileVersion, run: str, state: str, *, reason: str, detail: str) -> None:
        if self.has_ended:
            raise Superseded(file.name)
        self.has_ended = True
        self.entries.append((file.ledger_key(state), run))


class FakeSigner:
    """`Signer` without a key."""

    def sign(self, key: str) -> tuple[str, str]:
        return f"https://delivery.example/{key}?Signature=none", "2026-01-03T00:00:00Z"


def version(data: bytes, *, name: str = "data.csv", number: int = 1, **more: Any) -> FileVersion:
    """A version of an object that holds `data`."""
    fields = {
        "bucket": "upload",
        "key": name,
        "version": f"v{number}",
        "size": len(data),
        "etag": "e",
        "sequencer": f"{number:04X}",
        "received_at": "2026-01-02T03:04:05Z",
    }
    return FileVersion(**{**fields, **more})
