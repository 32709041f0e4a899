"""The page as a person has it: in a real Chromium, against the platform on this machine.

Nobody else's page is its peer: the peers are the limits that the page is held to. Where there is no browser nothing is
measured, and it is said.
"""

import gzip
import json
import os
import sys
import tempfile
import time
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from benchmarks.measure import Figure
from cli import front
from cli.generate import generate
from local.browser import NoBrowser, chromium
from local.cloud import LocalCloud
from local.deploy import ROOT, deploy

SCRIPT_BYTES = 200_000
USABLE_SECONDS = 1.0
STATUS_SECONDS = 1.0
UPLOAD_SECONDS = 2.0
UPLOAD_BYTES = 10_000_000

NO_CATALOGUE = {"penstock:catalogue": json.dumps({"enabled": False})}

# The largest paint so far, in milliseconds since the navigation began.
LARGEST_PAINT = """new Promise((resolve) => new PerformanceObserver((list) =>
    resolve(list.getEntries().at(-1).startTime)).observe({type: "largest-contentful-paint", buffered: true}))"""
# When a row first says that its file is done, by the clock that the platform has, too.
WATCH_ROW = """(name) => { window.seenAt = new Promise((resolve) => {
    const look = () => {
        const row = [...document.querySelectorAll("main li")].find((each) => each.textContent.includes(name));
        if (row?.textContent.includes("Done")) { watcher.disconnect(); resolve(Date.now()); }
    };
    const watcher = new MutationObserver(look);
    watcher.observe(document.body, {subtree: true, childList: true, characterData: true});
}); }"""


def run(rounds: int) -> list[Figure]:
    """Weight, first view, an upload, and how late a person sees what has happened: the longest."""
    settings = front.settings(lambda said: print(said, file=sys.stderr))
    if "penstock:page" in settings:
        return []
    figures = [_weight()]
    try:
        with chromium() as browser, LocalCloud() as cloud, tempfile.TemporaryDirectory() as folder:
            outputs = deploy(cloud, config={**settings, **NO_CATALOGUE}).outputs
            figures += _seen(browser, outputs, Path(folder), rounds)
    except NoBrowser as reason:
        print(f"page_speed: only the scripts' size is measured: {reason}", file=sys.stderr)
    return figures


def _weight() -> Figure:
    from components.page.build import build  # noqa: PLC0415

    scripts = (ROOT / build().folder / "assets").glob("*.js")
    size = sum(len(gzip.compress(each.read_bytes(), 9)) for each in scripts)
    return _limit("the page's scripts, compressed", size / 1000, SCRIPT_BYTES / 1000, "kB")


def _limit(what: str, ours: float, limit: float, unit: str = "s") -> Figure:
    return Figure(what=what, ours=ours, theirs=limit, unit=unit, peer="the limit", aim="≤ 1")


def _seen(browser: Any, outputs: Mapping[str, Any], folder: Path, rounds: int) -> list[Figure]:
    paints, uploads, lags = [], [], []
    # The first visit wakes the functions.
    _visit(browser, outputs).context.close()
    for n in range(rounds):
        page = _visit(browser, outputs)
        paints.append(page.evaluate(LARGEST_PAINT) / 1000)
        uploads.append(_upload(page, folder / f"upload-{n}.bin"))
        lags.append(_lag(page, outputs, folder / f"{folder.name}-{n}.csv"))
        page.context.close()
    return [
        _limit("largest paint of a first visit", min(paints), USABLE_SECONDS),
        _limit("10 MB by the page, chosen to complete", min(uploads), UPLOAD_SECONDS),
        # The longest of them: how late one is depends on when the page happens to ask.
        _limit("a file's end, in the ledger to on the screen, the latest", max(lags), STATUS_SECONDS),
    ]


def _visit(browser: Any, outputs: Mapping[str, Any]) -> Any:
    """A browser that was never here, with the page open and ready for files."""
    page = browser.new_context().new_page()
    page.set_default_timeout(120_000)
    page.goto(front.address(outputs))
    page.get_by_role("heading", name="Send files").wait_for()
    return page


def _upload(page: Any, path: Path) -> float:
    path.write_bytes(os.urandom(UPLOAD_BYTES))
    with page.expect_response(lambda answer: answer.url.endswith("/complete")) as completed:
        started = time.perf_counter()
        page.get_by_test_id("files").set_input_files(str(path))
    completed.value.finished()
    return time.perf_counter() - started


def _lag(page: Any, outputs: Mapping[str, Any], path: Path) -> float:
    """Seconds from the end that the ledger knows to the moment at which the page says so."""
    path.write_bytes(b"".join(generate("csv", size=20_000, seed=1)))
    page.evaluate(WATCH_ROW, path.name)
    with page.expect_response(lambda answer: answer.url.endswith("/complete")) as completed:
        page.get_by_test_id("files").set_input_files(str(path))
    seen: float = page.evaluate("window.seenAt") / 1000
    key = outputs["api_keys"][front.PERSON]
    asked = page.context.request.get(
        f"{outputs['api_url']}/files/{completed.value.json()['file']}", headers={"Authorization": f"Bearer {key}"}
    )
    ended = datetime.fromisoformat(asked.json()["file"]["ended_at"]).timestamp()
    return max(0.0, seen - ended)
