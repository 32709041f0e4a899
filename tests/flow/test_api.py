"""The API as its callers meet it, through the distribution: who may what, how often; no answer is a surprise."""

import base64
import importlib
import json
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import urllib3

from components.api.document import load, operations
from tests.answers import checked
from tests.flow.caller import Caller
from tests.flow.driver import Driver
from tests.flow.requests_at_random import Generator

pytestmark = pytest.mark.flow

DOCUMENT = load()
SECONDS = 20
SEED = 20261121


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


@pytest.mark.parametrize("operation", list(operations(DOCUMENT)), ids=lambda one: one.id)
def test_no_route_knows_who_has_no_key_or_a_wrong_one(
    operation: Any, callers: dict[str, Caller], files: dict[str, str]
) -> None:
    path = operation.path.replace("{upload}", "u" * 32).replace("{file}", files["demo/api-small.csv"])
    demo = callers["demo"]
    for key in (None, "x" * 32, f"{demo.key}x", "eyJhbGciOiJub25lIn0.e30.", "a.b.c"):
        assert problem(Caller(demo.base, key, demo.http).call(operation.method.upper(), path), 401)


@pytest.mark.parametrize(
    "operation", [one for one in operations(DOCUMENT) if "{file}" in one.path], ids=lambda one: one.id
)
def test_what_is_in_anothers_folder_is_not_there(
    operation: Any, callers: dict[str, Caller], files: dict[str, str]
) -> None:
    path = operation.path.replace("{file}", files["elsewhere/api-small.csv"])
    answer = callers["demo"].call(operation.method.upper(), path)
    # Whether one may delete or redrive at all does not depend on the file.
    assert problem(answer, 403 if operation.id in ("deleteFile", "redriveFile") and answer.status == 403 else 404)


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


def fire(callers: dict[str, Caller], files: dict[str, str], *, seconds: float, seed: int) -> int:
    """Sends requests at random for so long; how many. Any answer that the document does not allow fails."""
    upload = callers["demo"].json("POST", "/uploads", {"name": "api-random.csv", "size": 5}, 201)["id"]
    known = {"file": list(files.values()), "upload": [upload]}
    end, count = time.monotonic() + seconds, 0
    for shot in Generator(DOCUMENT, seed, known).shots(10**6):
        if time.monotonic() > end:
            break
        count += 1
        who = ("demo", "operator", "nobody")[count % 3]
        answer = callers[who].call(shot.operation.method.upper(), shot.path, shot.body, **shot.headers)
        sent = f"{who} {shot.operation.method} {shot.path} {shot.headers} {json.dumps(shot.body)[:500]}"
        told = f"{sent}: {answer.status} {answer.data[:300]!r}"
        assert answer.status < 500, told
        if answer.status == 403 and b"cloudfront" in answer.data.lower():
            continue
        if who == "nobody":
            assert answer.status in (401, 404), told
        said = {"statusCode": answer.status, "headers": dict(answer.headers), "body": answer.data.decode()}
        try:
            checked(shot.operation.id, said)
        except Exception as error:
            raise AssertionError(told) from error
    return count


def test_no_request_at_random_gets_an_answer_that_the_document_does_not_allow(
    callers: dict[str, Caller], files: dict[str, str]
) -> None:
    assert fire(callers, files, seconds=SECONDS, seed=SEED) > 100


@pytest.mark.slow
def test_nor_do_many(callers: dict[str, Caller], files: dict[str, str]) -> None:
    seed = int(time.time())
    count = fire(callers, files, seconds=600, seed=seed)
    print(f"seed {seed}: {count} requests")
