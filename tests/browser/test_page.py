"""What an uploader does with the page, in a real browser against the platform on this machine."""

import hashlib
import os
import time
import urllib.request
import zipfile
from pathlib import Path

import pytest

from cli.generate import generate
from local.deploy import ROOT
from tests.browser.conftest import Tab, part_number

pytestmark = pytest.mark.browser
AXE = ROOT / "web/node_modules/axe-core/axe.min.js"
SERIOUS = {"serious", "critical"}
SCHEMES = ("light", "dark")
LARGE_BYTES = 200 * 1024**2


def write(kind: str, path: Path, size: int, bad_every: int = 0) -> Path:
    """A file of a kind, made from a seed."""
    path.write_bytes(b"".join(generate(kind, size=size, seed=11, bad_every=bad_every)))
    return path


@pytest.mark.parametrize("tab", ["desk", "phone"], indirect=True)
def test_files_are_sent_followed_and_opened(tab: Tab, tmp_path: Path) -> None:
    table = write("csv", tmp_path / f"{tab.size}-orders.csv", 200_000, bad_every=50)
    photo = write("photo", tmp_path / f"{tab.size}-harbour.jpg", 400_000)
    broken = write("broken-csv", tmp_path / f"{tab.size}-broken.csv", 50_000)
    tab.open()
    assert "#key" not in tab.page.url, "the key does not stay in the address"
    tab.send(table, photo, broken)
    tab.row(broken.name).get_by_text("Rejected").first.wait_for()
    for name in (table.name, photo.name):
        tab.row(name).get_by_role("button", name="Download").first.wait_for()
    tab.picture("sent")

    tab.page.get_by_role("link", name=table.name).first.click()
    tab.page.get_by_role("heading", name="First rows").wait_for()
    tab.picture("table")
    tab.page.go_back()
    tab.page.get_by_role("link", name=broken.name).first.click()
    tab.page.get_by_text("Rejected").first.wait_for()
    tab.picture("rejected")
    tab.page.go_back()
    tab.page.get_by_role("link", name=photo.name).first.click()
    tab.page.get_by_role("img").first.wait_for()
    tab.picture("photo")


def test_an_archive_shows_its_members_and_recipes_their_totals(tab: Tab, tmp_path: Path) -> None:
    parcel = tmp_path / "parcel.zip"
    with zipfile.ZipFile(parcel, "w") as archive:
        archive.write(write("csv", tmp_path / "orders.csv", 20_000), "inner/orders.csv")
        archive.writestr("packed-oddly.txt", "by bzip2\n", zipfile.ZIP_BZIP2)
    recipes = write("recipe", tmp_path / "cookbook.json", 40_000)
    tab.open()
    tab.send(parcel, recipes)
    for name in (parcel.name, recipes.name):
        tab.row(name).get_by_role("button", name="Download").first.wait_for(timeout=120_000)
    tab.page.get_by_role("link", name=recipes.name).first.click()
    tab.page.get_by_role("heading", name="Totals").wait_for()
    tab.page.get_by_role("heading", name="First recipes").wait_for()
    tab.picture("recipes")
    tab.page.go_back()
    tab.page.get_by_role("link", name=parcel.name, exact=True).first.click()
    contents = tab.page.get_by_role("region", name="Contents")
    contents.get_by_text("Left out").wait_for()
    tab.picture("archive")
    contents.get_by_role("link", name="inner/orders.csv").click()
    tab.page.get_by_role("heading", name="First rows").wait_for()


def test_a_download_has_the_checksum_that_the_api_says(tab: Tab, tmp_path: Path) -> None:
    table = write("csv", tmp_path / "checked.csv", 50_000)
    tab.open()
    with tab.page.expect_response(lambda answer: answer.url.endswith("/complete")) as completed:
        tab.send(table)
    file = completed.value.json()["file"]
    tab.row(table.name).get_by_role("button", name="Download").first.wait_for()
    key = tab.site.outputs["api_keys"]["demo"]
    asked = tab.page.request.get(
        f"{tab.site.outputs['api_url']}/files/{file}/links", headers={"Authorization": f"Bearer {key}"}
    )
    links = {link["role"]: link for link in asked.json()["links"]}
    for link in links.values():
        with urllib.request.urlopen(link["url"], timeout=60) as answer:  # noqa: S310
            body = answer.read()
        assert (len(body), hashlib.sha256(body).hexdigest()) == (link["size"], link["sha256"]), link["role"]
    with tab.page.expect_download() as downloading:
        tab.row(table.name).get_by_role("button", name="Download").first.click()
    fetched = Path(downloading.value.path()).read_bytes()
    assert hashlib.sha256(fetched).hexdigest() == links["archive"]["sha256"]


def test_a_file_is_deleted_after_a_second_word(tab: Tab, tmp_path: Path) -> None:
    doomed = write("csv", tmp_path / "doomed.csv", 5_000)
    tab.open()
    tab.send(doomed)
    tab.row(doomed.name).get_by_role("button", name="Download").first.wait_for()
    tab.page.get_by_role("link", name=doomed.name).first.click()
    deleting = tab.page.get_by_role("region", name="Deleting")
    deleting.get_by_role("button", name="Delete…").click()
    deleting.get_by_role("button", name="Keep it").click()
    deleting.get_by_role("button", name="Delete…").click()
    tab.picture("deleting")
    deleting.get_by_role("button", name="Delete it and all results").click()
    tab.page.get_by_role("heading", name="Files", exact=True).wait_for()
    listed = tab.page.get_by_role("link", name=doomed.name)
    listed.first.wait_for(state="detached")
    tab.page.get_by_role("link", name="Send", exact=True).click()
    tab.page.get_by_role("heading", name="Send files").wait_for()
    tab.picture("deleted")
    assert not tab.page.get_by_text(doomed.name).count(), "among what was sent"
    tab.page.reload()
    tab.page.get_by_role("heading", name="Send files").wait_for()
    tab.page.get_by_role("link", name="Files", exact=True).first.click()
    tab.page.get_by_role("heading", name="Files", exact=True).wait_for()
    assert not tab.page.get_by_text(doomed.name).count(), "after a reload"
    bucket, s3 = tab.site.outputs["upload_bucket"], tab.site.client("s3")
    until = time.monotonic() + 60
    while found := s3.list_object_versions(Bucket=bucket, Prefix=f"demo/{doomed.name}").get("Versions"):
        assert time.monotonic() < until, found
        time.sleep(0.5)


def test_an_upload_goes_on_after_a_reload(tab: Tab, tmp_path: Path) -> None:
    large = tmp_path / "large.bin"
    with large.open("wb") as file:
        for _ in range(LARGE_BYTES // 1024**2):
            file.write(os.urandom(1024**2))
    arrived: list[str] = []
    tab.page.on("requestfinished", lambda one: arrived.append(part_number(one.url)) if one.method == "PUT" else None)
    tab.page.on("dialog", lambda dialog: dialog.accept())
    tab.open()
    with tab.page.expect_event("requestfinished", lambda one: one.method == "PUT"):
        tab.send(large)
    tab.page.reload()
    tab.row(large.name).wait_for()
    before = set(arrived)
    arrived.clear()
    tab.picture("reloaded")
    tab.send(large)
    tab.row(large.name).get_by_role("button", name="Download").first.wait_for(timeout=240_000)
    assert before, "something had been sent"
    assert arrived and not before & set(arrived), "what had arrived is not sent again"


@pytest.mark.parametrize("tab", ["desk", "phone"], indirect=True)
def test_nothing_serious_stands_in_the_way_of_anybody(tab: Tab, tmp_path: Path) -> None:
    if not AXE.is_file():
        pytest.skip("axe-core is not among the page's libraries")
    tab.page.goto(tab.site.outputs["page_url"])
    tab.page.get_by_role("button", name="Sign in").wait_for()
    assert serious(tab) == [], "where people sign in"
    table = write("csv", tmp_path / f"{tab.size}-axe.csv", 20_000, bad_every=50)
    broken = write("broken-csv", tmp_path / f"{tab.size}-axe-broken.csv", 5_000)
    tab.open()
    tab.send(table, broken)
    tab.row(broken.name).get_by_text("Rejected").first.wait_for()
    tab.row(table.name).get_by_role("button", name="Download").first.wait_for()
    assert serious(tab) == [], "what was sent"
    for name, shows in ((table.name, "Downloads"), (broken.name, "History")):
        tab.page.get_by_role("link", name=name).first.click()
        tab.page.get_by_role("heading", name=shows).wait_for()
        assert serious(tab) == [], name
        tab.page.go_back()
    tab.page.evaluate("location.hash = '#/files?state=rejected'")
    tab.page.get_by_role("link", name=broken.name).first.wait_for()
    assert serious(tab) == [], "the list"


def serious(tab: Tab) -> list[tuple[str, str]]:
    """What axe finds on the screen, in light and in dark: the colours, and the rule."""
    found: list[tuple[str, str]] = []
    for scheme in SCHEMES:
        tab.page.emulate_media(color_scheme=scheme)
        # Colours that are still on their way would be taken for those that are meant.
        tab.page.wait_for_timeout(500)
        # By the browser's own tools, which the page's policy does not bind.
        tab.page.evaluate(AXE.read_text())
        violations = tab.page.evaluate("axe.run().then((result) => result.violations)")
        found += [(scheme, one["id"]) for one in violations if one["impact"] in SERIOUS]
    return found
