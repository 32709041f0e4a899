"""The step that takes an image, or a PDF, from upload to delivery (ADR 11 and 13).

What is delivered of an image holds pixels and nothing else: the sizes, made anew. What the camera wrote (place, time,
device) is kept in `result.json` in the output bucket, which no link leads to, and the original in the backup. A PDF is
delivered as it is, and beside it its first page in the sizes of an image.
"""

import hashlib
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from runtime.domain import archiving, declared_sums, documents, outcome, places, planning, results
from runtime.domain.errors import Corrupt, Rejected
from runtime.domain.identity import FileVersion
from runtime.domain.image_names import SENT_STRAIGHT
from runtime.domain.member_names import member_name
from runtime.domain.ports import Buckets, Developed, Json, Ledger, Objects, Picture, Pictures, Place, Signer
from runtime.processors import image, pdf

MAX_BYTES = pdf.LARGEST
"""The file lies in the function's scratch space, which has 512 MB."""
_PIECE_BYTES = 1024 * 1024


def image_file(
    file: FileVersion,
    run: str,
    *,
    objects: Objects,
    ledger: Ledger,
    signer: Signer,
    buckets: Buckets,
    pictures: Pictures,
    direct_limit_bytes: int,
    max_file_bytes: int,
    scanned: bool = False,
) -> Json:
    """All steps for an image or a PDF, in one call. Raises `Rejected` for one that cannot or must not be decoded."""
    ledger.processing(file, run)
    if file.size > MAX_BYTES:
        raise Rejected(f"The image has {file.size:,} bytes; at most {MAX_BYTES:,} are accepted here.")
    with tempfile.TemporaryDirectory(prefix="image-") as folder:
        source = Path(folder) / "source"
        with source.open("wb") as scratch:
            made, _ = planning.plan(
                file,
                _kept(objects.read(places.original(file)), scratch),
                part_bytes=1,
                parts_per_group=1,
                max_file_bytes=max_file_bytes,
                decodes=True,
            )
        declared_sums.compare(file, made.sha256, objects)
        form = _format(file, made, source)
        ledger.stage(file, "developing", {})
        developed = pictures.develop(source, form)
        sizes = {
            one.role: {"width": one.width, "height": one.height, "bytes": len(one.data)} for one in developed.pictures
        }
        artifacts = [
            _deliver(file, one, objects=objects, buckets=buckets, pictures=pictures) for one in developed.pictures
        ]
        target = Place(buckets.delivery, file.archive_key)
        with objects.write(target, content_type=places.ZIP, filename=places.download_name(file)) as writer:
            if made.kind == pdf.KIND:
                archived = archiving.archive_original(writer, file, made, _pieces(source))
            else:
                members = {f"{one.role}{pictures.suffix}": one.data for one in developed.pictures}
                archived = archiving.archive_pictures(writer, file, made, members, sizes)
    return outcome.conclude(
        file,
        run,
        made,
        None,
        archived,
        objects=objects,
        signer=signer,
        buckets=buckets,
        billed=outcome.billed_for(*_way(file, direct_limit_bytes), scanned=scanned),
        summary={**developed.about, "sizes": sizes, "warnings": list(_warnings(file, form, developed))},
        more=artifacts,
    )


def _format(file: FileVersion, made: planning.Plan, source: Path) -> str:
    """What the decoder has to expect. Raises `Corrupt` for what it does not take."""
    if made.kind == pdf.KIND:
        return pdf.KIND
    with source.open("rb") as scratch:
        form = image.format_of(scratch.read(64 * 1024))
    if made.kind != image.KIND or form is None:
        raise Corrupt(f"{file.name} was an image before, and is none now")
    return form


def _pieces(source: Path) -> Iterator[bytes]:
    with source.open("rb") as scratch:
        while piece := scratch.read(_PIECE_BYTES):
            yield piece


def _kept(pieces: Iterator[bytes], scratch: BinaryIO) -> Iterator[bytes]:
    for piece in pieces:
        scratch.write(piece)
        yield piece


def _deliver(
    file: FileVersion, picture: Picture, *, objects: Objects, buckets: Buckets, pictures: Pictures
) -> results.Artifact:
    """Under a key that its content has made, so that browsers may keep it for ever."""
    digest = hashlib.sha256(picture.data).hexdigest()
    key = file.image_key(f"{picture.role}-{digest[:16]}{pictures.suffix}")
    name = f"{Path(member_name(file.name)).stem}-{picture.role}{pictures.suffix}"
    place = Place(buckets.delivery, key)
    with objects.write(place, content_type=pictures.content_type, filename=name, inline=True) as writer:
        writer.write(picture.data)
    return results.Artifact(role=picture.role, store="delivery", key=key, size=len(picture.data), sha256=digest)


def _warnings(file: FileVersion, form: str, developed: Developed) -> Iterator[str]:
    about = developed.about
    if form == pdf.KIND:
        yield from documents.warnings(about, drawn=bool(developed.pictures))
        return
    if (remark := image.misnamed(file.name, form)) is not None:
        yield remark
    if about["frames"] > 1:
        yield f"The image has {about['frames']:,} frames or pages; the sizes show the first one."


def _way(file: FileVersion, direct_limit_bytes: int) -> tuple[int, int]:
    """Transitions and function calls of the run, by the way on which the state machine came here."""
    if file.size > direct_limit_bytes:
        return 7, 3
    return (5, 2) if file.name.endswith(SENT_STRAIGHT) else (6, 3)
