"""The program as a whole: components, names, exports, and what holds for everything that it makes."""

import json

import pulumi
import pytest

from tests.recorder import EXPORTS, STACKS, Recording, record, recording

# Only where there is a catalogue.
CATALOGUE = {
    "catalogue_host",
    "catalogue_port",
    "catalogue_name",
    "catalogue_queue_url",
    "catalogue_dead_letter_queue_url",
}
# Only where there is an API; of keys and people, and of deleting, only where there are such.
API = {"api_url", "page_url"}
DELETING = {"deletion_queue_url", "deletion_dead_letter_queue_url"}
CALLERS = {"dev": {"api_keys"}, "local": {"api_keys"}, "prod": {"people_pool_id"}}
# A type token is part of every child's URN: a stack that exists would be made anew if one changed.
TOKENS = {
    "penstock:api:Api",
    "penstock:api:Gateway",
    "penstock:api:People",
    "penstock:bucket:SecureBucket",
    "penstock:catalogue:Catalogue",
    "penstock:distribution:Distribution",
    "penstock:firewall:Firewall",
    "penstock:function:Function",
    "penstock:ledger:Ledger",
    "penstock:malware:MalwareGate",
    "penstock:network:Network",
    "penstock:observability:Observability",
    "penstock:page:Page",
    "penstock:pipeline:ProcessingPipeline",
    "penstock:signing:Signing",
    "penstock:storage:SecureStorage",
}


def test_component_types_are_pinned() -> None:
    assert {one.token for one in recording("prod").resources if one.token.startswith("penstock:")} == TOKENS


@pytest.mark.parametrize("stack", STACKS)
def test_every_export_is_there(stack: str) -> None:
    exports = recording(stack).exports
    catalogue = CATALOGUE if stack in ("local", "prod") else set()
    deleting = DELETING if stack == "local" else set()
    assert exports.keys() == EXPORTS | API | CALLERS[stack] | catalogue | deleting
    assert all(exports.values())


@pytest.mark.parametrize("stack", STACKS)
def test_no_two_resources_of_a_type_have_the_same_name(stack: str) -> None:
    assert [name for name, times in recording(stack).count().items() if times > 1] == []


def test_it_asks_for_the_same_twice() -> None:
    def asked(made: Recording) -> dict[tuple[str, str], str]:
        return {(one.token, one.name): json.dumps(one.inputs, sort_keys=True, default=_path) for one in made.resources}

    assert asked(record("dev")) == asked(recording("dev"))


def test_nothing_of_one_stack_is_named_like_another() -> None:
    dev, prod = ({one.name for one in recording(stack).resources if one.inputs} for stack in ("dev", "prod"))
    assert not dev & prod


def _path(archive: pulumi.FileArchive) -> str:
    return str(archive.path)
