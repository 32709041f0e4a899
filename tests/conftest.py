"""Fixtures that more than one folder of tests uses. There is one local cloud in a process at a time."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from local.cloud import LocalCloud
from local.deploy import Deployment, deploy
from local.iam.usage import Call
from tests.postgres import Postgres, running
from tests.recorder import BUILT_PAGE

LONG = (
    *("flow/test_privilege.py", "cli/test_serving.py", "privilege/test_rerun.py"),
    *("flow", "local", "components", "policies", "bootstrap", "domain", "processors"),
)
"""Files and folders that take longest, in this order. Most files of the flow have few tests, of many seconds each."""


API = {
    "enabled": True,
    "clients": [
        {"name": "demo", "folder": "demo"},
        {"name": "other", "folder": "other"},
        {"name": "operator", "folder": "operator", "operator": True},
    ],
    "sign_in": "cognito",
    "deletes": True,
    # Tests ask faster than anybody; the one of the limit sets its own.
    "requests_per_minute": 600_000,
}


def pytest_configure(config: pytest.Config) -> None:
    # The AWS provider's package warns about its own deprecated modules whenever it is imported.
    config.addinivalue_line("filterwarnings", "ignore::DeprecationWarning:pulumi_aws")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files that take long come first, so that no worker ends with one of them while the others have nothing to do."""
    here = Path(__file__).parent
    rank = {here / name: n for n, name in enumerate(LONG)}
    items.sort(
        key=lambda item: min((rank[it] for it in (item.path, *item.path.parents) if it in rank), default=len(LONG))
    )


@dataclass(frozen=True, kw_only=True)
class Platform:
    """The local cloud with the whole program deployed into it."""

    cloud: LocalCloud
    deployment: Deployment
    called: frozenset[Call] = frozenset()
    """What was called while it was deployed."""

    @property
    def outputs(self) -> dict[str, Any]:
        """The stack's exports."""
        return self.deployment.outputs


def make_platform(cloud: LocalCloud, changes: Mapping[str, str] | None = None) -> Platform:
    """Deploys the stack `local`."""
    cloud.court.usage.clear()
    deployment = deploy(cloud, config={**BUILT_PAGE, **(changes or {})})
    return Platform(cloud=cloud, deployment=deployment, called=frozenset(cloud.court.usage.calls()))


@pytest.fixture(scope="session")
def cloud() -> Iterator[LocalCloud]:
    """A local cloud for all tests of this process; each test makes names of its own in it."""
    with LocalCloud() as running:
        yield running


@pytest.fixture(scope="session")
def platform(cloud: LocalCloud) -> Platform:
    """The stack `local`, which people may sign in to as well, deployed once."""
    return make_platform(cloud, {"penstock:api": json.dumps(API)})


@pytest.fixture(scope="session")
def catalogue_server() -> Iterator[Postgres]:
    """A PostgreSQL with the catalogue in it, for all tests of this process; each empties it first."""
    with running() as postgres:
        postgres.migrate()
        yield postgres
