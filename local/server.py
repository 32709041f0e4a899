"""ASGI applications on loopback ports, all in one thread of this process."""

import asyncio
import contextlib
import http.client
import logging
import socket
import threading
import time
from typing import Any

import uvicorn

HOST = "127.0.0.1"
_START_SECONDS = 30.0
_STOP_SECONDS = 5.0
_IDLE_SECONDS = 3600
_BACKLOG = 1024


def listen(port: int = 0) -> socket.socket:
    """A socket bound to the loopback address; port 0 takes any free one. Raises `OSError` when it is taken."""
    # asyncio switches Nagle off (a 40 ms wait on every answer) only where the protocol is spelt out.
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((HOST, port))
    except OSError:
        sock.close()
        raise
    return sock


class Server:
    """An event loop in a thread of its own, and the applications that it serves."""

    def __init__(self, log: logging.Logger) -> None:
        self._log = log
        self._loop = asyncio.new_event_loop()
        self._closing = asyncio.Event()
        self._servers: list[uvicorn.Server] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._thread = threading.Thread(target=self._run, name="penstock-cloud", daemon=True)
        self._thread.start()

    def serve(self, app: Any, sock: socket.socket) -> None:
        """Serves `app` on `sock` until the server stops; returns when it accepts connections.

        Raises `RuntimeError` when the application does not start.
        """
        port = sock.getsockname()[1]
        sock.listen(_BACKLOG)
        config = uvicorn.Config(
            app,
            http="httptools",
            ws="none",
            lifespan="on",
            access_log=False,
            log_config=None,
            proxy_headers=False,
            server_header=False,
            date_header=False,
            # Clients keep their connections: one that the server closes while it is idle is an error on the next call.
            timeout_keep_alive=_IDLE_SECONDS,
            timeout_graceful_shutdown=1,
        )
        server = uvicorn.Server(config)
        self._loop.call_soon_threadsafe(self._start, server, sock)
        self._wait(port)

    def stop(self) -> None:
        """Stops everything that is served, and the thread."""
        self._loop.call_soon_threadsafe(self._closing.set)
        self._thread.join(2 * _STOP_SECONDS)

    def _start(self, server: uvicorn.Server, sock: socket.socket) -> None:
        self._servers.append(server)
        self._tasks.append(self._loop.create_task(server.serve([sock])))

    def _wait(self, port: int) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            for task in self._tasks:
                if task.done() and not task.cancelled() and (error := task.exception()):
                    raise RuntimeError(f"the local cloud did not start: {error}") from error
            connection = http.client.HTTPConnection(HOST, port, timeout=1)
            with contextlib.closing(connection), contextlib.suppress(OSError, http.client.HTTPException):
                connection.request("GET", "/_ministack/health")
                connection.getresponse().read()
                return
            time.sleep(0.02)
        raise RuntimeError(f"the local cloud did not answer on port {port} within {_START_SECONDS:.0f} s")

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.set_exception_handler(lambda _, context: self._log.debug("event loop: %s", context.get("message")))
        try:
            self._loop.run_until_complete(self._closing.wait())
            self._loop.run_until_complete(self._finish())
        finally:
            self._loop.close()

    async def _finish(self) -> None:
        for server in self._servers:
            server.should_exit = True
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=_STOP_SECONDS)
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        if others:
            await asyncio.wait(others, timeout=_STOP_SECONDS)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._loop.shutdown_default_executor(), _STOP_SECONDS)
