"""The ways in which work on a file can end badly.

Step Functions matches errors by class name, so these names are part of the state machine's definition
(`components/pipeline/definition.py`); a contract test holds the two together.
"""


class Rejected(Exception):
    """The file itself is bad: it is recorded with a reason that its uploader understands, and never retried.

    `reason` is one sentence that says what is wrong and where; it is shown to people as it is.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Transient(Exception):
    """Something outside of the file went wrong; trying again may help. Retried, then failed and redrivable."""


class Corrupt(Transient):
    """Bytes that were read are not those that were written: a checksum, size or version disagrees.

    A retry reads them again. If that does not help the run fails; nothing that was touched by it is delivered.
    """


class Unscanned(Transient):
    """The malware scan came to no verdict. Asking again gets the same answer until the version is scanned again."""


class IsImage(Exception):
    """The file is an image. Who met it has no decoders; the state machine hands it to the one that has."""


class IsPdf(Exception):
    """The file is a PDF. The function that decodes images draws its first page, too."""


class IsArchive(Exception):
    """The file is an archive whose members are to be files of their own. Another function than the caller does that."""


class Superseded(Exception):
    """This run has ended already, elsewhere: the ledger refused the step. There is nothing left to do."""
