"""What the whole flow calls, and what it is allowed, is what `docs/least-privilege.md` says."""

import pytest

from tests.flow.driver import Driver
from tests.privilege.needs import load
from tests.privilege.scenario import PREFIX, differences, play

pytestmark = pytest.mark.flow


def test_the_flow_needs_what_is_written_down_and_nothing_else(driver: Driver) -> None:
    found = play(driver)
    assert differences(found, load()) == [], "run: make privilege"
    calls = driver.platform.cloud.court.usage.calls()
    assert [call for call in calls if not call.allowed and f":role/{PREFIX}-" in call.principal] == []
