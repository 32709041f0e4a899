"""Whoever calls the API."""

import json
from dataclasses import dataclass, field
from typing import Any

import urllib3


@dataclass
class Caller:
    """With a key, or none."""

    base: str
    key: str | None
    http: urllib3.PoolManager = field(default_factory=lambda: urllib3.PoolManager(retries=False, maxsize=8))

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> urllib3.BaseHTTPResponse:
        """The answer, whatever it is."""
        sent = {**({"Authorization": f"Bearer {self.key}"} if self.key else {}), **headers}
        if body is not None:
            sent["Content-Type"] = "application/json"
        content = None if body is None else json.dumps(body).encode()
        return self.http.request(method, self.base + path, body=content, headers=sent, redirect=False)

    def json(self, method: str, path: str, body: Any = None, status: int = 200, **headers: str) -> Any:
        """What an answer with that status says."""
        answer = self.call(method, path, body, **headers)
        assert answer.status == status, f"{method} {path}: {answer.status} {answer.data!r}"
        return answer.json()
