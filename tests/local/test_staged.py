"""Packages reach Lambda without a bucket, while they are staged and no longer."""

from typing import Any

from local.cloud import LocalCloud
from tests.local.conftest import LOGS, package

SOURCE = "def handler(event, context):\n    return event['n'] + 1\n"


def create(kit: Any, cloud: LocalCloud, code: dict[str, str]) -> str:
    name: str = kit.name("staged")
    cloud.client("lambda").create_function(
        FunctionName=name, Runtime="python3.13", Handler="index.handler", Role=kit.role(LOGS), Code=code
    )
    return name


def test_a_staged_package_is_what_the_function_runs(kit: Any, cloud: LocalCloud) -> None:
    with cloud.stage(package(SOURCE)) as code:
        name = create(kit, cloud, code)
    assert kit.invoke(name, {"n": 1}) == (None, 2)


def test_afterwards_it_is_not_there_any_more(kit: Any, cloud: LocalCloud) -> None:
    with cloud.stage(package(SOURCE)) as code:
        pass
    kind, said = kit.invoke(create(kit, cloud, code), {"n": 1})
    assert (kind, said["errorType"]) == ("Unhandled", "Runtime.ImportModuleError")


def test_a_package_in_a_bucket_is_found_as_before(kit: Any, cloud: LocalCloud) -> None:
    bucket = kit.bucket()
    cloud.client("s3").put_object(Bucket=bucket, Key="package.zip", Body=package(SOURCE))
    name = create(kit, cloud, {"S3Bucket": bucket, "S3Key": "package.zip"})
    assert kit.invoke(name, {"n": 2}) == (None, 3)
