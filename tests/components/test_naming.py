"""Names: within each service's limits, told apart, and made of letters that every service takes."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.naming import JOINTS, LIMITS, SUFFIX, Names

KINDS = st.sampled_from(sorted(LIMITS))
PURPOSES = st.text("abcdefghijklmnopqrstuvwxyz0123456789_-", min_size=1, max_size=120)
STACKS = st.from_regex(r"[a-z][a-z0-9-]{0,60}", fullmatch=True)


@given(KINDS, STACKS, PURPOSES)
def test_a_name_fits_its_service(kind: str, stack: str, purpose: str) -> None:
    names = Names(project="penstock", stack=stack)
    exact, logical = names.exact(kind, purpose), names.of(kind, purpose)
    assert len(exact) <= LIMITS[kind]
    assert len(logical) + SUFFIX <= LIMITS[kind]
    assert re.fullmatch(r"[a-z0-9_-]+" if kind in JOINTS else r"[a-z0-9-]+", exact)
    assert re.fullmatch(r"[a-z0-9-]+", logical)


@given(STACKS)
def test_a_pool_of_accounts_has_a_name_of_the_form_of_its_id(stack: str) -> None:
    name = Names(project="penstock", stack=stack).exact("accounts", "people")
    assert re.fullmatch(r"[\w-]+_[0-9a-zA-Z]+", name)


@pytest.mark.parametrize("kind", sorted(LIMITS))
def test_long_names_that_differ_at_their_end_stay_different(kind: str) -> None:
    names = Names(project="penstock", stack="a" * 600)
    assert names.exact(kind, "plan") != names.exact(kind, "part")


def test_a_name_that_fits_is_left_as_it_is() -> None:
    assert Names(project="penstock", stack="dev").exact("bucket", "upload") == "penstock-dev-upload"


def test_a_name_does_not_depend_on_when_it_is_made() -> None:
    first, second = (Names(project="penstock", stack="s" * 90).of("role", "ingest") for _ in range(2))
    assert first == second
