"""What the gateway is told of a caller."""

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from runtime import environment
from runtime.domain import metrics
from runtime.handlers import authorize

KEY = "k" * 40
ARN = "arn:aws:execute-api:eu-central-1:123456789012:api1/api/GET/files/abc/links"


@pytest.fixture
def deployed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The package with its file, and the environment."""
    clients = {"acme-import": {"folder": "acme", "operator": False}}
    (tmp_path / environment.CLIENTS).write_text(json.dumps(clients))
    (tmp_path / "runtime/handlers").mkdir(parents=True)
    monkeypatch.setattr(authorize, "__file__", str(tmp_path / "runtime/handlers/authorize.py"))
    digest = base64.b64encode(hashlib.sha256(KEY.encode()).digest()).decode()
    variables = {
        "CLIENT_KEYS": json.dumps({"acme-import": digest}),
        "ISSUER": environment.NOBODY,
        "PEOPLE_CLIENT": environment.NOBODY,
        "PEOPLE_KEY": "people",
    }
    for name, value in variables.items():
        monkeypatch.setenv(f"PENSTOCK_{name}", value)
    authorize._settings.cache_clear()
    authorize._programs.cache_clear()


@pytest.mark.parametrize("header", ["Authorization", "authorization"])
@pytest.mark.usefixtures("deployed")
def test_a_known_caller_may_use_all_of_this_api(header: str, context: Any) -> None:
    answer = authorize.handler({"methodArn": ARN, "headers": {header: f"Bearer {KEY}"}}, context)
    (statement,) = answer["policyDocument"]["Statement"]
    assert statement == {
        "Effect": "Allow",
        "Action": "execute-api:Invoke",
        "Resource": "arn:aws:execute-api:eu-central-1:123456789012:api1/api/*",
    }
    assert answer["usageIdentifierKey"] == KEY
    assert answer["context"] == {"caller": "acme-import", "folder": "acme", "operator": "false", "expires": "never"}


@pytest.mark.parametrize(
    "headers", [None, {}, {"Authorization": "Bearer wrong-key"}, {"Authorization": "Bearer a.b.c"}]
)
@pytest.mark.usefixtures("deployed")
def test_anybody_else_is_refused_without_an_alarm(
    headers: dict[str, str] | None, context: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(authorize.Unauthorized, match=r"^Unauthorized$"):
        authorize.handler({"methodArn": ARN, "headers": headers}, context)
    written = capsys.readouterr().out
    assert json.loads(written.splitlines()[-1])[metrics.REFUSED] == 1
    assert "wrong-key" not in written
