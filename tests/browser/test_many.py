"""Folders, several tabs, the same file again; and what an operator does with a file that failed."""

import contextlib
import json
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli import front
from tests.browser.conftest import Site, Tab

pytestmark = pytest.mark.browser
GOOD = 12
TABLE = b"id,name\n1,one\n2,two\n"
BROKEN = b'id,"name\n1,one\n'


def test_a_folder_is_sent_whole_and_what_was_refused_stands_first(tab: Tab, tmp_path: Path) -> None:
    folder = tmp_path / f"parcel-{uuid.uuid4().hex[:6]}"
    for n in range(GOOD):
        place = folder / f"part-{n % 3}"
        place.mkdir(parents=True, exist_ok=True)
        (place / f"{n:02}.csv").write_bytes(TABLE)
    (folder / "part-2/zz-broken.csv").write_bytes(BROKEN)
    tab.open()
    tab.page.get_by_label("Folder to send").set_input_files(str(folder))
    tab.page.get_by_text(f"{GOOD + 1} files · {GOOD} done · 1 rejected").wait_for(timeout=180_000)
    first = tab.page.get_by_role("region", name="Sent from here").get_by_role("listitem").first
    assert first.get_by_text("zz-broken.csv").is_visible()
    assert first.get_by_text(f"{folder.name}/part-2/").is_visible(), "folders are kept"
    tab.picture("folder")


def test_the_same_file_in_two_tabs_is_sent_once(tab: Tab, tmp_path: Path) -> None:
    sent = tmp_path / f"twice-{uuid.uuid4().hex[:6]}.csv"
    sent.write_bytes(TABLE)
    tab.open()
    other = tab.page.context.new_page()
    other.goto(tab.site.address)
    other.get_by_role("heading", name="Send files").wait_for()
    tab.send(sent)
    tab.row(sent.name).get_by_role("button", name="Download").wait_for()
    other.get_by_test_id("files").set_input_files(str(sent))
    row = other.get_by_role("listitem").filter(has_text=sent.name).first
    row.get_by_text("Sent before, the very same file").wait_for()
    row.get_by_role("button", name="Send again").click()
    row.get_by_text("Done").wait_for()
    other.goto(f"{tab.site.outputs['page_url']}#/files")
    other.get_by_role("link", name=sent.name).click()
    other.get_by_text("version 2 of 2, this one").first.wait_for()


def test_an_upload_is_paused_and_goes_on(tab: Tab, tmp_path: Path) -> None:
    sent = tmp_path / f"break-{uuid.uuid4().hex[:6]}.bin"
    with sent.open("wb") as file:
        file.truncate(64 * 1024**2)
    tab.open()
    with tab.page.expect_event("requestfinished", lambda one: one.method == "PUT"):
        tab.send(sent)
    tab.page.get_by_role("button", name=f"Pause {sent.name}").click()
    tab.row(sent.name).get_by_text("paused").wait_for()
    tab.page.get_by_role("button", name=f"Go on with {sent.name}").click()
    tab.row(sent.name).get_by_role("button", name="Download").wait_for(timeout=180_000)


@contextlib.contextmanager
def without_backups(site: Site) -> Iterator[None]:
    """Small files fail at their backup, when the function that makes it may not write there."""
    iam, role, name = site.client("iam"), "penstock-local-process", "tests-withhold"
    denied = {"Effect": "Deny", "Action": "s3:*", "Resource": f"arn:aws:s3:::{site.outputs['backup_bucket']}/*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [denied]})
    iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=document)
    try:
        yield
    finally:
        iam.delete_role_policy(RoleName=role, PolicyName=name)


def test_an_operator_processes_a_failed_file_once_more(tab: Tab, tmp_path: Path) -> None:
    sent = tmp_path / f"held-{uuid.uuid4().hex[:6]}.csv"
    sent.write_bytes(TABLE)
    tab.open()
    with without_backups(tab.site):
        tab.send(sent)
        tab.row(sent.name).get_by_text("Failed").wait_for(timeout=240_000)
    tab.picture("failed")
    tab.page.get_by_role("link", name=sent.name).first.click()
    tab.page.get_by_text("Whoever runs this has been told").wait_for()
    assert not tab.page.get_by_role("button", name="Process it once more").count(), "this is for operators"

    operator = tab.page.context.new_page()
    operator.goto(front.address(tab.site.outputs, front.OPERATOR))
    operator.get_by_role("heading", name="Send files").wait_for()
    operator.goto(tab.page.url)
    operator.get_by_role("button", name="Process it once more").click()
    # Whoever has it on the screen sees it, too.
    for page in (operator, tab.page):
        page.get_by_role("heading", name="First rows").wait_for(timeout=120_000)
