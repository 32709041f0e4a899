"""How long the API takes to answer, against a bare function behind the same gateway.

The peer is one more route of the same API, with the same authorizer, key and distribution before it; its function
answers two bytes and asks nobody. So what differs is what our functions do, and the calls of AWS's services that they
wait for: for a page of 50 out of 10,000 files, for one file with its ledger, and for its links.
"""

import io
import json
import statistics
import time
import zipfile
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import urllib3

from benchmarks.measure import Figure, seconds
from cli.front import NO_PAGE
from local.cloud import LocalCloud
from local.deploy import deploy
from runtime.domain import file_ids

FILES = 10_000
REQUESTS = 40
"""Of each kind in a round; the kinds take turns, so that a machine that slows down slows all."""
API = {
    "enabled": True,
    "clients": [{"name": "bench", "folder": "bench"}],
    "requests_per_minute": 600_000,
}
FILE = "bench/latency.csv"
PEER = "a bare function behind the same gateway"
BARE = """
def handler(event, context):
    return {"statusCode": 200, "headers": {"Content-Type": "application/json"}, "body": "{}"}
"""


def run(rounds: int) -> list[Figure]:
    """Medians and 95th percentiles, in milliseconds."""
    settings = {**NO_PAGE, "penstock:api": json.dumps(API)}
    with LocalCloud() as cloud:
        outputs = deploy(cloud, config=settings).outputs
        _bare_route(cloud, outputs)
        _fill(cloud, outputs["files_table"])
        cloud.client("s3").put_object(Bucket=outputs["upload_bucket"], Key=FILE, Body=b"id,name\n1,one\n")
        call = _caller(outputs)
        path = f"/files/{file_ids.of_name(FILE)}"
        _wait(cloud, outputs["files_table"])
        paths = {
            "bare": "/bare",
            f"a page of {FILES:,} files": "/files",
            "one file": path,
            "a file's links": f"{path}/links",
        }
        times: dict[str, list[float]] = {what: [] for what in paths}
        if len(call(paths[f"a page of {FILES:,} files"])["files"]) != 50:
            raise RuntimeError("the list is not there")
        for one in paths.values():
            call(one)
        for _ in range(rounds * REQUESTS):
            for what, one in paths.items():
                times[what].append(seconds(partial(call, one)) * 1000)
    bare = times.pop("bare")
    return [figure for what, taken in times.items() for figure in _figures(what, taken, bare)]


def _figures(what: str, taken: list[float], bare: list[float]) -> list[Figure]:
    aim = "≤ 2, under 200 ms"
    return [
        Figure(what=f"{what}: {name}", ours=of(taken), theirs=of(bare), unit="ms", peer=PEER, aim=aim)
        for name, of in (("median", statistics.median), ("95th percentile", _percentile))
    ]


def _percentile(values: list[float]) -> float:
    return statistics.quantiles(values, n=20)[-1]


def _caller(outputs: Mapping[str, Any]) -> Callable[[str], dict[str, Any]]:
    http = urllib3.PoolManager(retries=False)
    headers = {"Authorization": f"Bearer {outputs['api_keys']['bench']}"}

    def call(path: str) -> dict[str, Any]:
        answer = http.request("GET", outputs["api_url"] + path, headers=headers)
        if answer.status != 200:
            raise RuntimeError(f"GET {path}: {answer.status} {answer.data!r}")
        said: dict[str, Any] = answer.json()
        return said

    return call


def _wait(cloud: LocalCloud, table: str) -> None:
    db, started = cloud.client("dynamodb"), time.monotonic()
    while time.monotonic() - started < 120:
        item = db.get_item(TableName=table, Key={"FileName": {"S": FILE}}).get("Item", {})
        if item.get("State") == {"S": "succeeded"}:
            return
        time.sleep(0.2)
    raise TimeoutError(f"{FILE} was not processed within 120 s")


def _fill(cloud: LocalCloud, table: str) -> None:
    """Files as the ledger has them once they are through, one a second, all before today's."""
    db, newest = cloud.client("dynamodb"), datetime.now(UTC) - timedelta(days=1)
    for first in range(0, FILES, 25):
        items = [_item(number, newest - timedelta(seconds=number)) for number in range(first, first + 25)]
        db.batch_write_item(RequestItems={table: [{"PutRequest": {"Item": item}} for item in items]})


def _item(number: int, at: datetime) -> dict[str, Any]:
    moment = at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    texts = {
        "FileName": f"bench/{number:05}.csv", "Folder": "bench", "Shelf": "files", "VersionId": f"v{number}",
        "State": "succeeded", "ReceivedAt": moment, "UpdatedAt": moment, "EndedAt": moment, "Kind": "csv",
        "Sha256": "0" * 64, "ResultKey": f"results/{number}/result.json",
    }  # fmt: skip
    numbers = {"Attempt": 1, "Size": 1000 + number, "Accepted": 100, "Rejected": 1}
    return {key: {"S": value} for key, value in texts.items()} | {k: {"N": str(n)} for k, n in numbers.items()}


def _bare_route(cloud: LocalCloud, outputs: Mapping[str, Any]) -> None:
    """Adds the peer to the deployed API."""
    gateway, functions, iam = (cloud.client(name) for name in ("apigateway", "lambda", "iam"))
    (api,) = [one["id"] for one in gateway.get_rest_apis()["items"]]
    (authorizer,) = [one["id"] for one in gateway.get_authorizers(restApiId=api)["items"]]
    (root,) = [one["id"] for one in gateway.get_resources(restApiId=api, limit=500)["items"] if one["path"] == "/"]
    taken = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    logs = {"Effect": "Allow", "Action": ["logs:CreateLogStream", "logs:PutLogEvents"], "Resource": "*"}
    role = iam.create_role(RoleName="bare", AssumeRolePolicyDocument=_policy(taken))["Role"]["Arn"]
    iam.put_role_policy(RoleName="bare", PolicyName="logs", PolicyDocument=_policy(logs))
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as package:
        package.writestr("bare.py", BARE)
    arn = functions.create_function(
        FunctionName="bare", Runtime="python3.13", Role=role, Handler="bare.handler",
        Code={"ZipFile": code.getvalue()}, Timeout=10, MemorySize=512,
    )["FunctionArn"]  # fmt: skip
    functions.add_permission(
        FunctionName="bare", StatementId="gateway", Action="lambda:InvokeFunction",
        Principal="apigateway.amazonaws.com",
        SourceArn=f"arn:aws:execute-api:{cloud.region}:{cloud.account}:{api}/*",
    )  # fmt: skip
    resource = gateway.create_resource(restApiId=api, parentId=root, pathPart="bare")["id"]
    place = {"restApiId": api, "resourceId": resource, "httpMethod": "GET"}
    gateway.put_method(**place, authorizationType="CUSTOM", authorizerId=authorizer, apiKeyRequired=True)
    uri = f"arn:aws:apigateway:{cloud.region}:lambda:path/2015-03-31/functions/{arn}/invocations"
    gateway.put_integration(**place, type="AWS_PROXY", integrationHttpMethod="POST", uri=uri)
    gateway.create_deployment(restApiId=api, stageName="api")


def _policy(statement: Mapping[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
