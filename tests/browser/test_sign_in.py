"""People sign in with Cognito's pages (their stand-in on this machine), by authorisation code with PKCE."""

import time
import uuid
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.browser.conftest import Site, Tab

pytestmark = pytest.mark.browser
PASSWORD = "Correct-horse-battery-1"  # noqa: S105
TOKEN = "penstock.token"  # noqa: S105 - where it lies
RUN_OUT = "Your sign-in has run out"


@pytest.fixture(scope="module")
def person(site: Site) -> str:
    """The mail address of somebody who has an account."""
    address = f"ann-{uuid.uuid4().hex[:8]}@example.com"
    cognito, pool = site.client("cognito-idp"), site.outputs["people_pool_id"]
    attributes = [{"Name": "email", "Value": address}, {"Name": "email_verified", "Value": "true"}]
    cognito.admin_create_user(
        UserPoolId=pool,
        Username=address,
        MessageAction="SUPPRESS",
        TemporaryPassword=f"{PASSWORD}-once",
        UserAttributes=attributes,
    )
    cognito.admin_set_user_password(UserPoolId=pool, Username=address, Password=PASSWORD, Permanent=True)
    return address


def fill_in(page: Any, person: str) -> None:
    """Cognito's own page."""
    page.locator("input[name=username]").fill(person)
    page.locator("input[name=password]").fill(PASSWORD)
    page.keyboard.press("Enter")


def sign_in(tab: Tab, person: str) -> None:
    tab.page.goto(tab.site.outputs["page_url"])
    tab.page.get_by_role("button", name="Sign in").click()
    fill_in(tab.page, person)
    tab.page.get_by_role("heading", name="Send files").wait_for()


def only_the_icon(tab: Tab) -> None:
    """The stand-in has no icon, which a browser asks every site for."""
    tab.complaints[:] = [said for said in tab.complaints if "/favicon.ico" not in said]


def test_a_person_signs_in_and_out(tab: Tab, person: str) -> None:
    asked: list[str] = []
    tab.page.on("request", lambda request: asked.append(request.url) if "/oauth2/authorize" in request.url else None)
    sign_in(tab, person)
    query = parse_qs(urlsplit(asked[0]).query)
    assert (query["response_type"], query["code_challenge_method"]) == (["code"], ["S256"])
    assert "code=" not in tab.page.url, "the code does not stay in the address"
    assert tab.page.get_by_text(person).is_visible()
    kept = tab.page.evaluate("[JSON.stringify(localStorage), Object.keys(sessionStorage)]")
    assert kept == ["{}", [TOKEN]], "no more than the token of this tab is kept"
    assert "refresh" not in tab.page.evaluate(f"sessionStorage[{TOKEN!r}]")
    tab.picture("signed-in")

    tab.page.reload()
    tab.page.get_by_role("heading", name="Send files").wait_for()
    tab.page.get_by_role("button", name="Sign out").click()
    tab.page.get_by_role("button", name="Sign in").wait_for()
    assert tab.page.evaluate("Object.keys(sessionStorage)") == []
    only_the_icon(tab)


def test_what_a_person_sends_goes_to_their_own_folder(tab: Tab, person: str) -> None:
    sign_in(tab, person)
    with tab.page.expect_response(lambda answer: answer.url.endswith("/complete")) as completed:
        tab.page.get_by_test_id("files").set_input_files(
            [{"name": "mine.txt", "mimeType": "text/plain", "buffer": b"hello\n"}]
        )
    folder = completed.value.json()["name"].partition("/")[0]
    assert folder.startswith("u-")
    tab.row("mine.txt").get_by_role("button", name="Download").wait_for()
    only_the_icon(tab)


def test_a_sign_in_that_runs_out_is_renewed_beside_what_is_on_the_screen(tab: Tab, person: str) -> None:
    sign_in(tab, person)
    tab.page.evaluate("location.hash = '#/files'")
    # As if an hour had passed: the token ends in three seconds.
    tab.page.evaluate(
        "([place, at]) => sessionStorage.setItem(place, JSON.stringify("
        "{...JSON.parse(sessionStorage.getItem(place)), expires: at}))",
        [TOKEN, int((time.time() + 3) * 1000)],
    )
    tab.page.reload()
    tab.page.get_by_role("heading", name="Files").wait_for()
    tab.page.get_by_text(RUN_OUT).wait_for()
    tab.picture("run-out")
    with tab.page.expect_popup() as beside:
        tab.page.get_by_role("button", name="Sign in again").click()
    fill_in(beside.value, person)
    tab.page.get_by_text(RUN_OUT).wait_for(state="hidden")
    assert tab.page.get_by_role("heading", name="Files").is_visible(), "one is where one was"
    tab.page.reload()
    tab.page.get_by_role("heading", name="Files").wait_for()
    only_the_icon(tab)


def test_an_answer_that_the_tab_did_not_ask_for_is_refused(tab: Tab) -> None:
    tab.page.goto(f"{tab.site.outputs['page_url']}?code=stolen&state=forged")
    tab.page.get_by_text("The answer does not belong to this tab").wait_for()
    assert "code=" not in tab.page.url
    assert tab.page.evaluate("Object.keys(sessionStorage)") == []
