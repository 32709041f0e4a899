"""The workflows themselves: what each step is allowed, and that what can run here does run here."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from local.deploy import ROOT

FILES = sorted((ROOT / ".github/workflows").glob("*.yml"))
ACTIONS = sorted((ROOT / ".github/actions").glob("*/action.yml"))
PINNED = re.compile(r"^[\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$")
# What `.ci/run` does for its own reason, before anything else: every target asks for it.
SETUP = "make PYTHON=python .venv/ready"
# A step that no target of `.ci/run` is: the test that runs it, or why nothing here can.
TESTED = {
    "make preview": "test_stack.py",
    "make deploy": "test_stack.py",
    "make drift": "test_stack.py",
    'python3 -m workflows.comment "$STACK"': "test_comment.py",
    'python3 -m workflows.deployed "$STACK" >>"$GITHUB_OUTPUT"': "test_drift.py",
    'python3 -m workflows.drift "$STACK"': "test_drift.py",
    "python3 -m workflows.update": "test_update.py",
}
NOT_HERE = {
    "make audit": "asks a service of known vulnerabilities, which is neither here nor in a test without a network",
    "make lock": "chooses what is newest today; a test of it would change from day to day",
    'git checkout --quiet --detach "$COMMIT"': "would change this checkout under its own tests",
}


@dataclass(frozen=True, kw_only=True)
class Job:
    """One job of a workflow."""

    file: Path
    name: str
    body: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.file.stem}.{self.name}"


def jobs() -> list[Job]:
    """All jobs of all workflows."""
    return [
        Job(file=path, name=name, body=body)
        for path in FILES
        for name, body in yaml.safe_load(path.read_text())["jobs"].items()
    ]


def steps() -> Iterator[dict[str, Any]]:
    """All steps of all jobs and of our own actions."""
    for job in jobs():
        yield from job.body.get("steps", [])
    for path in ACTIONS:
        yield from yaml.safe_load(path.read_text())["runs"]["steps"]


def ci_targets() -> set[str]:
    """The targets that `.ci/run` asks of make."""
    lines = re.findall(r"^\s*make ([a-z -]+)", (ROOT / ".ci/run").read_text(), re.MULTILINE)
    return {target for line in lines for target in line.split()}


def test_there_are_workflows_to_look_at() -> None:
    assert {path.stem for path in FILES} == {"checks", "deploy", "drift", "preview", "security", "update"}
    assert len(list(steps())) > 30
    assert {"test", "lint", "types"} <= ci_targets()


@pytest.mark.parametrize("line", sorted({step["run"] for step in steps() if "run" in step}))
def test_what_can_run_here_does(line: str) -> None:
    if line == SETUP or line.removeprefix("make ") in ci_targets():
        return
    assert (line in TESTED) != (line in NOT_HERE), "say which test runs this step, or why nothing here can"
    if line in TESTED:
        test = (ROOT / "tests/workflows" / TESTED[line]).read_text()
        module = "stack" if line.startswith("make ") else line.split("workflows.")[1].split(maxsplit=1)[0]
        assert re.search(rf"from workflows import .*\b{module}\b", test)


def test_no_line_of_the_tables_is_left_over() -> None:
    assert (TESTED.keys() | NOT_HERE.keys()) <= {step.get("run") for step in steps()}


@pytest.mark.parametrize("path", [*FILES, *ACTIONS], ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_actions_are_pinned_by_commit_with_their_version(path: Path) -> None:
    uses = re.findall(r"^\s*(?:- )?uses: (.+)$", path.read_text(), re.MULTILINE)
    others = [one for one in uses if not one.startswith("./.github/")]
    assert all((ROOT / one).exists() for one in set(uses) - set(others))
    assert [one for one in others if not PINNED.match(one)] == []


def test_one_action_has_one_version() -> None:
    """Two would mean that an update was half made."""
    used = {one for path in [*FILES, *ACTIONS] for one in re.findall(r"uses: (.+@.+)$", path.read_text(), re.MULTILINE)}
    versions: dict[str, set[str]] = {}
    for one in used:
        name, _, version = one.partition("@")
        versions.setdefault("/".join(name.split("/")[:2]), set()).add(version)
    assert {name: found for name, found in versions.items() if len(found) > 1} == {}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_nothing_is_allowed_unless_a_job_says_so(path: Path) -> None:
    workflow = yaml.safe_load(path.read_text())
    # YAML 1.1 reads the key `on` as true.
    events = workflow[True]
    assert workflow["permissions"] == {}
    assert set(events) <= {"pull_request", "push", "schedule", "workflow_call", "workflow_dispatch"}
    text = path.read_text()
    assert "secrets." not in text
    assert "secrets: inherit" not in text


@pytest.mark.parametrize("job", jobs(), ids=str)
def test_each_job_says_what_it_may_how_long_and_where(job: Job) -> None:
    assert job.body["permissions"]
    if "uses" in job.body:
        return
    assert job.body["timeout-minutes"] <= 60
    assert job.body["runs-on"] == "ubuntu-24.04"
    for step in job.body["steps"]:
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] is False


@pytest.mark.parametrize("step", [step for step in steps() if "run" in step], ids=lambda step: step["run"])
def test_steps_are_one_line_and_take_no_expressions(step: dict[str, Any]) -> None:
    assert "${{" not in step["run"]
    assert "\n" not in step["run"].strip()


@pytest.mark.parametrize("job", jobs(), ids=str)
def test_only_these_jobs_write_or_take_on_a_role(job: Job) -> None:
    allowed = {
        "deploy.dev": {"id-token"},
        "deploy.prod": {"id-token"},
        "deploy.prod-preview": {"id-token"},
        "drift.drift": {"id-token", "issues"},
        "preview.preview": {"id-token", "pull-requests"},
        "security.codeql": {"security-events"},
        "security.findings": {"security-events"},
        "update.offer": {"contents", "pull-requests"},
    }
    writes = {name for name, access in job.body["permissions"].items() if access == "write"}
    assert writes == allowed.get(str(job), set())


def test_a_deployment_never_meets_another_and_prod_waits_for_its_environment() -> None:
    deploying = {
        str(job): job.body
        for job in jobs()
        if any(step.get("run") == "make deploy" for step in job.body.get("steps", []))
    }
    assert set(deploying) == {"deploy.dev", "deploy.prod"}
    for name, body in deploying.items():
        stack = name.removeprefix("deploy.")
        assert body["environment"] == stack == body["env"]["STACK"]
        assert body["concurrency"] == {"group": f"deploy-{stack}", "cancel-in-progress": False}
    assert deploying["deploy.dev"]["needs"] == "checks"


def test_pull_requests_of_forks_and_robots_get_no_role() -> None:
    (preview,) = [job.body for job in jobs() if str(job) == "preview.preview"]
    assert "github.event.pull_request.head.repo.full_name == github.repository" in preview["if"]
    assert "github.event.pull_request.user.type != 'Bot'" in preview["if"]


def test_a_web_page_is_looked_after_as_soon_as_there_is_one() -> None:
    """Dependabot and CodeQL fail on what does not exist, so they are told when it does."""
    dependabot = yaml.safe_load((ROOT / ".github/dependabot.yml").read_text())
    ecosystems = {one["package-ecosystem"] for one in dependabot["updates"]}
    (codeql,) = [job.body for job in jobs() if str(job) == "security.codeql"]
    languages = set(codeql["strategy"]["matrix"]["language"])
    has_page = (ROOT / "web/package.json").exists()
    assert ecosystems == {"github-actions"} | ({"npm"} if has_page else set())
    assert languages == {"python", "actions"} | ({"javascript-typescript"} if has_page else set())
