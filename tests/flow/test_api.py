"""The API as its callers meet it, through the distribution. Who may what is in `test_who_may.py`."""

import base64
import importlib
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import urllib3

from tests.flow.caller import Caller
from tests.flow.driver import Driver

pytestmark = pytest.mark.flow


@pytest.fixture(scope="module")
def callers(driver: Driver) -> dict[str, Caller]:
    base = driver.out("api_url")
    return {name: Caller(base, key) for name, key in driver.out("api_keys").items()} | {"nobody": Caller(base, None)}


def file_id(name: str) -> str:
    return base64.urlsafe_b64encode(name.encode()).rstrip(b"=").decode()


@pytest.fixture(scope="module")
def files(driver: Driver) -> dict[str, str]:
    """One file of the program `demo`, and one of somebody else's, both gone through: name to id."""
    names = ["demo/api-small.csv", "elsewhere/api-small.csv"]
    versions = [driver.put(name, b"id,city\n1,Bern\n2,Oslo\n") for name in names]
    for name, version in zip(names, versions, strict=True):
        assert driver.wait(name, version)["State"] == "succeeded"
    return {name: file_id(name) for name in names}


def problem(answer: urllib3.BaseHTTPResponse, status: int) -> bool:
    said = answer.json()
    assert answer.headers["content-type"].startswith("application/problem+json"), answer.data
    assert answer.headers["x-correlation-id"]
    return answer.status == said["status"] == status


def test_nobody_reaches_it_beside_the_distribution(driver: Driver, callers: dict[str, Caller]) -> None:
    (api,) = [one.id for one in driver.platform.deployment.states if one.token.endswith(":RestApi")]
    demo = callers["demo"]
    beside = Caller(f"{driver.platform.cloud.endpoint}/_aws/execute-api/{api}/api", demo.key)
    assert demo.call("GET", "/me").status == 200
    assert problem(beside.call("GET", "/me"), 403)
    assert problem(beside.call("GET", "/me", Referer="a guess"), 403)


def test_an_operator_sees_all_folders_and_others_their_own(callers: dict[str, Caller], files: dict[str, str]) -> None:
    assert callers["operator"].call("GET", f"/files/{files['elsewhere/api-small.csv']}").status == 200
    seen = {one["name"].partition("/")[0] for one in callers["demo"].call("GET", "/files").json()["files"]}
    assert seen == {"demo"}


def test_unchanged_is_said_without_a_body(callers: dict[str, Caller], files: dict[str, str]) -> None:
    path = f"/files/{files['demo/api-small.csv']}"
    first = callers["demo"].call("GET", path)
    again = callers["demo"].call("GET", path, **{"If-None-Match": first.headers["etag"]})
    assert (first.status, again.status, again.data) == (200, 304, b"")


def test_links_open_what_was_made(callers: dict[str, Caller], files: dict[str, str]) -> None:
    answer = callers["demo"].call("GET", f"/files/{files['demo/api-small.csv']}/links")
    links = answer.json()["links"]
    assert links[0]["role"] == "archive"
    for one in links:
        got = callers["demo"].http.request("GET", one["url"])
        assert (got.status, len(got.data)) == (200, one["size"]), one["url"]


def test_a_key_that_was_switched_off_is_unknown(driver: Driver, callers: dict[str, Caller]) -> None:
    found = driver.client("apigateway").get_api_keys(includeValues=True, limit=500)["items"]
    (key_id,) = [one["id"] for one in found if one["value"] == callers["demo"].key]
    record = importlib.import_module("ministack.services.apigateway_v1")._api_keys[key_id]
    record["enabled"] = False
    try:
        assert problem(callers["demo"].call("GET", "/me"), 401)
    finally:
        record["enabled"] = True
    assert callers["demo"].call("GET", "/me").status == 200


def test_beyond_the_rate_one_key_waits_and_another_goes_on(driver: Driver, callers: dict[str, Caller]) -> None:
    """The plan is narrowed for a while: ten at once, then one in a second."""
    gateway = driver.client("apigateway")
    plans = gateway.get_usage_plans(limit=500)["items"]
    (plan,) = [one for one in plans if one["name"].endswith("api-clients")]
    before = plan["throttle"]
    service = importlib.import_module("ministack.services.apigateway_v1")
    service._usage_plans[plan["id"]]["throttle"] = {"rateLimit": 1.0, "burstLimit": 10}
    service._throttle_state.clear()
    try:
        with ThreadPoolExecutor(4) as threads:
            answers = list(threads.map(lambda _: callers["demo"].call("GET", "/me"), range(30)))
        refused = [one for one in answers if one.status == 429]
        assert 10 <= 30 - len(refused) <= 25
        assert problem(refused[0], 429)
        assert refused[0].headers["retry-after"] == "1"
        assert callers["operator"].call("GET", "/me").status == 200
        time.sleep(1.1)
        assert callers["demo"].call("GET", "/me").status == 200
    finally:
        service._usage_plans[plan["id"]]["throttle"] = before
        service._throttle_state.clear()


def test_a_file_that_was_deleted_is_gone_for_everybody(driver: Driver, callers: dict[str, Caller]) -> None:
    name, content = "demo/to-be-deleted.csv", b"id,city\n1,Bern\n"
    older = driver.put(name, content)
    driver.wait(name, older)
    version = driver.put(name, content + b"2,Oslo\n")
    assert driver.wait(name, version)["State"] == "succeeded"
    demo, path = callers["demo"], f"/files/{file_id(name)}"
    links = [one["url"] for one in demo.json("GET", f"{path}/links")["links"]]
    assert [demo.http.request("GET", url).status for url in links] == [200] * len(links)
    assert problem(callers["other"].call("DELETE", path), 404)
    seen = demo.call("GET", path).headers["etag"]
    assert problem(demo.call("DELETE", path, None, **{"If-Match": '"another"'}), 412)
    assert demo.call("DELETE", path, None, **{"If-Match": seen}).status == 202
    assert problem(demo.call("GET", path), 404)
    assert name not in {one["name"] for one in demo.json("GET", "/files")["files"]}
    deadline = time.monotonic() + 60
    while driver.ledger(name)[-1]["State"] != "deleted":
        assert time.monotonic() < deadline, driver.ledger(name)
        time.sleep(0.2)
    (wish,) = [one for one in driver.ledger(name) if one["State"] == "deleting"]
    assert wish["By"] == "demo"
    assert problem(demo.call("DELETE", path), 404)
    assert all(demo.http.request("GET", url).status in (403, 404) for url in links)
    s3, stem = driver.client("s3"), "to-be-deleted"
    for bucket in ("upload", "output", "delivery"):
        listed = s3.list_object_versions(Bucket=driver.out(f"{bucket}_bucket")).get("Versions", [])
        assert [one["Key"] for one in listed if stem in one["Key"]] == [], bucket
    hidden = s3.list_object_versions(Bucket=driver.out("backup_bucket"))
    kept = [one["Key"] for one in hidden["Versions"] if stem in one["Key"]]
    assert len(kept) == 2
    assert {one["Key"] for one in hidden["DeleteMarkers"] if stem in one["Key"]} == set(kept)
    forgotten = driver.client("cloudfront").list_invalidations(DistributionId=driver.out("distribution_id"))
    assert forgotten["InvalidationList"]["Quantity"] >= 1
    # Another file, under the old name.
    again = driver.put(name, content)
    assert driver.wait(name, again)["State"] == "succeeded"
    assert demo.json("GET", path)["file"]["version"] == again
