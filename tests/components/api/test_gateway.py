"""Gateway: one way in, a key for each program and one for all people, limits, a log without secrets, deployed anew."""

import json
from typing import Any

import pytest

from components.api.stage import BURST_SECONDS, burst, rate
from tests.recorder import Recording, record

PROGRAMS = [{"name": "intake", "folder": "intake"}, {"name": "control", "folder": "control", "operator": True}]
API = {"enabled": True, "clients": PROGRAMS, "requests_per_minute": 600, "people_per_minute": 6000}


def made_with(**changes: Any) -> Recording:
    return record("prod", {"penstock:api": json.dumps({**API, **changes})})


@pytest.fixture(scope="module")
def both() -> Recording:
    return made_with(sign_in="cognito")


@pytest.fixture(scope="module")
def programs() -> Recording:
    return made_with()


def plans(made: Recording) -> dict[str, tuple[dict[str, Any], set[str]]]:
    """Purpose to what a usage plan limits to, and the ids of its keys."""
    keys = made.of("apigateway.UsagePlanKey")
    return {
        plan.name.rpartition("-")[2]: (
            plan.inputs["throttleSettings"],
            {key.inputs["keyId"] for key in keys if key.inputs["usagePlanId"] == plan.id},
        )
        for plan in made.of("apigateway.UsagePlan")
    }


def keys(made: Recording, *purposes: str) -> set[str]:
    return {made.one("apigateway.ApiKey", f"api-{purpose}").id for purpose in purposes}


def test_what_does_not_come_through_the_distribution_is_denied(both: Recording) -> None:
    (api,), (distribution,) = both.of("apigateway.RestApi"), both.of("cloudfront.Distribution")
    allowed, denied = json.loads(api.inputs["policy"])["Statement"]
    (origin,) = [one for one in distribution.inputs["origins"] if one["originId"] == "api"]
    (header,) = origin["customHeaders"]
    assert header == {"name": "Referer", "value": both.one("apigateway.ApiKey", "api-origin").outputs["value"]}
    assert (allowed["Effect"], allowed["Condition"]) == ("Allow", {"StringEquals": {"aws:Referer": header["value"]}})
    assert (denied["Effect"], denied["Condition"]) == ("Deny", {"StringNotEquals": {"aws:Referer": header["value"]}})
    assert origin["domainName"].startswith(f"{api.id}.execute-api.")


def test_the_key_that_says_so_opens_nothing(both: Recording) -> None:
    counted = set().union(*(members for _, members in plans(both).values()))
    assert not keys(both, "origin") & counted


def test_each_program_has_a_key_and_people_share_one(both: Recording) -> None:
    assert plans(both) == {
        "clients": ({"rateLimit": 10, "burstLimit": 60}, keys(both, "client-intake", "client-control")),
        "people": ({"rateLimit": 100, "burstLimit": 600}, keys(both, "people")),
    }


def test_without_sign_in_there_is_nothing_of_people(programs: Recording) -> None:
    assert plans(programs).keys() == {"clients"}
    assert not [one for one in programs.resources if one.token.startswith("aws:cognito") or one.name.endswith("people")]


def test_people_alone_need_no_programs() -> None:
    assert plans(made_with(clients=[], sign_in="cognito")).keys() == {"people"}


@pytest.mark.parametrize(("sign_in", "together"), [("none", 2 * 600), ("cognito", 2 * 600 + 6000)])
def test_the_stage_takes_what_all_may_send_together(
    both: Recording, programs: Recording, sign_in: str, together: int
) -> None:
    (settings,) = (both if sign_in == "cognito" else programs).of("apigateway.MethodSettings")
    limits = settings.inputs["settings"]
    assert limits["throttlingRateLimit"] == rate(together)
    assert limits["throttlingBurstLimit"] == burst(together)


def test_a_limit_is_a_second_s_share_and_some_seconds_at_once() -> None:
    assert (rate(1000), burst(1000)) == (16.667, 1000 * BURST_SECONDS // 60)
    assert burst(1) == 1, "a plan that takes nothing at once takes nothing"


def test_calls_are_logged_without_addresses_of_files(both: Recording) -> None:
    (stage,) = both.of("apigateway.Stage")
    log = stage.inputs["accessLogSettings"]
    (group,) = [one for one in both.of("cloudwatch.LogGroup") if one.inputs["name"].startswith("/aws/apigateway/")]
    assert log["destinationArn"] == group.outputs["arn"]
    told = json.loads(log["format"]).values()
    assert "$context.authorizer.caller" in told
    assert not {"$context.path", "$context.identity.apiKey"} & set(told)


def test_a_changed_definition_is_deployed_and_an_equal_one_is_not(both: Recording, programs: Recording) -> None:
    (first,), (second,) = both.of("apigateway.Deployment"), programs.of("apigateway.Deployment")
    assert first.inputs["triggers"] == second.inputs["triggers"], "who may call is no part of it"
    (moved,) = record(
        "dev", {"penstock:api": json.dumps(API), "penstock:protection": json.dumps({"deletion": False})}
    ).of("apigateway.Deployment")
    assert moved.inputs["triggers"] != first.inputs["triggers"], "functions have other names there"


def test_what_the_gateway_signals_is_watched(both: Recording) -> None:
    (api,) = both.of("apigateway.RestApi")
    alarms = [json.dumps(one.inputs) for one in both.of("cloudwatch.MetricAlarm")]
    assert any('"AWS/ApiGateway"' in text and api.outputs["name"] in text for text in alarms)
