"""A preview as a comment or a summary."""

from pathlib import Path

import pytest

from tests.workflows.fakes import GitHub, github
from workflows import comment
from workflows.github import LONGEST, fenced
from workflows.stack import kept

MINE = {"login": "github-actions[bot]"}


@pytest.fixture
def gh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> GitHub:
    monkeypatch.setenv("OUTCOME", "failure")
    monkeypatch.setenv("PULL_REQUEST", "7")
    path = kept(tmp_path, "preview", "dev")
    path.parent.mkdir()
    path.write_text("penstock-dev-work: has no lifecycle\n")
    return github(tmp_path / "bin", monkeypatch)


def test_the_first_preview_is_a_new_comment(gh: GitHub, tmp_path: Path) -> None:
    gh.answers({"issues/7/comments": []})
    comment.main("dev", tmp_path)
    ((method, path, fields),) = gh.calls
    assert (method, path) == ("POST", "issues/7/comments")
    assert "`dev`" in fields["body"]
    assert "**failed**" in fields["body"]
    assert "penstock-dev-work: has no lifecycle" in fields["body"]
    assert "https://host.test/octo/files/actions/runs/42" in fields["body"]


def test_a_later_one_replaces_it_and_no_one_elses(gh: GitHub, tmp_path: Path) -> None:
    mark = comment.render("dev", "success", tmp_path).splitlines()[0]
    other = comment.render("prod", "success", tmp_path).splitlines()[0]
    gh.answers(
        {
            "issues/7/comments": [
                {"id": 1, "user": {"login": "someone"}, "body": mark},
                {"id": 2, "user": MINE, "body": other},
                {"id": 3, "user": MINE, "body": f"{mark}\nold"},
            ]
        }
    )
    comment.main("dev", tmp_path)
    ((method, path, _),) = gh.calls
    assert (method, path) == ("PATCH", "issues/comments/3")


def test_without_a_pull_request_it_goes_into_the_summary(
    gh: GitHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PULL_REQUEST")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
    comment.main("dev", tmp_path)
    assert "has no lifecycle" in (tmp_path / "summary.md").read_text()
    assert gh.calls == []


def test_a_preview_that_never_ran_is_said_to_be_missing(gh: GitHub, tmp_path: Path) -> None:
    assert "There is no preview" in comment.render("dev", "skipped", tmp_path / "nothing")


@pytest.mark.parametrize("text", ["plain", "```\nclosed early\n```", "````", "``" * 9])
def test_nothing_closes_its_fence(text: str) -> None:
    first, *inside, last = fenced(text).splitlines()
    assert first == f"{last}text"
    assert last not in "\n".join(inside)


def test_the_end_of_a_long_preview_is_kept() -> None:
    said = fenced("x" * LONGEST + "Resources: 3 to change")
    assert "Resources: 3 to change" in said
    assert len(said) < LONGEST + 200
