"""Deploying small programs: what stops a deployment, what is listed, and what comes out."""

import json
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from local.cloud import LocalCloud
from local.deploy import DeploymentFailed, deploy, read_config

Program = Callable[..., Path]


class NoCloud:
    """Stands in where a program must be stopped before it reaches the cloud."""

    region = "us-east-1"
    account = "000000000000"
    endpoint = "http://127.0.0.1:1"

    def client(self, service: str) -> Any:
        raise AssertionError(f"{service} was called")

    def open_distribution(self, distribution_id: str) -> str:
        raise AssertionError("a port was opened")


@pytest.fixture
def program(tmp_path: Path) -> Program:
    """Writes a project: the body of `__main__.py`, and the text of `Pulumi.local.yaml`."""

    def write(body: str, config: str = "config: {}\n") -> Path:
        header = "import json\nimport pulumi\nimport pulumi_aws as aws\n"
        (tmp_path / "__main__.py").write_text(header + textwrap.dedent(body))
        (tmp_path / "Pulumi.yaml").write_text("name: small\nruntime: python\n")
        (tmp_path / "Pulumi.local.yaml").write_text(config)
        return tmp_path

    return write


def test_a_type_that_nobody_makes_stops_the_deployment(program: Program) -> None:
    root = program('aws.redshift.Cluster("warehouse", cluster_identifier="w", node_type="ra3.large")')
    with pytest.raises(DeploymentFailed, match="aws:redshift/cluster:Cluster 'warehouse': UnknownType"):
        deploy(NoCloud(), root=root)


def test_what_is_not_emulated_is_listed_with_its_reason_and_not_counted(program: Program) -> None:
    root = program(
        """
        query = aws.cloudwatch.QueryDefinition("q", name="errors", query_string="fields @message")
        pulumi.export("query", query.query_definition_id)
        """
    )
    deployment = deploy(NoCloud(), root=root)
    (line,) = deployment.not_emulated
    assert line.startswith("aws:cloudwatch/queryDefinition:QueryDefinition: ")
    assert "Logs Insights" in line
    assert deployment.resources == 0
    assert deployment.outputs == {"query": "q"}


def test_components_settings_and_invokes_work_as_under_the_engine(program: Program) -> None:
    root = program(
        """
        class Part(pulumi.ComponentResource):
            def __init__(self, name):
                super().__init__("small:part:Part", name)
                self.register_outputs({})

        Part("part")
        config = pulumi.Config()
        pulumi.export("limit", config.require_int("limit"))
        pulumi.export("on", config.require_bool("on"))
        pulumi.export("nested", config.require_object("nested"))
        pulumi.export("stack", f"{pulumi.get_project()}/{pulumi.get_stack()}")
        pulumi.export("account", aws.get_caller_identity().account_id)
        pulumi.export("partition", aws.get_partition().partition)
        pulumi.export("region", aws.get_region_output().region)
        pulumi.export("zones", len(aws.get_availability_zones().names))
        """,
        "config:\n  small:limit: 5\n  small:on: true\n  nested:\n    deep: [1, 2.5]\n",
    )
    assert deploy(NoCloud(), root=root, config={"small:limit": "7"}).outputs == {
        "limit": 7,
        "on": True,
        "nested": {"deep": [1, 2.5]},
        "stack": "small/local",
        "account": "000000000000",
        "partition": "aws",
        "region": "us-east-1",
        "zones": 3,
    }


def test_an_invoke_that_nobody_answers_stops_the_deployment(program: Program) -> None:
    root = program('aws.ec2.get_ami(most_recent=True, owners=["amazon"])')
    with pytest.raises(DeploymentFailed, match="aws:ec2/getAmi:getAmi"):
        deploy(NoCloud(), root=root)


def test_an_error_of_the_program_itself_comes_through(program: Program) -> None:
    with pytest.raises(KeyError, match="nowhere"):
        deploy(NoCloud(), root=program('{}["nowhere"]'))


def test_warnings_are_shown_but_for_the_spelling_of_keys_that_is_kept(
    program: Program, cloud: LocalCloud, caplog: pytest.LogCaptureFixture
) -> None:
    root = program("""
        index = dict(name="by-b", hash_key="b", range_key="a", projection_type="ALL")
        indexes = [aws.dynamodb.TableGlobalSecondaryIndexArgs(**index)]
        table = dict(billing_mode="PAY_PER_REQUEST", hash_key="a", global_secondary_indexes=indexes)
        keys = [aws.dynamodb.TableAttributeArgs(name=name, type="S") for name in "ab"]
        aws.dynamodb.Table("warned", attributes=keys, **table)
        pulumi.log.warn("a setting is odd")
    """)
    deploy(cloud, root=root)
    assert [record.getMessage() for record in caplog.records if record.levelname == "WARNING"] == ["a setting is odd"]


def test_an_error_of_the_cloud_names_type_resource_and_call(program: Program, cloud: LocalCloud) -> None:
    root = program('aws.iam.RolePolicy("orphan", role="nobody", policy="{}")')
    with pytest.raises(DeploymentFailed, match=r"aws:iam/rolePolicy:RolePolicy 'orphan'.*PutRolePolicy.*nobody"):
        deploy(cloud, root=root)


def test_the_first_failure_is_the_one_that_is_told(program: Program) -> None:
    root = program(
        """
        for number in range(5):
            aws.redshift.Cluster(f"c{number}", cluster_identifier="w", node_type="ra3.large")
        """
    )
    with pytest.raises(DeploymentFailed, match="'c0'"):
        deploy(NoCloud(), root=root)


def test_secret_inputs_are_never_in_an_error(program: Program, cloud: LocalCloud) -> None:
    root = program(
        """
        hidden = pulumi.Output.secret("hunter2 is not a policy")
        aws.iam.RolePolicy("quiet", role=hidden, policy="{}")
        """
    )
    with pytest.raises(DeploymentFailed) as caught:
        deploy(cloud, root=root)
    assert "aws:iam/rolePolicy:RolePolicy 'quiet': PutRolePolicy" in str(caught.value)
    assert "hunter2" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


def test_secrets_stay_secret_in_the_program_and_out_of_the_representation(program: Program, cloud: LocalCloud) -> None:
    root = program(
        """
        group = aws.cloudwatch.LogGroup("g", name=pulumi.Output.secret("hush-group"))
        pulumi.export("secret", pulumi.Output.from_input(group.name.is_secret()))
        pulumi.export("name", group.name)
        """
    )
    deployment = deploy(cloud, root=root)
    assert deployment.outputs == {"secret": True, "name": "hush-group"}
    assert "hush" not in repr(deployment)


def test_a_second_deployment_in_the_same_process_begins_anew(program: Program, cloud: LocalCloud) -> None:
    body = """
        name = pulumi.Config().require("name")
        queue = aws.sqs.Queue("queue", name=name)
        pulumi.export("arn", queue.arn)
        """
    outputs = [deploy(cloud, root=program(body), config={"small:name": name}).outputs for name in ("one-q", "two-q")]
    assert [one["arn"].rsplit(":", 1)[1] for one in outputs] == ["one-q", "two-q"]


def test_a_deployment_after_a_failed_one_works(program: Program) -> None:
    with pytest.raises(DeploymentFailed):
        deploy(NoCloud(), root=program('aws.redshift.Cluster("w", cluster_identifier="w", node_type="ra3.large")'))
    assert deploy(NoCloud(), root=program('pulumi.export("fine", 1)')).outputs == {"fine": 1}


def test_a_provider_brings_its_default_tags(program: Program, cloud: LocalCloud) -> None:
    root = program(
        """
        tagged = aws.Provider("tagged", region="us-east-1", default_tags={"tags": {"from": "provider", "mine": "no"}})
        opts = pulumi.ResourceOptions(provider=tagged)
        queue = aws.sqs.Queue("tagged", name="tagged-queue", tags={"mine": "yes"}, opts=opts)
        pulumi.export("url", queue.url)
        pulumi.export("tags", queue.tags_all)
        """
    )
    outputs = deploy(cloud, root=root).outputs
    assert outputs["tags"] == {"from": "provider", "mine": "yes"}
    assert cloud.client("sqs").list_queue_tags(QueueUrl=outputs["url"])["Tags"] == outputs["tags"]


def test_without_a_name_the_logical_one_is_used(program: Program, cloud: LocalCloud) -> None:
    root = program(
        """
        pulumi.export("queue", aws.sqs.Queue("logical-" + "x" * 90).name)
        pulumi.export("role", aws.iam.Role("Some", name_prefix="pre-", assume_role_policy="{}").name)
        """
    )
    assert deploy(cloud, root=root).outputs == {"queue": ("logical-" + "x" * 90)[:80], "role": "pre-Some"}


def test_a_package_that_is_not_there_stops_the_deployment(program: Program) -> None:
    root = program(
        """
        aws.lambda_.Function(
            "gone", name="gone", role="arn:aws:iam::000000000000:role/x", handler="main.handler",
            runtime="python3.13", code=pulumi.FileArchive("build/gone.zip"),
        )
        """
    )
    with pytest.raises(DeploymentFailed, match=r"'gone': NotPlaced: code must be .*build/gone\.zip"):
        deploy(_Mute(), root=root)


class _Mute(NoCloud):
    def client(self, service: str) -> Any:
        return None


def test_configuration_is_read_as_the_engine_hands_it_over(program: Program) -> None:
    root = program("", "config:\n  other:text: plain\n  flag: false\n  size: 5242880\n  map: {a: [1]}\n")
    assert read_config(root, "local") == (
        "small",
        {"other:text": "plain", "small:flag": "false", "small:size": "5242880", "small:map": json.dumps({"a": [1]})},
    )


def test_encrypted_settings_are_refused_by_name(program: Program) -> None:
    with pytest.raises(DeploymentFailed, match=r"token in Pulumi\.local\.yaml is encrypted"):
        read_config(program("", "config:\n  token: {secure: AAAB}\n"), "local")


def test_a_stack_without_a_file_is_refused(program: Program) -> None:
    with pytest.raises(DeploymentFailed, match=r"Pulumi\.other\.yaml not found"):
        deploy(NoCloud(), root=program(""), stack="other")
