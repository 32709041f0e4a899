"""The Lambda Runtime API of one process, served by whichever thread is waiting for that process.

Source: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

import contextlib
import selectors
import socket
from dataclasses import dataclass

import h11

from local.server import listen

_RECEIVE_BYTES = 256 * 1024
# A process that has its event, or says something, is reading or writing; longer than this and it is stuck.
_TRANSFER_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Call:
    """A whole request of the process: the last parts of its path, headers in lower case, body."""

    connection: "_Connection"
    path: tuple[str, ...]
    headers: dict[str, str]
    body: bytes


class _Connection:
    def __init__(self, sock: socket.socket) -> None:
        sock.settimeout(_TRANSFER_SECONDS)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sock = sock
        self._http = h11.Connection(h11.SERVER, max_incomplete_event_size=1 << 20)
        self._request: h11.Request | None = None
        self._body: list[bytes] = []

    def receive(self) -> list[Call] | None:
        """The requests that are complete now; None when the other side is gone."""
        try:
            data = self.sock.recv(_RECEIVE_BYTES)
        except OSError:
            return None
        if not data:
            return None
        self._http.receive_data(data)
        calls = []
        while True:
            event = self._http.next_event()
            if isinstance(event, h11.Request):
                self._request, self._body = event, []
                if self._http.they_are_waiting_for_100_continue:
                    self._send(h11.InformationalResponse(status_code=100, headers=[], reason="Continue"))
            elif isinstance(event, h11.Data):
                self._body.append(bytes(event.data))
            elif isinstance(event, h11.EndOfMessage) and self._request is not None:
                path = self._request.target.decode("latin-1").split("?")[0].strip("/").split("/")[2:]
                headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in self._request.headers}
                calls.append(Call(self, tuple(path), headers, b"".join(self._body)))
            else:
                return calls

    def answer(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        length = [("Content-Length", str(len(body))), ("Content-Type", "application/json")]
        self._send(h11.Response(status_code=status, headers=[*headers, *length]), h11.Data(body), h11.EndOfMessage())
        if self._http.our_state is h11.DONE and self._http.their_state is h11.DONE:
            self._http.start_next_cycle()

    def _send(self, *events: h11.InformationalResponse | h11.Response | h11.Data | h11.EndOfMessage) -> None:
        self.sock.sendall(b"".join(self._http.send(event) or b"" for event in events))


class RuntimeApi:
    """A listening socket and the connections to it. Not for two threads at once."""

    def __init__(self) -> None:
        self._listener = listen()
        self._listener.listen(8)
        self._listener.setblocking(False)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._listener, selectors.EVENT_READ)
        self.address = "{}:{}".format(*self._listener.getsockname())

    def poll(self, seconds: float) -> list[Call]:
        """What the process asks, after at most `seconds`. Empty when nothing came."""
        calls: list[Call] = []
        for key, _ in self._selector.select(seconds):
            if key.fileobj is self._listener:
                with contextlib.suppress(OSError):
                    connection = _Connection(self._listener.accept()[0])
                    self._selector.register(connection.sock, selectors.EVENT_READ, connection)
            else:
                received = key.data.receive()
                if received is None:
                    self._selector.unregister(key.fileobj)
                    key.data.sock.close()
                else:
                    calls += received
        return calls

    def answer(self, call: Call, status: int, body: bytes = b"", headers: list[tuple[str, str]] | None = None) -> None:
        """Answers a call. A process that has gone is noticed by who watches it, not here."""
        with contextlib.suppress(OSError, h11.LocalProtocolError):
            call.connection.answer(status, headers or [], body)

    def close(self) -> None:
        """Closes all sockets."""
        for key in list(self._selector.get_map().values()):
            if isinstance(key.fileobj, socket.socket):
                key.fileobj.close()
        self._selector.close()
