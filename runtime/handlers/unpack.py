"""Step Functions, in a Map: makes a group of an archive's members files of their own."""

from functools import cache
from typing import Any

from runtime import environment
from runtime.adapters.s3 import objects
from runtime.adapters.telemetry import logged
from runtime.domain import member_files
from runtime.domain.identity import FileVersion
from runtime.domain.ports import Buckets


@cache
def _settings() -> environment.Unpack:
    return environment.read(environment.Unpack)


@logged
def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """`{"file", "group"}` to `{}`, as for parts."""
    return member_files.unpack(
        FileVersion.of(event),
        event["group"],
        objects=objects(),
        buckets=Buckets(work=_settings().work_bucket),
    )
