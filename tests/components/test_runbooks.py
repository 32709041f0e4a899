"""Runbooks: every alarm has one, and what they tell people to type and to change really exists."""

import re
import shlex
from pathlib import Path
from typing import Any

import botocore.session
import pytest
import typer.main
from botocore import xform_name

from cli.main import app
from components.api.functions import SPECS as API_SPECS
from components.api.stage import STAGE
from components.catalogue.component import CATALOGUE, MIGRATE
from components.deletion import DELETE
from components.firewall import EDGE
from components.malware import SCAN, VERDICT
from components.pipeline.specs import SPECS, UNPACK
from components.settings import Settings
from components.signing import ROTATE_KEY
from local.deploy import ROOT
from tests.recorder import record, recording

FOLDER = ROOT / "docs" / "runbooks"
PAGES = sorted(FOLDER.glob("*.md"))
INDEX = "README"
# Options of the AWS command itself, and commands that are no operation of a service.
GLOBAL = {"query", "region", "max-items", "page-size", "cli-binary-format"}
# The AWS command has files under `s3`, and the service's own operations under another name.
ALIASES = {"s3api": "s3"}
CUSTOM = {
    ("logs", "tail"): {"since", "filter-pattern"},
    ("s3", "cp"): {"metadata-directive"},
    ("s3", "ls"): {"recursive", "page-size"},
}


def commands(page: Path, program: str) -> list[list[str]]:
    """All calls of `program` on the page, in blocks and in running text, also those within `$(…)`, as words."""
    text = page.read_text()
    blocks = re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
    prose = re.sub(r"```sh\n.*?```", "", text, flags=re.DOTALL)
    lines = [line for block in blocks for line in block.replace("\\\n", " ").splitlines()]
    lines += [" ".join(code.split()) for code in re.findall(r"`([^`]+)`", prose)]
    inner = [found for line in lines for found in re.findall(r"\$\(([^)]*)\)", line)]
    outer = [re.sub(r"\$\([^)]*\)", "VALUE", line) for line in lines]
    return [words for line in inner + outer if (words := shlex.split(line)) and words[0] == program]


def test_every_alarm_has_its_runbook_and_no_runbook_is_left_over() -> None:
    named = set()
    whole = record(
        "prod",
        {
            "penstock:api": '{"enabled": true, "sign_in": "cognito", "deletes": true}',
            "penstock:vpn": '{"enabled": true, "clients": ["ann"]}',
        },
    )
    for alarm in whole.of("cloudwatch.MetricAlarm"):
        named.add(re.search(r"docs/runbooks/([\w-]+)\.md", alarm.inputs["alarmDescription"])[1])  # type: ignore[index]
    assert named == {page.stem for page in PAGES} - {INDEX}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)]+)\)", page.read_text()):
        name, _, anchor = target.partition("#")
        headings = re.findall(r"^#+ (.*)$", (FOLDER / (name or page.name)).read_text(), re.MULTILINE)
        assert not anchor or anchor in {heading.lower().replace(" ", "-") for heading in headings}, target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_commands_of_aws_exist_with_all_that_they_need(page: Path) -> None:
    session = botocore.session.get_session()
    for _, service, command, *rest in commands(page, "aws"):
        given = {word.removeprefix("--") for word in rest if word.startswith("--")}
        if (service, command) in CUSTOM:
            assert given <= CUSTOM[service, command] | GLOBAL
            continue
        model = session.get_service_model(ALIASES.get(service, service))
        names = {xform_name(name, "-"): name for name in model.operation_names}
        shape = model.operation_model(names[command]).input_shape
        known = {xform_name(name, "-"): name for name in shape.members} if shape else {}
        assert given <= known.keys() | GLOBAL, f"{service} {command}"
        required = {xform_name(name, "-") for name in shape.required_members} if shape else set()
        assert required <= given, f"{service} {command}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_commands_of_ours_are_understood(page: Path) -> None:
    group: Any = typer.main.get_command(app)
    for _, name, *rest in commands(page, "penstock"):
        # Raises for an option that there is not, and for an argument that is missing.
        assert group.commands[name].make_context(name, rest)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_outputs_exist(page: Path) -> None:
    asked = {words[3] for words in commands(page, "pulumi") if words[1:3] == ["stack", "output"]}
    assert (
        asked <= recording("dev").exports.keys() | recording("prod").exports.keys() | recording("all-on").exports.keys()
    )


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_settings_and_functions_exist(page: Path) -> None:
    text = page.read_text()
    for section, field in re.findall(r"`(\w+)\.(\w+)`", text):
        if section in Settings.model_fields:
            assert field in type(getattr(Settings(), section)).model_fields, f"{section}.{field}"
    for name in re.findall(r"penstock-dev-([\w-]+)", text):
        assert name.removesuffix("-restored") in {
            *SPECS,
            *API_SPECS,
            STAGE,
            UNPACK.name,
            CATALOGUE.name,
            DELETE.name,
            MIGRATE.name,
            SCAN.name,
            VERDICT.name,
            ROTATE_KEY.name.replace("_", "-"),
            EDGE,
        }
