"""What the demo verifies: each check gives a sentence and whether it holds."""

import json
import re
import time
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from PIL import Image, ImageChops, ImageOps, ImageStat

from cli import transfer, units
from cli.platform import Link
from cli.problems import Problem
from cli.putting import Outcome
from local import samples
from local.samples import Sample
from runtime.adapters.signing import CloudFrontSigner
from runtime.domain.signing import SigningKey

_REFUSED = 403
_LINK = re.compile(r"^(https?://\S+)$", re.MULTILINE)
_VERSION = re.compile(r"^Version: ([^\s,]+)", re.MULTILINE)
_AN_HOUR = 3600
_LONGEST = {"web": 2048, "preview": 1024, "thumbnail": 256}
# One that is turned, mirrored or in other colours is at 15 or more.
_NEAR = 4
_SKETCH = 32


@dataclass(frozen=True, kw_only=True)
class Check:
    """Something that must hold, and whether it does."""

    text: str
    holds: bool


@dataclass(frozen=True, kw_only=True)
class Notice:
    """A notification as a subscriber gets it: which version, how it ended, and the link if there is one."""

    version: str
    state: str
    link: str | None

    @classmethod
    def of(cls, message: str, state: str) -> "Notice":
        """From the text that people read."""
        version, link = _VERSION.search(message), _LINK.search(message)
        return cls(version=version[1] if version else "", state=state, link=link[1] if link else None)


def ended(sample: Sample, outcome: Outcome, notices: list[Notice]) -> Iterator[Check]:
    """It ended as it must, exactly once, and people were told so."""
    yield Check(
        text=f"{sample.shown}: ended {outcome.state}" + (f" ({outcome.reason})" if outcome.reason else ""),
        holds=outcome.state == sample.must_end,
    )
    told = [notice.state for notice in notices if notice.version == outcome.version]
    yield Check(
        text=f"{sample.shown}: {len(told)} notification{'s' * (len(told) != 1)} ({', '.join(told) or 'none'})",
        holds=told == [sample.must_end],
    )


def delivered(sample: Sample, source: Path, outcome: Outcome, link: Link, folder: Path) -> Iterator[Check]:
    """The link gives the archive; the archive is what was promised; the counts are those of Python's own modules."""
    record = outcome.record
    if record is None:
        return
    target = folder / f"{outcome.version}.zip"
    try:
        members = {member.name: member for member in transfer.download(link, target)}
    except Problem as problem:
        yield Check(text=f"{sample.shown}: {problem}", holds=False)
        return
    yield Check(
        text=f"{sample.shown}: archive of {units.size(link.size)} and its {len(members)} members have their SHA-256",
        holds=True,
    )
    digest = samples.sha256(source)
    yield Check(text=f"{sample.shown}: SHA-256 of the upload is {digest[:12]}…", holds=record.sha256 == digest)
    if sample.members:
        yield listed(sample, source, target)
        return
    if sample.kind == "photo":
        yield from _sizes(sample, source, target)
        return
    counted = samples.counts(sample.kind, source)
    if counted is None:
        whole = [member for member in members.values() if member.sha256 == digest]
        yield Check(text=f"{sample.shown}: delivered as it was uploaded, byte for byte", holds=len(whole) == 1)
        return
    accepted, rejected = record.accepted or 0, record.rejected or 0
    yield Check(
        text=f"{sample.shown}: {accepted:,} accepted and {rejected:,} set aside of {counted.total:,} records",
        holds=accepted + rejected == counted.total and counted.rejected in (None, rejected),
    )
    if sample.kind == "csv":
        yield _clean_csv(sample, target, accepted)


def listed(sample: Sample, source: Path, archive: Path) -> Check:
    """The members are delivered as files of their own, and with the archive there is a list of them."""
    with zipfile.ZipFile(source) as zipped:
        there = {entry.filename: (entry.file_size, f"{entry.CRC:08x}", "taken") for entry in zipped.infolist()}
    with zipfile.ZipFile(archive) as zipped, zipped.open("members.jsonl") as member:
        lines = [json.loads(line) for line in member]
    listed = {line["name"]: (line["size"], line["crc32"], line["status"]) for line in lines}
    return Check(
        text=f"{sample.shown}: members.jsonl lists {len(listed)} members with the sizes and CRC-32 that Python's "
        "zipfile reads",
        holds=listed == there,
    )


def _sizes(sample: Sample, source: Path, archive: Path) -> Iterator[Check]:
    """Three pictures, smaller and smaller, upright, near to what Pillow makes, and without what the camera wrote."""
    with Image.open(source) as original, zipfile.ZipFile(archive) as zipped:
        upright = ImageOps.exif_transpose(original).convert("RGB")
        for role, longest in _LONGEST.items():
            with zipped.open(f"{role}.webp") as member, Image.open(member) as made:
                apart = _apart(made.convert("RGB"), upright)
                yield Check(
                    text=f"{sample.shown}: {role} of {made.width} x {made.height} pixels, {apart:.1f} of 255 from "
                    "Pillow's, with no place and no device in it",
                    holds=max(made.size) == min(longest, max(upright.size))
                    and (made.width < made.height) == (upright.width < upright.height)
                    and apart < _NEAR
                    and not dict(made.getexif()),
                )


def _apart(one: Image.Image, other: Image.Image) -> float:
    """Mean difference of what they show, 0 to 255; encoders differ in what is finer than the sketches compared."""
    size = ImageOps.contain(one, (_SKETCH, _SKETCH)).size
    difference = ImageChops.difference(*(each.resize(size, Image.Resampling.BOX) for each in (one, other)))
    return sum(ImageStat.Stat(difference).mean) / 3


def _clean_csv(sample: Sample, archive: Path, accepted: int) -> Check:
    with zipfile.ZipFile(archive) as zipped, zipped.open("clean.csv") as member:
        inside = samples.csv_rows(samples.text_of(member))
    return Check(
        text=f"{sample.shown}: clean.csv holds {inside.total:,} good rows by Python's csv module",
        holds=(inside.total, inside.rejected) == (accepted, 0),
    )


def refused(link: str, *, other_key: str, secret: str, outputs: Mapping[str, Any]) -> Iterator[Check]:
    """A link works, and what is made of it without the signature's leave does not.

    Nobody but the platform can sign, so the expired link is signed here with its own key, read as the local cloud's
    root.
    """
    yield Check(text="a link as it was signed is answered with 200", holds=transfer.status(link) == 200)
    key = unquote(urlsplit(link).path.removeprefix("/"))

    def signed(seconds: int) -> str:
        signer = CloudFrontSigner(
            domain=outputs["delivery_domain"],
            seconds=seconds,
            read=lambda: SigningKey.parse(secret),
            now=time.time,
        )
        return signer.sign(key)[0]

    # Otherwise a refusal would say nothing about the expiry.
    yield Check(text="a link signed here is answered with 200", holds=transfer.status(signed(_AN_HOUR)) == 200)
    for what, url in (
        ("without its signature", urlunsplit(urlsplit(link)._replace(query=""))),
        ("that has expired (an hour ago; signed here)", signed(-_AN_HOUR)),
        ("with its expiry altered", re.sub(r"Expires=(\d+)", lambda found: f"Expires={int(found[1]) + 1}", link)),
        ("altered to another file", urlunsplit(urlsplit(link)._replace(path=f"/{quote(other_key)}"))),
    ):
        answer = transfer.status(url)
        yield Check(text=f"a link {what} is answered with {answer}", holds=answer == _REFUSED)
