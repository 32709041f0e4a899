"""A file of several parts is what its uploader said, or it is rejected."""

import hashlib

import pytest

from runtime.domain import declared_sums
from runtime.domain.errors import Rejected
from runtime.domain.upload_names import NAMED_SUM
from tests.fakes import FakeObjects, version

DATA = b"a,b\n1,2\n"
SUM, OTHER = hashlib.sha256(DATA).hexdigest(), "0" * 64


@pytest.mark.parametrize(
    ("etag", "named", "taken"),
    [
        ("e-2", SUM, True),
        ("e-2", OTHER, False),
        ("e-10000", OTHER, False),
        # Nothing was named.
        ("e-2", None, True),
        # S3 has compared it.
        ("e-1", OTHER, True),
        ("e", OTHER, True),
        # No ETag of S3's.
        ("e-", OTHER, True),
        ("", OTHER, True),
    ],
)
def test_the_sum_that_was_named_is_that_of_the_bytes(etag: str, named: str | None, taken: bool) -> None:
    objects, file = FakeObjects(), version(DATA, etag=etag)
    if named is not None:
        objects.told[file.bucket, file.key] = {NAMED_SUM: named}
    if taken:
        declared_sums.compare(file, SUM, objects)
        return
    with pytest.raises(Rejected, match=f"{SUM}, but {named} was named"):
        declared_sums.compare(file, SUM, objects)
