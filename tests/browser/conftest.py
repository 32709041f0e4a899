"""A Chromium, and the platform on this machine for it to open. What is seen is kept in `build/browser`."""

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import pytest

from cli import front
from local.browser import NoBrowser
from local.browser import chromium as start
from local.cloud import LocalCloud
from local.deploy import ROOT, deploy

PICTURES = ROOT / "build/browser"
SIZES = {"desk": {"width": 1280, "height": 900}, "phone": {"width": 390, "height": 844}}
POLICY_BROKEN = "Content Security Policy"
API = {
    "enabled": True,
    "sign_in": "cognito",
    "deletes": True,
    "clients": [{"name": "demo", "folder": "demo"}, {"name": "operator", "folder": "operator", "operator": True}],
}
SETTINGS = {"penstock:catalogue": json.dumps({"enabled": False}), "penstock:api": json.dumps(API)}
"""Keys open the page as they do on the local stack; people may sign in, too."""


@dataclass(frozen=True, kw_only=True)
class Site:
    """Where the page is, the keys of those who may use it, and the cloud behind it."""

    outputs: Mapping[str, Any]
    endpoint: str

    @property
    def address(self) -> str:
        """Opens the page, ready to use."""
        return front.address(self.outputs)

    def client(self, service: str) -> Any:
        """Of AWS's, with the root's rights."""
        root = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
        return boto3.client(service, endpoint_url=self.endpoint, region_name=self.outputs["region"], **root)


@pytest.fixture(scope="session")
def site() -> Iterator[Site]:
    """The platform with page and API, or the one that PENSTOCK_BROWSER_SITE (outputs and endpoint, as JSON) tells of.

    Skipped where the page cannot be built.
    """
    if running := os.environ.get("PENSTOCK_BROWSER_SITE"):
        told = json.loads(running)
        yield Site(outputs=told, endpoint=told["endpoint"])
        return
    said: list[str] = []
    settings = front.settings(said.append)
    if "penstock:page" in settings:
        pytest.skip(said[-1])
    with LocalCloud() as cloud:
        yield Site(outputs=deploy(cloud, config={**settings, **SETTINGS}).outputs, endpoint=cloud.endpoint)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """A real browser; skipped where there is none."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    try:
        with start() as browser:
            yield browser
    except NoBrowser as reason:
        pytest.skip(str(reason))


@dataclass(kw_only=True)
class Tab:
    """A page of the browser, and what it complained of."""

    page: Any
    site: Site
    size: str
    complaints: list[str] = field(default_factory=list)

    def open(self) -> None:
        """Goes to the page, as a person who was given the address."""
        self.page.goto(self.site.address)
        self.page.get_by_role("heading", name="Send files").wait_for()

    def send(self, *paths: Path) -> None:
        """Chooses files, as a person does."""
        self.page.get_by_test_id("files").set_input_files([str(path) for path in paths])

    def row(self, name: str) -> Any:
        """Of a file, in the list that is on the screen."""
        return self.page.get_by_role("listitem").filter(has_text=name).first

    def picture(self, name: str) -> None:
        """Keeps what is seen."""
        self.page.screenshot(path=str(PICTURES / f"{name}-{self.size}.png"), full_page=True)


@pytest.fixture(params=["desk"])
def tab(chromium: Any, site: Site, request: pytest.FixtureRequest) -> Iterator[Tab]:
    """A fresh tab of the size that the test asks for; what the page complains of fails the test."""
    context = chromium.new_context(viewport=SIZES[request.param], accept_downloads=True)
    page = context.new_page()
    page.set_default_timeout(60_000)
    made = Tab(page=page, site=site, size=request.param)
    page.on("console", lambda message: _note(made, message))
    page.on("pageerror", lambda error: made.complaints.append(str(error)))
    yield made
    made.picture(f"end-of-{request.node.originalname}")
    context.close()
    assert made.complaints == []


def _note(tab: Tab, message: Any) -> None:
    if message.type == "error" or POLICY_BROKEN in message.text:
        tab.complaints.append(f"{message.text} ({message.location.get('url')})")


def part_number(url: str) -> str:
    """Of a signed link."""
    return url.partition("partNumber=")[2].partition("&")[0]
