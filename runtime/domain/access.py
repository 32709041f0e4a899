"""What a caller of the API may see and do. It is decided here and nowhere else (ADR 14).

Everybody has one folder, the first segment of file names. What one may not see is not found, as if it were not there;
what one may see, but not do, is forbidden.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from runtime.domain.identity import ROOT, folder_of
from runtime.domain.refusals import Forbidden, NotFound

PEOPLE = "u-"
"""Folders of people begin so; those of programs never do."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Caller:
    """Who calls. `name` is for screens and logs; what counts is the `folder`, and whether it is an operator."""

    name: str
    folder: str
    operator: bool


class May(Enum):
    """Who may use an operation on a thing of some folder."""

    CALLER = "everybody, with what is their own anyway"
    OWNER = "whose folder it is"
    OWNER_OR_OPERATOR = "whose folder it is, and operators"
    OPERATOR = "operators"


RULES: Mapping[str, May] = {
    "getMe": May.CALLER,
    "listUploads": May.CALLER,
    "createUpload": May.CALLER,
    "getUpload": May.OWNER_OR_OPERATOR,
    "abortUpload": May.OWNER_OR_OPERATOR,
    "listParts": May.OWNER_OR_OPERATOR,
    "signParts": May.OWNER,
    "completeUpload": May.OWNER,
    "listFiles": May.CALLER,
    "getFile": May.OWNER_OR_OPERATOR,
    "deleteFile": May.OWNER_OR_OPERATOR,
    "getLinks": May.OWNER_OR_OPERATOR,
    "getPreview": May.OWNER_OR_OPERATOR,
    "getResult": May.OWNER_OR_OPERATOR,
    "redriveFile": May.OPERATOR,
}
"""For each `operationId` of the API's document."""


def sees(caller: Caller, folder: str) -> bool:
    """Whether the caller may know what is in a folder. What lies in none is nobody's: only operators see it."""
    return caller.operator or (folder == caller.folder and folder != ROOT)


def check(operation: str, caller: Caller, name: str) -> None:
    """Whether the caller may use an operation on the file or upload of this whole name.

    Raises `NotFound` for what is not theirs to see, `Forbidden` for what is not theirs to do.
    """
    rule, folder = RULES[operation], folder_of(name)
    if not sees(caller, folder):
        raise NotFound("There is nothing of this id.")
    if rule is May.OWNER and folder != caller.folder:
        raise Forbidden("Only who started an upload may go on with it.")
    if rule is May.OPERATOR and not caller.operator:
        raise Forbidden("Only an operator may do this.")


def listed(caller: Caller, prefix: str | None) -> str | None:
    """The folder whose files a caller's list has; None for all folders.

    An operator chooses one by the first segment of the `prefix`; anybody else has one folder, whatever they ask for.
    """
    if not caller.operator:
        return caller.folder
    if not prefix:
        return None
    return prefix.partition("/")[0] or ROOT
