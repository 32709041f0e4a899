"""`make bootstrap`: explains, names what is missing, acts when told to, and goes on where it stopped."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from bootstrap import command
from bootstrap.command import Failed, Machine, deploy, instructions, main, missing
from bootstrap.plan import explanation, planned
from tests.bootstrap.test_settings import parse
from tests.bootstrap.world import recording

READY = Machine(pulumi="/bin/pulumi", caller="arn:aws:sts::123456789012:assumed-role/administrator/me")
URL = "s3://bucket?region=eu-central-1&awssdk=v2"


class Pulumi:
    """A CLI that keeps what it was asked; a command that begins with `failing` fails."""

    def __init__(self, failing: str = "") -> None:
        self.asked: list[tuple[str, str]] = []
        self.failing = failing
        self.stacks: set[str] = set()

    def __call__(self, arguments: Sequence[str], environment: Mapping[str, str]) -> str:
        text, backend = " ".join(arguments), environment["PULUMI_BACKEND_URL"]
        self.asked.append((text, backend))
        if self.failing and text.startswith(self.failing):
            raise Failed(text)
        if text.startswith("stack export"):
            Path(arguments[-1]).write_text("{}")
        if text.startswith("stack init"):
            self.stacks.add(arguments[2])
        if text.startswith("stack ls"):
            return json.dumps([{"name": name} for name in self.stacks])
        return (
            json.dumps({"backend_url": URL, "bootstrap_secrets_provider": "awskms://alias/a"})
            if "output" in text
            else ""
        )

    def on(self, backend: str) -> list[str]:
        return [" ".join(text.split()[:2]) for text, where in self.asked if where.startswith(backend)]


def test_it_explains_what_the_program_asks_for() -> None:
    said = explanation(planned())
    assert "4 keys" in said
    assert "repo:your-organisation/penstock:environment:prod" in said
    named = [one.name for kind in ("s3.Bucket", "kms.Key", "iam.Role", "iam.Policy") for one in recording().of(kind)]
    assert [name for name in named if name not in said] == []
    assert "about 4 US dollars a month" in said


def test_without_a_yes_nothing_is_done(capsys: pytest.CaptureFixture[str]) -> None:
    pulumi = Pulumi()
    assert main({}, READY, pulumi) == 0
    assert pulumi.asked == []
    assert "`make bootstrap CONFIRM=yes` does it" in capsys.readouterr().out


def test_with_something_missing_nothing_is_done(capsys: pytest.CaptureFixture[str]) -> None:
    pulumi = Pulumi()
    assert main({"CONFIRM": "yes"}, Machine(pulumi=None, caller=None), pulumi) == 1
    assert pulumi.asked == []
    said = capsys.readouterr().out
    assert "github.owner still is your-organisation" in said
    assert "the Pulumi CLI is not on the path" in said
    assert "no AWS credentials" in said


@pytest.mark.parametrize(
    ("caller", "administrators", "may"),
    [
        ("arn:aws:sts::1:assumed-role/administrator/me", ["role/administrator"], True),
        ("arn:aws:sts::1:assumed-role/Sso_Admin_1/me", ["role/aws-reserved/sso.amazonaws.com/*/Sso_Admin_*"], True),
        ("arn:aws:iam::1:user/alice", ["user/alice"], True),
        ("arn:aws:iam::1:root", ["user/alice"], True),
        ("arn:aws:sts::1:assumed-role/developer/me", ["role/administrator"], False),
        ("arn:aws:iam::1:user/administrator", ["role/administrator"], False),
        ("arn:aws:sts::1:assumed-role/alice/me", ["user/alice"], False),
    ],
)
def test_only_an_administrator_goes_on(caller: str, administrators: list[str], may: bool) -> None:
    settings = parse(access={"administrators": administrators})
    assert (missing(settings, Machine(pulumi="pulumi", caller=caller)) == []) is may


def test_the_state_begins_here_and_ends_in_the_bucket(tmp_path: Path) -> None:
    pulumi = Pulumi()
    deploy(pulumi, tmp_path, None)
    assert pulumi.on("file://") == ["stack select", "up --stack", "stack output", "stack export"]
    assert pulumi.on(URL) == ["stack ls", "stack init", "stack import", "preview --stack"]
    # It held what is known of every resource.
    assert not (tmp_path / "main.json").exists()


def test_later_it_works_in_the_bucket(tmp_path: Path) -> None:
    deploy(Pulumi(), tmp_path, None)
    again = Pulumi()
    deploy(again, tmp_path, None)
    assert {where for _, where in again.asked} == {URL}
    elsewhere = Pulumi()
    deploy(elsewhere, tmp_path / "other", "s3://known")
    assert {where for _, where in elsewhere.asked} == {"s3://known"}


@pytest.mark.parametrize("failing", ["up", "stack export", "stack init", "stack import", "preview"])
def test_after_a_failure_it_goes_on(tmp_path: Path, failing: str) -> None:
    pulumi = Pulumi(failing)
    with pytest.raises(Failed):
        deploy(pulumi, tmp_path, None)
    pulumi.failing = ""
    deploy(pulumi, tmp_path, None)
    assert pulumi.on(URL).count("stack init") == (2 if failing == "stack init" else 1)
    assert pulumi.on(URL)[-1] == "preview --stack"
    assert (tmp_path / command.MOVED).read_text().strip() == URL


def test_every_change_is_judged_by_the_policies(tmp_path: Path) -> None:
    pulumi = Pulumi()
    deploy(pulumi, tmp_path, None)
    deploy(pulumi, tmp_path, None)
    ups = [text for text, _ in pulumi.asked if text.startswith("up")]
    assert len(ups) == 2
    assert all("--policy-pack" in text for text in ups)


def test_instructions_name_the_variables_of_the_workflows() -> None:
    said = instructions(recording().exports, ["dev", "prod"])
    workflows = (command.ROOT / ".github" / "workflows").glob("*.yml")
    used = {
        word for path in workflows for word in path.read_text().replace("}", " ").split() if word.startswith("vars.")
    }
    assert used
    for name in used:
        assert f"{name.removeprefix('vars.')}=" in said
    assert "pulumi stack init prod --secrets-provider 'awskms://alias/penstock-bootstrap-secrets-prod?" in said
    assert "--path penstock:iam.boundary_arn arn:aws:iam::123456789012:policy/penstock-bootstrap-boundary-prod" in said
