"""What becomes of files is seen as it happens, and again after a lost network."""

import os
import time
from pathlib import Path

import pytest

from cli.generate import generate
from tests.browser.conftest import Tab, part_number

pytestmark = pytest.mark.browser
LOST = ("ERR_INTERNET_DISCONNECTED", "ERR_NETWORK_CHANGED")
SOON_MS = 15_000


def table(path: Path, size: int) -> Path:
    path.write_bytes(b"".join(generate("csv", size=size, seed=5)))
    return path


def state(tab: Tab, file: str) -> str:
    """Of a file, by the API; empty as long as its event has not come."""
    key = tab.site.outputs["api_keys"]["demo"]
    asked = tab.page.context.request.get(
        f"{tab.site.outputs['api_url']}/files/{file}", headers={"Authorization": f"Bearer {key}"}
    )
    return str(asked.json()["file"]["state"]) if asked.ok else ""


def forgive_the_lost_network(tab: Tab) -> None:
    tab.complaints[:] = [said for said in tab.complaints if not any(word in said for word in LOST)]


def test_what_happened_while_the_network_was_lost_is_seen_when_it_is_back(tab: Tab, tmp_path: Path) -> None:
    sent = table(tmp_path / f"offline-{os.getpid()}.csv", 400_000)
    tab.open()
    with tab.page.expect_response(lambda answer: answer.url.endswith("/complete")) as completed:
        tab.send(sent)
    file = completed.value.json()["file"]
    tab.page.context.set_offline(True)
    until = time.monotonic() + 120
    while state(tab, file) != "succeeded" and time.monotonic() < until:
        time.sleep(0.5)
    row = tab.row(sent.name)
    assert state(tab, file) == "succeeded"
    assert not row.get_by_text("Done").count(), "nobody has told the page"
    tab.page.context.set_offline(False)
    row.get_by_text("Done").wait_for(timeout=SOON_MS)
    forgive_the_lost_network(tab)


def test_an_upload_waits_for_the_network_and_sends_nothing_twice(tab: Tab, tmp_path: Path) -> None:
    sent = tmp_path / f"lost-{os.getpid()}.bin"
    sent.write_bytes(os.urandom(64 * 1024**2))
    arrived: list[str] = []
    tab.page.on("requestfinished", lambda one: arrived.append(part_number(one.url)) if one.method == "PUT" else None)
    tab.open()
    with tab.page.expect_event("requestfinished", lambda one: one.method == "PUT"):
        tab.send(sent)
    tab.page.context.set_offline(True)
    tab.page.wait_for_timeout(3000)
    before = len(arrived)
    tab.page.wait_for_timeout(2000)
    assert len(arrived) == before, "nothing goes while there is no network"
    assert not tab.row(sent.name).get_by_role("button", name="Try again").count(), "and it is no failure"
    tab.page.context.set_offline(False)
    tab.row(sent.name).get_by_role("button", name="Download").wait_for(timeout=180_000)
    assert len(arrived) == len(set(arrived)), "what had arrived is not sent again"
    forgive_the_lost_network(tab)
