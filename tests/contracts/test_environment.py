"""What the program sets in a function's environment is what its handler reads."""

import pytest

from components.catalogue.component import CATALOGUE, MIGRATE
from components.deletion import DELETE
from components.malware import SCAN, VERDICT
from components.pipeline.specs import SPECS, UNPACK
from components.signing import ROTATE_KEY, SIGNING_KEY
from runtime.environment import PREFIX, MissingVariable, read, variables
from tests.recorder import STACKS, recording

GATED = {SCAN.name: SCAN, VERDICT.name: VERDICT}
CATALOGUED = {CATALOGUE.name: CATALOGUE, MIGRATE.name: MIGRATE}
ALL = {**SPECS, SIGNING_KEY.name: SIGNING_KEY, ROTATE_KEY.name: ROTATE_KEY, **GATED, **CATALOGUED}
# Without a malware gate there is nobody to ask, without a catalogue nobody to write.
PLACES = [
    (stack, name)
    for stack in STACKS
    for name in ALL
    if (stack != "dev" or name not in GATED) and (stack == "prod" or name not in CATALOGUED)
]
# Where the members of archives are files of their own, and where files may be deleted.
OPTIONAL = {spec.name: spec for spec in (UNPACK, DELETE)}
PLACES += [("all-on", name) for name in OPTIONAL]


def _variables(stack: str, function: str) -> dict[str, str]:
    return dict(recording(stack).one("lambda.Function", function.replace("_", "-")).inputs["environment"]["variables"])


@pytest.mark.parametrize(("stack", "function"), PLACES)
def test_a_handler_finds_all_that_it_reads_and_nothing_else_is_set(stack: str, function: str) -> None:
    environ, cls = _variables(stack, function), {**ALL, **OPTIONAL}[function].environment
    settings: object = read(cls, environ)
    assert all(value not in ("", None) for value in vars(settings).values())
    assert {name for name in environ if name.startswith(PREFIX)} == set(variables(cls).values())
    assert {name for name in environ if not name.startswith(PREFIX)} == {
        "POWERTOOLS_LOG_LEVEL",
        "POWERTOOLS_METRICS_NAMESPACE",
        "POWERTOOLS_SERVICE_NAME",
    }


@pytest.mark.parametrize("function", ALL)
def test_a_variable_that_is_taken_away_is_missed_by_name(function: str) -> None:
    environ, cls = _variables("prod", function), ALL[function].environment
    for variable in variables(cls).values():
        with pytest.raises(MissingVariable, match=variable):
            read(cls, {name: value for name, value in environ.items() if name != variable})


def test_names_lead_to_what_they_name() -> None:
    """A bucket's name in the wrong variable would be read without complaint."""
    made, environ = recording("dev"), _variables("dev", "process")
    for purpose in ("work", "output", "delivery", "backup"):
        assert environ[f"{PREFIX}{purpose.upper()}_BUCKET"] == made.one("s3.Bucket", purpose).outputs["bucket"]
    for purpose in ("files", "transactions"):
        assert environ[f"{PREFIX}{purpose.upper()}_TABLE"] == made.one("dynamodb.Table", purpose).outputs["name"]
    assert environ[f"{PREFIX}SIGNING_SECRET"] == made.one("secretsmanager.Secret", "signing-key").outputs["arn"]
    assert environ[f"{PREFIX}DELIVERY_DOMAIN"] == made.one("cloudfront.Distribution", "delivery").outputs["domainName"]
    topic = _variables("dev", "fail")[f"{PREFIX}NOTIFICATIONS_TOPIC"]
    assert topic == made.one("sns.Topic", "notifications").outputs["arn"]


@pytest.mark.parametrize(("stack", "seconds"), [("dev", 86400), ("prod", 604800)])
def test_settings_reach_the_functions(stack: str, seconds: int) -> None:
    assert _variables(stack, "link")[f"{PREFIX}LINK_SECONDS"] == str(seconds)
