"""Bytes that go between functions and the object store, counted for each function.

Copies that the store makes by itself (`CopyObject`, `UploadPartCopy`) pass through no function and are not counted.
"""

import importlib
import threading
from dataclasses import dataclass
from typing import Any

from local.hooks import Function, Hooks
from local.objects import Answer


@dataclass(kw_only=True, slots=True)
class Volume:
    """Bytes of objects that a function has read from a bucket, and written to it."""

    read: int = 0
    written: int = 0


def _functions() -> dict[str, Any]:
    found: dict[str, Any] = importlib.import_module("ministack.services.lambda_svc")._functions
    return found


class Traffic:
    """The counters. Calls are told apart by the session of a function's role, so they need `enforce_iam`."""

    def __init__(self) -> None:
        self._volumes: dict[tuple[str, str], Volume] = {}
        self._lock = threading.Lock()

    def mend(self, hooks: Hooks) -> None:
        """Counts from now on."""
        hooks.replace("services.s3", "_get_object", "bucket_name key headers query_params", self._reading)
        hooks.replace("services.s3", "_put_object", "bucket_name key body headers", self._writing)
        hooks.replace("services.s3", "_upload_part", "bucket_name key body query_params headers", self._writing)

    def clear(self) -> None:
        """Begins anew."""
        with self._lock:
            self._volumes.clear()

    def of(self, function: str = "", bucket: str = "") -> Volume:
        """The sum over functions whose names end with `function` and buckets whose names hold `bucket`."""
        total = Volume()
        with self._lock:
            for (name, place), volume in self._volumes.items():
                if name.endswith(function) and bucket in place:
                    total.read += volume.read
                    total.written += volume.written
        return total

    def _volume(self, bucket: str) -> Volume | None:
        caller: str = importlib.import_module("ministack.core.iam_evaluator").caller_arn()
        # A function's session bears the function's name; those of services and people have other names.
        function = caller.rpartition("/")[2]
        if ":assumed-role/" not in caller or function not in _functions():
            return None
        return self._volumes.setdefault((function, bucket), Volume())

    def _reading(self, get: Function) -> Function:
        def get_object(
            bucket_name: str, key: str, headers: dict[str, str], query_params: dict[str, list[str]] | None = None
        ) -> Answer:
            answer: Answer = get(bucket_name, key, headers, query_params)
            with self._lock:
                if answer[0] in (200, 206) and (volume := self._volume(bucket_name)):
                    volume.read += len(answer[2])
            return answer

        return get_object

    def _writing(self, put: Function) -> Function:
        def put_object(bucket_name: str, key: str, body: bytes, *more: Any, **named: Any) -> Answer:
            answer: Answer = put(bucket_name, key, body, *more, **named)
            with self._lock:
                if volume := self._volume(bucket_name):
                    volume.written += len(body)
            return answer

        return put_object
