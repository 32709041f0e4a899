"""What the demo makes sure of at the front: the page is served as it must be, and the API takes a file."""

import os
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from cli.front import PERSON
from cli.serving import Serving
from local.checks import Check
from local.deploy import ROOT

EXAMPLE = ROOT / "docs/examples/upload.py"
_SECONDS = 120


def checks(served: Serving, folder: Path) -> Iterator[Check]:
    """Of the page, if there is one, and of the API."""
    outputs = served.deployment.outputs
    if "page_url" in outputs:
        yield from _page(str(outputs["page_url"]))
    yield from _api(str(outputs["api_url"]), str(outputs["api_keys"][PERSON]), folder)


def _page(address: str) -> Iterator[Check]:
    with urllib.request.urlopen(address, timeout=30) as answer:  # noqa: S310
        policy, kept = answer.headers["Content-Security-Policy"] or "", answer.headers["Cache-Control"]
    strict = "default-src 'none'" in policy and "script-src 'self'" in policy and "unsafe" not in policy
    yield Check(text="the page is served with a policy that runs its own scripts only", holds=strict)
    yield Check(text="the page itself is asked for each time", holds=kept == "no-cache")


def _api(address: str, key: str, folder: Path) -> Iterator[Check]:
    status = 200
    try:
        urllib.request.urlopen(f"{address}/files", timeout=30).close()  # noqa: S310
    except urllib.error.HTTPError as refusal:
        status = refusal.code
    yield Check(text=f"the API answers {status} to whoever brings no key", holds=status == 401)
    sent, fetched = folder / "from-the-api.csv", folder / "fetched"
    sent.write_text("id,amount\n1,2.50\n2,3.75\n")
    fetched.mkdir()
    environment = {**os.environ, "PENSTOCK_URL": address.removesuffix("/api"), "PENSTOCK_KEY": key}
    done = subprocess.run(
        [sys.executable, str(EXAMPLE), str(sent)],
        cwd=fetched,
        env=environment,
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
    )
    said = (done.stdout or done.stderr).strip().replace("\n", "; ")
    yield Check(text=f"{EXAMPLE.name} sends a file through the API and fetches it: {said}", holds=not done.returncode)
