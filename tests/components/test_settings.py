"""Settings: every mistake is named with its key and file, and the committed stacks have none."""

import ast
from pathlib import Path
from typing import Any

import pytest

from components import settings
from components.settings import MIB, Settings, SettingsError, parse
from local.deploy import ROOT, read_config
from tests.recorder import STACKS, record

CERTIFICATE = "arn:aws:acm:eu-central-1:123456789012:certificate/0123"
ANN = '{"name": "ann", "folder": "ann"}'
SOMEBODY = '"clients": ["ann"]'


def complaint(raw: dict[str, Any]) -> str:
    with pytest.raises(SettingsError) as caught:
        parse(raw, project="penstock", stack="dev")
    return str(caught.value)


def test_without_a_file_everything_has_its_default() -> None:
    assert parse({}, project="penstock", stack="dev") == Settings()


def test_a_value_overrides_its_default_and_no_other() -> None:
    given = parse({"penstock:processing": '{"part_bytes": 2048}'}, project="penstock", stack="dev")
    assert given.processing.part_bytes == 2048
    assert given.processing.direct_limit_bytes == 5 * MIB


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        ({"processing": '{"part_bytes": 10}'}, "penstock:processing.part_bytes: must be at least 1024 (got 10)"),
        (
            {"processing": '{"inline_parts": 41}'},
            "penstock:processing.inline_parts: must be at most 40 (got 41)",
        ),
        (
            {"procesing": "{}"},
            "penstock:procesing: there is no such setting; did you mean penstock:processing?",
        ),
        (
            {"delivery": '{"link_second": 60}'},
            "penstock:delivery.link_second: there is no such setting; did you mean penstock:delivery.link_seconds?",
        ),
        (
            {"protection": '{"xyzzy": true}'},
            "penstock:protection.xyzzy: there is no such setting; there are deletion",
        ),
        ({"logs": '{"retention_days": 8}'}, "penstock:logs.retention_days: must be one of "),
        ({"network": '{"nat": "two"}'}, "penstock:network.nat: must be one of 'none', 'one' or 'per_zone' (got 'two')"),
        ({"network": '{"cidr": "10.0.0.0/8"}'}, "penstock:network.cidr: must be a /16 (got '10.0.0.0/8')"),
        (
            {"network": '{"cidr": "10.0.1.0/16"}'},
            "penstock:network.cidr: must be a network such as 10.0.0.0/16 (10.0.1.0/16 has host bits set)",
        ),
        (
            {"vpn": '{"client_cidr": "10.8.0.0/24"}'},
            "penstock:vpn.client_cidr: must be a /12 to /22 (got '10.8.0.0/24')",
        ),
        (
            {"vpn": '{"enabled": true, "clients": ["ann"], "client_cidr": "10.0.4.0/22"}'},
            "penstock: vpn.client_cidr 10.0.4.0/22 overlaps network.cidr 10.0.0.0/16",
        ),
        (
            {"vpn": '{"enabled": true, "clients": ["ann"], "zones": 3}'},
            "penstock: vpn.zones is 3, but network.zones is 2",
        ),
        ({"vpn": '{"enabled": true}'}, "penstock:vpn: nobody could connect"),
        ({"vpn": '{"clients": ["ann", "ann"]}'}, "penstock:vpn: clients has a name twice"),
        ({"vpn": '{"clients": ["Ann Smith"]}'}, "penstock:vpn.clients.0: does not look right"),
        (
            {"vpn": f'{{"server_certificate_arn": "{CERTIFICATE}"}}'},
            "penstock:vpn: server_certificate_arn and client_ca_arn are given together or not at all",
        ),
        (
            {"vpn": f'{{"server_certificate_arn": "{CERTIFICATE}", "client_ca_arn": "{CERTIFICATE}", {SOMEBODY}}}'},
            "penstock:vpn: clients get certificates from the stack's own authority, but client_ca_arn is given",
        ),
        ({"api": '{"enabled": true}'}, "penstock:api: enabled needs clients or sign_in: nobody could call the API"),
        (
            {"api": '{"callback_origins": ["http://localhost:5173"]}'},
            "penstock:api: callback_origins are for sign_in, which is none",
        ),
        ({"api": f'{{"clients": [{ANN}, {ANN}]}}'}, "penstock:api: clients has ann more than once"),
        (
            {"api": '{"clients": [{"name": "ann", "folder": "u-ann"}]}'},
            "penstock:api.clients.0.folder: does not look right (got 'u-ann')",
        ),
        (
            {"api": '{"clients": [{"name": "ann"}]}'},
            "penstock:api.clients.0.folder: field required",
        ),
        (
            {"api": '{"sign_in": "cognito", "callback_origins": ["http://files.example.com"]}'},
            "penstock:api.callback_origins.0: does not look right (got 'http://files.example.com')",
        ),
        (
            {"api": f'{{"enabled": true, "clients": [{ANN}]}}', "firewall": '{"enabled": true}'},
            "penstock: firewall.rate_limit 2000 refuses clients that keep to api.requests_per_minute 1000; it has to "
            "be 5000 at least",
        ),
        ({"processing": "5"}, "penstock:processing: must be a map of settings (got 5)"),
        ({"processing": "five"}, "penstock:processing: must be a map of settings (got 'five')"),
        ({"processing": '{"part_bytes": "big"}'}, "penstock:processing.part_bytes: input should be a valid integer"),
        ({"alarms": '{"emails": ["nobody"]}'}, "penstock:alarms.emails.0: does not look right (got 'nobody')"),
        (
            {"delivery": '{"domain": "files.example.com"}'},
            "penstock:delivery: domain and certificate_arn are given together or not at all",
        ),
        (
            {"storage": '{"deletable": true}'},
            "penstock: protection.deletion and storage.deletable contradict each other",
        ),
        (
            {"protection": '{"deletion": false}', "storage": '{"deletable": true, "lock_days": 30}'},
            "penstock: storage.lock_days and storage.deletable contradict each other",
        ),
    ],
)
def test_a_mistake_is_named_with_its_key_and_its_file(raw: dict[str, str], message: str) -> None:
    said = complaint({f"penstock:{key}": value for key, value in raw.items()})
    assert said.startswith(f"Pulumi.dev.yaml: {message}")


def test_all_mistakes_are_named_at_once() -> None:
    said = complaint({"penstock:processing": '{"part_bytes": 10}', "penstock:network": '{"zones": 9}'})
    assert {line.split(": ")[1] for line in said.splitlines()} == {
        "penstock:network.zones",
        "penstock:processing.part_bytes",
    }


def test_settings_of_others_are_none_of_ours() -> None:
    assert parse({"aws:region": "eu-west-1"}, project="penstock", stack="dev") == Settings()


def test_the_program_refuses_a_wrong_stack_file() -> None:
    with pytest.raises(SettingsError, match=r"Pulumi\.dev\.yaml: penstock:processing\.part_bytes: must be at least"):
        record("dev", {"penstock:processing": '{"part_bytes": 1}'})


@pytest.mark.parametrize("stack", STACKS)
def test_the_committed_stacks_are_right(stack: str) -> None:
    project, raw = read_config(ROOT, stack)
    assert parse(raw, project=project, stack=stack) != Settings()


def test_every_setting_is_described() -> None:
    bare = [
        f"{name}.{field}"
        for name, section in settings.sections()
        for field, info in section.model_fields.items()
        if not info.description
    ]
    assert not bare


def test_only_the_settings_module_touches_pulumis_configuration() -> None:
    def reads(path: Path) -> bool:
        nodes = list(ast.walk(ast.parse(path.read_text())))
        attributes = {node.attr for node in nodes if isinstance(node, ast.Attribute)}
        imported = {alias.name for node in nodes if isinstance(node, ast.ImportFrom) for alias in node.names}
        return bool((attributes | imported) & {"Config", "get_config_env", "CONFIG", "get_config"})

    files = [ROOT / "__main__.py", *sorted((ROOT / "components").rglob("*.py"))]
    assert [path for path in files if reads(path)] == [ROOT / "components" / "settings" / "loading.py"]


def test_the_program_does_not_know_its_stacks() -> None:
    """What differs between stacks stands in their files."""
    main = ROOT / "__main__.py"
    assert len(main.read_text().splitlines()) < 80
    named = [
        path.name
        for path in (main, *(ROOT / "components").rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and node.value in STACKS
    ]
    assert named == []
