"""Words for people: what the notifications say. A subject has at most 100 ASCII characters (a limit of SNS)."""

from runtime.domain.identity import FileVersion

SUBJECT_MOST = 100


def _subject(text: str) -> str:
    plain = "".join(char if " " <= char <= "~" else "?" for char in text)
    return plain if len(plain) <= SUBJECT_MOST else plain[: SUBJECT_MOST - 3] + "..."


def succeeded(
    file: FileVersion, *, kind: str, sha256: str, accepted: int, rejected: int, link: str, expires: str
) -> dict[str, str]:
    """Subject, text and state of the message about a file that is ready."""
    records = f"Records: {accepted:,} accepted, {rejected:,} set aside.\n" if accepted or rejected else "\n"
    return {
        "state": "succeeded",
        "subject": _subject(f"Penstock: {file.name} is ready"),
        "message": (
            f"{file.name} is ready.\n\n"
            f"Download (until {expires}):\n{link}\n\n"
            f"Kind: {kind}. {records}"
            f"Version: {file.version}\nSHA-256 of the file: {sha256}\n"
        ),
    }


def rejected(file: FileVersion, reason: str) -> dict[str, str]:
    """The same for a file that was refused."""
    return {
        "state": "rejected",
        "subject": _subject(f"Penstock: {file.name} was rejected"),
        "message": (
            f"{file.name} was rejected: {reason}\n\n"
            f"Nothing was delivered. Correct the file and upload it again under the same name.\n"
            f"Version: {file.version}\n"
        ),
    }


def failed(file: FileVersion, reason: str) -> dict[str, str]:
    """The same for a file that could not be processed for a reason outside of it."""
    return {
        "state": "failed",
        "subject": _subject(f"Penstock: {file.name} failed"),
        "message": (
            f"{file.name} could not be processed: {reason}\n\n"
            f"The upload is safe and nothing was delivered. An operator can start it again.\n"
            f"Version: {file.version}, run {file.run_id}\n"
        ),
    }
