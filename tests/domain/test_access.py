"""Who may do what: every route of the document, for every kind of caller."""

import itertools

import pytest

from runtime.domain.access import RULES, Caller, check, listed, sees
from runtime.domain.identity import folder_of
from runtime.domain.refusals import Forbidden, NotFound, Refusal
from tests.answers import ACME, OPERATOR, OTHER, ROUTES

NAME = "acme/2026/sales.csv"
ALLOWED = "allowed"
# For each operation on a file or an upload of acme: its own caller, another one, an operator.
EXPECTED: dict[str, tuple[object, object, object]] = {
    "getUpload": (ALLOWED, NotFound, ALLOWED),
    "abortUpload": (ALLOWED, NotFound, ALLOWED),
    "listParts": (ALLOWED, NotFound, ALLOWED),
    "signParts": (ALLOWED, NotFound, Forbidden),
    "completeUpload": (ALLOWED, NotFound, Forbidden),
    "getFile": (ALLOWED, NotFound, ALLOWED),
    "deleteFile": (ALLOWED, NotFound, ALLOWED),
    "getLinks": (ALLOWED, NotFound, ALLOWED),
    "getPreview": (ALLOWED, NotFound, ALLOWED),
    "getResult": (ALLOWED, NotFound, ALLOWED),
    "redriveFile": (Forbidden, NotFound, ALLOWED),
}


def outcome(operation: str, caller: Caller, name: str = NAME) -> object:
    try:
        check(operation, caller, name)
    except Refusal as refusal:
        return type(refusal)
    return ALLOWED


def test_every_route_of_the_document_has_a_rule() -> None:
    assert RULES.keys() == ROUTES.keys()


def test_a_rule_is_expected_of_every_route_that_names_a_thing() -> None:
    assert {name for name, route in ROUTES.items() if "{" in route.path} == EXPECTED.keys()


@pytest.mark.parametrize("operation", EXPECTED)
def test_own_anothers_and_an_operator(operation: str) -> None:
    found = tuple(outcome(operation, caller) for caller in (ACME, OTHER, OPERATOR))
    assert found == EXPECTED[operation]


@pytest.mark.parametrize("operation", EXPECTED)
def test_a_caller_without_a_folder_sees_nothing(operation: str) -> None:
    for folder, name in itertools.product(("", "/"), (NAME, "sales.csv", "/sales.csv", "//x")):
        assert outcome(operation, Caller(name="x", folder=folder, operator=False), name) is NotFound


@pytest.mark.parametrize(
    ("name", "folder"),
    [("acme/a.csv", "acme"), ("acme/b/a.csv", "acme"), ("a.csv", "/"), ("/a.csv", "/"), ("acmee/a.csv", "acmee")],
)
def test_the_folder_is_the_whole_first_segment(name: str, folder: str) -> None:
    assert folder_of(name) == folder
    assert sees(ACME, folder_of(name)) == (folder == "acme")


def test_what_is_in_no_folder_is_for_operators() -> None:
    assert outcome("getFile", OPERATOR, "sales.csv") == ALLOWED
    assert outcome("getFile", ACME, "acme") is NotFound


@pytest.mark.parametrize("prefix", [None, "", "other/", "acme/2026", "/"])
def test_a_list_is_of_ones_own_folder_whatever_is_asked_for(prefix: str | None) -> None:
    assert listed(ACME, prefix) == "acme"


@pytest.mark.parametrize(
    ("prefix", "folder"), [(None, None), ("", None), ("acme", "acme"), ("acme/2026", "acme"), ("/x", "/")]
)
def test_an_operator_chooses_a_folder_by_the_prefix(prefix: str | None, folder: str | None) -> None:
    assert listed(OPERATOR, prefix) == folder
