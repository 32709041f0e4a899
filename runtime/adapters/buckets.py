"""The buckets of a function that brings a run to its end."""

from runtime.domain.ports import Buckets
from runtime.environment import Ending


def ending(settings: Ending, *, work: str = "") -> Buckets:
    """`work` is that of a function which has something to leave or to find there."""
    return Buckets(
        work=work, output=settings.output_bucket, delivery=settings.delivery_bucket, backup=settings.backup_bucket
    )
