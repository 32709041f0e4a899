"""What requests about uploads ask for, looked through before anything is done."""

from typing import Any

from runtime.domain import upload_names as rules
from runtime.domain.access import Caller
from runtime.domain.refusals import Fault, Invalid, TooLarge
from runtime.domain.upload_records import Upload

SIGN_MOST = 80
_MEMBERS = {"name", "size", "type", "sha256"}


def new(caller: Caller, wanted: dict[str, Any], max_file_bytes: int) -> tuple[str, int]:
    """Whole name and size of the file that is to be sent. Raises `Invalid`, `TooLarge`."""
    faults = [Fault(detail=f"{name} is not known", pointer=f"/{name}") for name in sorted(set(wanted) - _MEMBERS)]
    faults += rules.faults_of(wanted.get("name"), caller.folder)
    size = wanted.get("size")
    if not isinstance(size, int) or isinstance(size, bool) or size < 0:
        faults.append(Fault(detail="size must be a whole number of bytes, not negative", pointer="/size"))
    if "type" in wanted:
        faults += rules.type_faults(wanted["type"])
    if "sha256" in wanted:
        faults += rules.sha256_faults(wanted["sha256"], "/sha256")
    if faults or not isinstance(size, int):
        raise Invalid(faults)
    if size > max_file_bytes:
        raise TooLarge(f"The file has {size:,} bytes; at most {max_file_bytes:,} are accepted here.")
    return f"{caller.folder}/{wanted['name']}", size


def parts(upload: Upload, wanted: dict[str, Any]) -> list[tuple[int, str]]:
    """Numbers and SHA-256 of the parts that links are asked for. Raises `Invalid`."""
    given = wanted.get("parts")
    if not isinstance(given, list) or not 1 <= len(given) <= SIGN_MOST or set(wanted) != {"parts"}:
        raise Invalid(
            [Fault(detail=f"parts must be a list of 1 to {SIGN_MOST} parts, and all there is", pointer="/parts")]
        )
    faults: list[Fault] = []
    asked: list[tuple[int, str]] = []
    for at, one in enumerate(given):
        pointer = f"/parts/{at}"
        if not isinstance(one, dict) or set(one) != {"number", "sha256"}:
            faults.append(Fault(detail="a part has number and sha256, and nothing else", pointer=pointer))
            continue
        number, sha256 = one["number"], one["sha256"]
        if not isinstance(number, int) or isinstance(number, bool) or not 1 <= number <= upload.parts:
            detail = f"number must be from 1 to {upload.parts:,}: so many parts the upload has"
            faults.append(Fault(detail=detail, pointer=f"{pointer}/number"))
        elif number in (before for before, _ in asked):
            faults.append(Fault(detail=f"part {number:,} is asked for twice", pointer=f"{pointer}/number"))
        faults += rules.sha256_faults(sha256, f"{pointer}/sha256")
        if upload.sha256 and upload.parts == 1 and sha256 != upload.sha256:
            detail = "sha256 of the only part must be that of the file, as it was said at the beginning"
            faults.append(Fault(detail=detail, pointer=f"{pointer}/sha256"))
        asked.append((number, sha256))
    if faults:
        raise Invalid(faults)
    return asked
