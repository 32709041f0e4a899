"""The platform, driven, for the tests of the flow."""

import pytest

from tests.conftest import Platform
from tests.flow.driver import Driver


@pytest.fixture(scope="session")
def driver(platform: Platform) -> Driver:
    return Driver(platform)
