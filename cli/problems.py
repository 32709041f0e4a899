"""What can go wrong at the command line, and the exit status that says so."""

from enum import IntEnum

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    CredentialRetrievalError,
    HTTPClientError,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
    ProfileNotFound,
    SSOError,
)
from botocore.exceptions import (
    ConnectionError as NoConnection,
)


class Code(IntEnum):
    """Exit statuses; scripts may rely on them. Of several files the gravest counts: failed, timed out, rejected."""

    FINE = 0
    UNEXPECTED = 1
    USAGE = 2
    REJECTED = 3
    FAILED = 4
    NOT_FOUND = 5
    TIMED_OUT = 6
    UNVERIFIED = 7
    UNREACHABLE = 8
    INTERRUPTED = 130


MEANINGS = {
    Code.FINE: "everything went well",
    Code.UNEXPECTED: "an error that is none of those below",
    Code.USAGE: "the command was not understood, or asks for something that it must not do (overwrite a file, …)",
    Code.REJECTED: "a file was rejected: it is bad itself, and its reason says how",
    Code.FAILED: "a file failed: something outside of it went wrong; an operator can start it again",
    Code.NOT_FOUND: "there is no such file, version or result",
    Code.TIMED_OUT: "a file has not ended yet, within the time that was given",
    Code.UNVERIFIED: "what was downloaded is not what was delivered; nothing was kept",
    Code.UNREACHABLE: "the platform is not running, cannot be reached, or lets nobody in without credentials",
    Code.INTERRUPTED: "stopped from outside (Ctrl-C)",
}

_NAMELESS = (
    NoCredentialsError,
    PartialCredentialsError,
    CredentialRetrievalError,
    ProfileNotFound,
    NoRegionError,
    SSOError,
)
_TEMPLATES: tuple[tuple[type[BaseException] | tuple[type[BaseException], ...], Code, str], ...] = (
    (KeyboardInterrupt, Code.INTERRUPTED, "stopped"),
    (_NAMELESS, Code.UNREACHABLE, "AWS cannot be asked: {}; sign in, or set AWS_PROFILE"),
    ((NoConnection, HTTPClientError), Code.UNREACHABLE, "the platform does not answer: {}"),
    (BotoCoreError, Code.UNEXPECTED, "AWS cannot be asked: {}"),
    (OSError, Code.UNEXPECTED, "{}"),
)
_STRANGER = {"ExpiredToken", "ExpiredTokenException", "InvalidClientTokenId", "UnrecognizedClientException"}


class Problem(Exception):
    """Ends a command with `code`. The message is one sentence for a person: what is wrong and what to do."""

    def __init__(self, code: Code, message: str) -> None:
        super().__init__(message)
        self.code = code


def explain(error: BaseException, *, hint: str = "") -> Problem:
    """Any error as a `Problem`; `hint` follows what nobody foresaw."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, ClientError):
        return _refusal(error)
    for kinds, code, template in _TEMPLATES:
        if isinstance(error, kinds):
            return Problem(code, template.format(error))
    return Problem(Code.UNEXPECTED, f"unexpected {type(error).__name__}: {error}{hint}")


def _refusal(error: ClientError) -> Problem:
    said = error.response.get("Error", {})
    code, message = str(said.get("Code", "")), str(said.get("Message", "")).rstrip(".")
    if code in _STRANGER:
        return Problem(Code.UNREACHABLE, f"AWS does not accept these credentials ({code}); sign in again")
    return Problem(Code.UNEXPECTED, f"{error.operation_name} was refused: {code}: {message}")
