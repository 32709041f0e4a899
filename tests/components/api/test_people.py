"""People: accounts that operators make, sign-in by code at Cognito's pages, and the page as the one client."""

import json
from typing import Any

import pytest

from components.api.people import ACCESS_MINUTES, address
from components.place import Place
from runtime.domain.callers import OPERATORS
from tests.recorder import ACCOUNT, REGION, Recording, record, recording

PLACE = Place(account=ACCOUNT, region=REGION, partition="aws")
MINE = "http://localhost:5173"


@pytest.fixture(scope="module")
def made() -> Recording:
    api = {"enabled": True, "sign_in": "cognito", "callback_origins": [MINE]}
    return record("prod", {"penstock:api": json.dumps(api)})


def inputs(made: Recording, kind: str) -> dict[str, Any]:
    (one,) = made.of(f"cognito.{kind}")
    return one.inputs


def test_prod_has_people_and_dev_has_programs_only() -> None:
    assert inputs(recording("prod"), "UserPool")
    assert not any(one.token.startswith("aws:cognito") for one in recording("dev").resources)
    assert {"people_pool_id", "page_url"} <= recording("prod").exports.keys()
    assert "people_pool_id" not in recording("dev").exports


def test_accounts_are_made_by_operators_and_take_a_second_factor(made: Recording) -> None:
    pool = inputs(made, "UserPool")
    assert pool["adminCreateUserConfig"] == {"allowAdminCreateUserOnly": True}
    # Where it is up to the person, Cognito's pages offer none.
    assert (pool["mfaConfiguration"], pool["softwareTokenMfaConfiguration"]) == ("ON", {"enabled": True})


@pytest.mark.parametrize("deletion", [True, False])
def test_accounts_are_kept_where_stores_are(deletion: bool) -> None:
    made = record("prod", {"penstock:protection": json.dumps({"deletion": deletion})})
    assert inputs(made, "UserPool")["deletionProtection"] == ("ACTIVE" if deletion else "INACTIVE")


def test_operators_are_the_group_that_the_authorizer_looks_for(made: Recording) -> None:
    group, (pool,) = inputs(made, "UserGroup"), made.of("cognito.UserPool")
    assert (group["name"], group["userPoolId"]) == (OPERATORS, pool.id)


def test_people_come_back_to_the_page_and_to_where_one_works_on_it(made: Recording) -> None:
    client = inputs(made, "UserPoolClient")
    assert client["callbackUrls"] == client["logoutUrls"] == [made.exports["page_url"], f"{MINE}/"]


def test_the_page_is_told_where_to_sign_in_and_may_ask_there(made: Recording) -> None:
    (client,), (domain,) = made.of("cognito.UserPoolClient"), made.of("cognito.UserPoolDomain")
    origin = f"https://{domain.inputs['domain']}.auth.{REGION}.amazoncognito.com"
    (config,) = [one for one in made.of("s3.BucketObjectv2") if one.inputs["key"].endswith("config.json")]
    told = json.loads(config.inputs["content"])["sign_in"]
    assert told == {"domain": origin, "client_id": client.id}
    policies = [json.dumps(one.inputs) for one in made.of("cloudfront.ResponseHeadersPolicy")]
    assert sum(origin in text for text in policies) == 1


def test_tokens_that_the_page_gets_are_short_and_open_nothing_else(made: Recording) -> None:
    client = inputs(made, "UserPoolClient")
    assert client["accessTokenValidity"] == ACCESS_MINUTES
    assert client["allowedOauthScopes"] == ["openid"]


def test_the_name_of_its_pages_is_told_from_other_accounts_names(made: Recording) -> None:
    assert inputs(made, "UserPoolDomain")["domain"] == f"penstock-prod-{ACCOUNT}"


@pytest.mark.parametrize(
    ("domain", "expected"),
    [
        ("penstock", f"https://penstock.auth.{REGION}.amazoncognito.com"),
        ("sign-in.example.com", "https://sign-in.example.com"),
        ("localhost:4567", "http://localhost:4567"),
    ],
)
def test_the_address_of_the_pages(domain: str, expected: str) -> None:
    assert address(domain, PLACE) == expected
