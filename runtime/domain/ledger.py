"""The conditions that guard the tables: the state machine's direct writes and the functions' use the same (ADR 2).

Beside the entries of the states, which have an attribute `State`, the ledger holds what the malware gate keeps for
each version (ADR 9): its verdict, and the tokens of the runs that wait for it; and a note of each attempt that somebody
started after one that failed.
"""

from runtime.domain.identity import safe

# `Files` shows the newest version of a name: a write for an older version or attempt is refused, whenever it arrives.
NOT_OLDER = (
    "attribute_not_exists(FileName) OR Sequencer < :sequencer OR (Sequencer = :sequencer AND Attempt <= :attempt)"
)
# A slot of the ledger is written once; the run that wrote it may repeat itself.
EMPTY_SLOT = "attribute_not_exists(FileName) OR RunId = :run"


def redrive_entry(version: str, attempt: int) -> str:
    """Sort key of the note that an attempt was started again."""
    return f"REDRIVE#{safe(version, 100)}#{attempt:03d}"


def verdict_entry(version: str) -> str:
    """Sort key of a version's verdict."""
    return f"VERDICT#{safe(version, 100)}"


def waiting_prefix(version: str) -> str:
    """Beginning of the sort keys of all tokens that wait for a version's verdict."""
    return f"SCAN#{safe(version, 100)}#"
