"""The conditions that guard the tables: the state machine's direct writes and the functions' use the same (ADR 2)."""

# `Files` shows the newest version of a name: a write for an older version or attempt is refused, whenever it arrives.
NOT_OLDER = (
    "attribute_not_exists(FileName) OR Sequencer < :sequencer OR (Sequencer = :sequencer AND Attempt <= :attempt)"
)
# A slot of the ledger is written once; the run that wrote it may repeat itself.
EMPTY_SLOT = "attribute_not_exists(FileName) OR RunId = :run"
