"""One issue for each stack that drifted, and which commit it is compared with."""

from pathlib import Path

import pytest

from tests.workflows.fakes import GitHub, github
from workflows import deployed, drift
from workflows.stack import kept

OPEN = "issues?labels=drift&state=open"


@pytest.fixture
def gh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> GitHub:
    monkeypatch.setenv("OUTCOME", "failure")
    path = kept(tmp_path, "drift", "prod")
    path.parent.mkdir()
    path.write_text("~ bucket\nerror: no changes were expected but changes were proposed\n")
    return github(tmp_path / "bin", monkeypatch)


def test_drift_opens_an_issue(gh: GitHub, tmp_path: Path) -> None:
    gh.answers({OPEN: [{"number": 1, "title": "Drift in dev"}]})
    drift.main("prod", tmp_path)
    ((method, path, fields),) = gh.calls
    assert (method, path) == ("POST", "issues")
    assert fields["title"] == "Drift in prod"
    assert fields["labels"] == ["drift"]
    assert "no longer what was deployed" in fields["body"]
    assert "~ bucket" in fields["body"]


def test_more_drift_is_added_to_the_open_issue(gh: GitHub, tmp_path: Path) -> None:
    gh.answers({OPEN: [{"number": 8, "title": "Drift in prod"}]})
    drift.main("prod", tmp_path)
    assert [call[:2] for call in gh.calls] == [("POST", "issues/8/comments")]


def test_the_issue_is_closed_when_it_is_gone(gh: GitHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OUTCOME", "success")
    gh.answers({OPEN: [{"number": 8, "title": "Drift in prod"}, {"number": 9, "title": "Drift in dev"}]})
    drift.main("prod", tmp_path)
    assert [call[:2] for call in gh.calls] == [("POST", "issues/8/comments"), ("PATCH", "issues/8")]
    assert gh.calls[-1][2] == {"state": "closed"}


def test_no_drift_and_no_issue_changes_nothing(gh: GitHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OUTCOME", "success")
    gh.answers({OPEN: []})
    drift.main("prod", tmp_path)
    assert gh.calls == []


@pytest.mark.parametrize("said", ["error: AccessDenied", None])
def test_a_comparison_that_failed_is_not_called_drift(gh: GitHub, tmp_path: Path, said: str | None) -> None:
    path = kept(tmp_path, "drift", "prod")
    if said is None:
        path.unlink()
    else:
        path.write_text(said)
    body = drift.render("prod", path)
    assert "could not be compared" in body
    assert "no longer what was deployed" not in body


def test_the_newest_deployment_that_succeeded_counts(gh: GitHub) -> None:
    gh.answers(
        {
            "deployments?environment=prod&per_page=100": [{"id": 3, "sha": "c"}, {"id": 2, "sha": "b"}],
            "deployments/3/statuses": [{"state": "failure"}, {"state": "in_progress"}],
            "deployments/2/statuses": [{"state": "inactive"}, {"state": "success"}],
        }
    )
    assert deployed.commit("prod") == "b"


def test_before_the_first_deployment_there_is_none(gh: GitHub) -> None:
    gh.answers({"deployments?environment=prod&per_page=100": []})
    assert deployed.commit("prod") is None
