"""Runs functions in a bounded pool of warm processes; invocations queue for a place in it.

ministack would start a process for every concurrent invocation. Here the thread that invokes waits for its turn and
then serves its process itself, so that there is nothing between the two that could lose an invocation.

A function that invokes another one and waits for it holds its place meanwhile: with as many of those as there are
places, nothing moves until they time out.
"""

import contextlib
import importlib
import tempfile
import threading
from collections import Counter, deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from local import runtime_path
from local.code import Code, OnDisk, Unusable
from local.hooks import Function as Original
from local.hooks import Hooks
from local.kept_files import KeptFiles
from local.log import LOG
from local.worker import Function, Worker

SPARE_PROCESSES = 10
"""Warm processes beyond those that run at once, so that functions do not end each other's processes turn by turn."""

CLOSE_SECONDS = 20.0
"""How long the end waits for threads that are still inside."""

Answer = dict[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Stats:
    """`processes` now and at the most, how many were started in all, and how many invocations wait."""

    processes: int
    peak_processes: int
    cold_starts: int
    waiting: int


@dataclass(slots=True)
class _Ticket:
    """A place in the queue. Once `granted`, `worker` is the process to use, or None: start one, end `evicted` first."""

    function: Function
    granted: threading.Event = field(default_factory=threading.Event)
    worker: Worker | None = None
    evicted: Worker | None = None


class PoolClosed(Exception):
    """The cloud is being stopped."""


class Pool:
    """At most `limit` invocations at once, oldest first, in at most `SPARE_PROCESSES` more processes.

    `folder` is for code and temporary files, `endpoint` what the functions call.
    """

    def __init__(self, *, limit: int, folder: Path, endpoint: str, kept: KeptFiles) -> None:
        self._limit = limit
        self._folder = folder
        self._endpoint = endpoint
        self._lock = threading.Lock()
        self._waiting: deque[_Ticket] = deque()
        self._running = 0
        self._idle: list[Worker] = []
        self._busy: set[Worker] = set()
        self._processes = 0
        self._peak = 0
        self._cold_starts: Counter[str] = Counter()
        self._memory: dict[str, float] = {}
        self._closed = False
        self._inside = 0
        self._left = threading.Condition(self._lock)
        self._code = Code(folder / "code", kept)
        self._paths = runtime_path.make(folder / "runtime")

    def mend(self, hooks: Hooks) -> None:
        """Takes the place of ministack's own execution of ZIP functions."""
        hooks.replace(
            "services.lambda_svc",
            "_execute_function_warm",
            "func event request_id",
            lambda _: self.execute,
            # A thread that retries an asynchronous invocation may come back after the stop.
            afterwards=_stopped,
        )
        hooks.replace("services.lambda_svc", "_probe_peak_memory_mb", "func", self._reporting)
        hooks.replace("services.lambda_svc", "_create_function", "data", self._unpacking)

    def _unpacking(self, create: Original) -> Original:
        """Packages are unpacked at once, so that ministack does not hold the bytes of each for as long as it runs."""
        functions = importlib.import_module("ministack.services.lambda_svc")._functions

        def made(data: dict[str, Any]) -> Any:
            answer = create(data)
            function = functions.get(data.get("FunctionName")) or {"versions": {}}
            for record in (function, *function["versions"].values()):
                code_zip = record.get("code_zip")
                # What cannot be unpacked is told to whoever calls the function.
                if code_zip and not isinstance(code_zip, OnDisk):
                    with contextlib.suppress(Unusable):
                        self._code.unpacked(code_zip, str(record["config"].get("CodeSha256", "")))
                        record["code_zip"] = OnDisk(b"unpacked")
            return answer

        return made

    def stats(self) -> Stats:
        """Counters since the start."""
        with self._lock:
            return Stats(
                processes=self._processes,
                peak_processes=self._peak,
                cold_starts=self._cold_starts.total(),
                waiting=len(self._waiting),
            )

    def cold_starts(self, function: str) -> int:
        """How many processes were started for the function of this name."""
        with self._lock:
            return self._cold_starts[function]

    def peak_memory(self, function: str) -> float:
        """The most resident memory, in MiB, that a process of the function of this name ever used; 0 if it never ran.

        Measured at the end of each invocation from the kernel's own high-water mark; 0 where there is no /proc.
        """
        with self._lock:
            return self._memory.get(function, 0.0)

    def execute(self, func: dict[str, Any], event: Any, request_id: str) -> Answer:
        """One invocation, in the shape that ministack's callers expect; blocks until it is over."""
        with self._lock:
            if self._closed:
                return _stopped(func, event, request_id)
            self._inside += 1
        try:
            return self._execute(func, event, request_id)
        finally:
            with self._left:
                self._inside -= 1
                self._left.notify_all()

    def _execute(self, func: dict[str, Any], event: Any, request_id: str) -> Answer:
        config = func.get("config") or func
        try:
            function = self._describe(config, func.get("code_zip"))
            worker = self._take(function)
        except Unusable as error:
            return _failed({"errorType": error.kind, "errorMessage": str(error)})
        except PermissionError as error:
            return _failed({"errorType": "AccessDeniedException", "errorMessage": str(error)})
        except PoolClosed:
            return _stopped(func, event, request_id)
        try:
            outcome = worker.invoke(
                event, request_id, seconds=float(config.get("Timeout", 3)), arn=config.get("FunctionArn", "")
            )
        finally:
            self._give_back(worker)
        if outcome.failed:
            return _failed(outcome.body, outcome.log)
        return {"body": outcome.body, "log": outcome.log}

    def close(self) -> None:
        """Ends all processes; what runs or waits fails."""
        with self._lock:
            self._closed = True
            tickets = list(self._waiting)
            self._waiting.clear()
            idle, self._idle = self._idle, []
            busy = list(self._busy)
        for ticket in tickets:
            ticket.granted.set()
        for worker in idle:
            worker.close()
        for worker in busy:
            # The thread that waits for it notices, and closes it.
            worker.kill()
        with self._left:
            # Whoever unpacks a package or starts a process still writes into the folder, which goes next.
            self._left.wait_for(lambda: self._inside == 0, CLOSE_SECONDS)

    def _describe(self, config: dict[str, Any], code_zip: bytes | None) -> Function:
        if not str(config.get("Runtime", "")).startswith("python"):
            raise Unusable("Runtime.Unsupported", f"the local cloud runs Python, not {config.get('Runtime')}")
        if config.get("Layers"):
            raise Unusable("Runtime.Unsupported", "the local cloud has no layers; bundle what the function needs")
        if not code_zip:
            raise Unusable("Runtime.ImportModuleError", f"function {config.get('FunctionName')} has no code")
        code = self._code.unpacked(code_zip, str(config.get("CodeSha256", "")))
        return Function(
            arn=config["FunctionArn"],
            name=config["FunctionName"],
            version=config.get("Version", "$LATEST"),
            handler=config["Handler"],
            memory_mb=int(config.get("MemorySize", 128)),
            code=code,
            environment=tuple(sorted(runtime_path.environment(config, code, self._endpoint).items())),
        )

    def _take(self, function: Function) -> Worker:
        ticket = _Ticket(function)
        with self._lock:
            if self._closed:
                raise PoolClosed
            self._waiting.append(ticket)
            self._grant()
        ticket.granted.wait()
        if ticket.evicted is not None:
            ticket.evicted.close()
        with self._lock:
            if self._closed:
                if ticket.worker is not None:
                    ticket.worker.close()
                raise PoolClosed
        worker = ticket.worker
        if worker is not None and not worker.alive:
            worker.close()
            worker = None
        if worker is None:
            worker = self._start(function)
        with self._lock:
            self._busy.add(worker)
            closed = self._closed
        if closed:
            worker.kill()
        return worker

    def _start(self, function: Function) -> Worker:
        try:
            folder = Path(tempfile.mkdtemp(prefix=f"{function.name}-", dir=self._folder))
            worker = Worker(function, folder, self._paths)
        except BaseException:
            with self._lock:
                self._processes -= 1
                self._running -= 1
                self._grant()
            raise
        with self._lock:
            self._cold_starts[function.name] += 1
        LOG.debug("process for %s, %d of %d", function.name, self._processes, self._limit)
        return worker

    def _give_back(self, worker: Worker) -> None:
        usable = worker.alive
        if not usable:
            worker.close()
        with self._lock:
            name = worker.function.name
            self._memory[name] = max(self._memory.get(name, 0.0), worker.peak_mb)
            self._busy.discard(worker)
            self._running -= 1
            if usable and not self._closed:
                self._idle.append(worker)
            else:
                self._processes -= 1
            closed = self._closed
            self._grant()
        if usable and closed:
            worker.close()

    def _grant(self) -> None:
        """Serves as many tickets as there are places, in the order of their coming; holds the lock."""
        while self._running < self._limit and self._waiting:
            ticket = self._waiting.popleft()
            self._running += 1
            ticket.worker = self._idle_worker(ticket.function)
            if ticket.worker is None:
                if self._processes < self._limit + SPARE_PROCESSES:
                    self._processes += 1
                    self._peak = max(self._peak, self._processes)
                else:
                    # All processes but the running ones are idle, and there are fewer running ones than places.
                    ticket.evicted = self._idle.pop(0)
            ticket.granted.set()

    def _idle_worker(self, function: Function) -> Worker | None:
        """The warm process that was used last; the one that was used first is the first to go."""
        for index in range(len(self._idle) - 1, -1, -1):
            if self._idle[index].function == function:
                return self._idle.pop(index)
        return None

    def _reporting(self, original: Original) -> Original:
        def peak(func: dict[str, Any]) -> int:
            config = func.get("config") or func
            return round(self.peak_memory(config.get("FunctionName", ""))) or int(original(func))

        return peak


def _failed(body: Any, log: str = "") -> Answer:
    return {"body": body, "error": True, "function_error": "Unhandled", "log": log}


def _stopped(_func: Any, _event: Any, request_id: str) -> Answer:
    return _failed({"errorType": "ServiceException", "errorMessage": f"RequestId: {request_id} the cloud has stopped"})
