"""One process that runs one function, through AWS's own runtime client."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.runtime_api import Call, RuntimeApi

WATCH_SECONDS = 0.05
"""How often deadline, memory and life of the process are looked at."""
INIT_SECONDS = 60.0
"""What a process may take until it asks for its first event. AWS allows 10 s; a laptop that is busy gets more."""
MEMORY_ALLOWANCE_MB = 48
"""What a process may use beyond its function's memory: the host's interpreter and libraries differ from AWS's."""
MAX_RESPONSE_BYTES = 6 * 1024 * 1024 + 100
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True, kw_only=True, slots=True)
class Function:
    """What a process is started with. Two invocations with equal ones may share a process."""

    arn: str
    name: str
    version: str
    handler: str
    memory_mb: int
    code: Path
    environment: tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What an invocation gave: `body` is the function's result, or its error as AWS reports it."""

    body: Any
    failed: bool
    log: str


class Worker:
    """A process and the folder that is its own. One invocation at a time."""

    def __init__(self, function: Function, folder: Path, paths: tuple[Path, ...]) -> None:
        self.function = function
        self.peak_mb = 0.0
        self.used = time.monotonic()
        self._api = RuntimeApi()
        self._next: Call | None = None
        self._looked = 0.0
        temporary = folder / "tmp"
        temporary.mkdir(parents=True)
        # A file, not a pipe: nobody needs to read while the function runs, and it never blocks.
        self._log = (folder / "log").open("ab+", buffering=0)
        environment = dict(function.environment) | {
            "AWS_LAMBDA_RUNTIME_API": self._api.address,
            "HOME": str(temporary),
            "TMPDIR": str(temporary),
            "PYTHONPATH": os.pathsep.join(str(path) for path in paths),
        }
        # The base interpreter without `site` does not see the packages of our own virtual environment.
        self._process = subprocess.Popen(
            [getattr(sys, "_base_executable", sys.executable), "-S", "-m", "awslambdaric", function.handler],
            cwd=function.code,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=self._log,
            start_new_session=True,
        )

    @property
    def alive(self) -> bool:
        """False once the process has ended."""
        return self._process.poll() is None

    def invoke(self, event: Any, request_id: str, *, seconds: float, arn: str) -> Outcome:
        """Runs the handler with `event`; never raises. Check `alive` afterwards: a failure may cost the process."""
        result = self._until_ready(request_id)
        if result is None and self._next is not None:
            deadline = time.monotonic() + seconds
            headers = [
                ("Lambda-Runtime-Aws-Request-Id", request_id),
                ("Lambda-Runtime-Deadline-Ms", str(int((time.time() + seconds) * 1000))),
                ("Lambda-Runtime-Invoked-Function-Arn", arn),
            ]
            self._api.answer(self._next, 200, json.dumps(event).encode(), headers)
            self._next = None
            result = self._wait(deadline, request_id, seconds)
        self._measure()
        body, failed = result if result is not None else (None, False)
        return Outcome(body=body, failed=failed, log=self._take_log())

    def kill(self) -> None:
        """Ends the process and everything that it started, and waits for the end."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(5)

    def close(self) -> None:
        """Ends the process and closes what belongs to it; not while another thread is in `invoke`."""
        self.kill()
        self._api.close()
        self._log.close()

    def _until_ready(self, request_id: str) -> tuple[Any, bool] | None:
        """Waits until the process asks for an event. Gives what went wrong, or None."""
        deadline = time.monotonic() + INIT_SECONDS
        while self._next is None:
            for call in self._api.poll(WATCH_SECONDS):
                if call.path[-1:] == ("next",):
                    self._next = call
                elif call.path == ("init", "error"):
                    self._api.answer(call, 202)
                    self._process.wait(5)
                    return _loads(call.body), True
            if self._next is None and (failure := self._watch(deadline, request_id, INIT_SECONDS)):
                return failure
        return None

    def _wait(self, deadline: float, request_id: str, seconds: float) -> tuple[Any, bool]:
        while True:
            for call in self._api.poll(WATCH_SECONDS):
                if call.path[-1:] == ("response",):
                    self._api.answer(call, 202)
                    if len(call.body) > MAX_RESPONSE_BYTES:
                        return _too_large(call.body), True
                    return _loads(call.body), False
                if call.path[-1:] == ("error",):
                    self._api.answer(call, 202)
                    return _loads(call.body), True
                if call.path[-1:] == ("next",):
                    self._next = call
            if failure := self._watch(deadline, request_id, seconds):
                return failure

    def _watch(self, deadline: float, request_id: str, seconds: float) -> tuple[Any, bool] | None:
        """Ends a process that is late or too large. Gives the error that it ended with, if it did."""
        now = time.monotonic()
        if now >= deadline:
            self.kill()
            return _error("Sandbox.Timedout", request_id, f"Task timed out after {seconds:.2f} seconds"), True
        if now - self._looked >= WATCH_SECONDS:
            self._looked = now
            limit = self.function.memory_mb + MEMORY_ALLOWANCE_MB
            if (used := _resident_mb(self._process.pid)) > limit:
                self.peak_mb = max(self.peak_mb, used)
                self.kill()
                self._log.write(f"Memory Size: {self.function.memory_mb} MB Memory Used: {used:.0f} MB\n".encode())
                return _error("Runtime.ExitError", request_id, "Runtime exited with error: signal: killed"), True
        status = self._process.poll()
        if status is None:
            return None
        how = f"signal: {signal.Signals(-status).name}" if status < 0 else f"exit status {status}"
        reason = f"Runtime exited with error: {how}" if status else "Runtime exited without providing a reason"
        return _error("Runtime.ExitError", request_id, reason), True

    def _measure(self) -> None:
        self.peak_mb = max(self.peak_mb, _peak_mb(self._process.pid))
        self.used = time.monotonic()

    def _take_log(self) -> str:
        self._log.seek(0)
        text = self._log.read().decode("utf-8", "replace")
        self._log.truncate(0)
        return text


def _loads(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return {"errorType": "Runtime.InvalidResponse", "errorMessage": "the runtime client sent no JSON"}


def _error(kind: str, request_id: str, message: str) -> Mapping[str, str]:
    return {"errorType": kind, "errorMessage": f"RequestId: {request_id} Error: {message}"}


def _too_large(body: bytes) -> Mapping[str, str]:
    return {
        "errorType": "Function.ResponseSizeTooLarge",
        "errorMessage": f"Response payload size ({len(body)} bytes) exceeded maximum allowed payload size "
        f"({MAX_RESPONSE_BYTES} bytes).",
    }


def _resident_mb(pid: int) -> float:
    """Memory in use now; 0 where there is no /proc (macOS), so that no limit is enforced there."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE_BYTES / 2**20
    except (OSError, IndexError, ValueError):
        return 0.0


def _peak_mb(pid: int) -> float:
    """The most that the process has ever used; 0 where there is no /proc."""
    with contextlib.suppress(OSError, IndexError, ValueError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    return 0.0
