"""The template creates the same table as the code, and tasks that can run."""

import json
import re
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from graph.settings import Settings
from storage.dynamodb.schema.table import definition
from tests.deploy.image import DOCKERFILE, image_variable
from tests.deploy.template import DEPLOY, Stack

BACKUPS = {
    "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
}
"""The properties that the code sets after it has created the table."""


def test_the_table_is_the_same_as_that_of_the_code() -> None:
    table = Stack().properties("Table")

    assert table == {**definition("artifacts_metadata"), **BACKUPS}


def test_an_existing_table_is_not_created() -> None:
    stack = Stack(TableExists="true", TableName="mine")

    assert stack.properties("Table") is None
    assert read_environment(stack)["DDB_TABLE_NAME"] == "mine"


@pytest.mark.parametrize("role", ["TaskRole", "CommandsRole", "ExecutionRole"])
def test_only_tasks_of_this_account_can_assume_the_roles(role: str) -> None:
    (statement,) = Stack().properties(role)["AssumeRolePolicyDocument"]["Statement"]

    assert statement == {
        "Effect": "Allow",
        "Principal": {"Service": "ecs-tasks.amazonaws.com"},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"aws:SourceAccount": "111122223333"}},
    }


def test_tokens_come_from_a_secret_that_ecs_can_read() -> None:
    stack = Stack(TokensSecret="arn:of-the-secret")

    (container,) = stack.properties("TaskDefinition")["ContainerDefinitions"]
    (policy,) = stack.properties("ExecutionRole")["Policies"]
    (without,) = Stack().properties("TaskDefinition")["ContainerDefinitions"]
    assert container["Secrets"] == [{"Name": "AUTH_TOKENS", "ValueFrom": "arn:of-the-secret"}]
    assert policy["PolicyDocument"]["Statement"] == [
        {
            "Effect": "Allow",
            "Action": ["secretsmanager:GetSecretValue"],
            "Resource": "arn:of-the-secret",
        }
    ]
    assert without["Secrets"] == Stack().properties("ExecutionRole")["Policies"] == []


def test_a_task_has_time_to_stop() -> None:
    (container,) = Stack().properties("TaskDefinition")["ContainerDefinitions"]

    assert container["StopTimeout"] > Settings.model_fields["grace_seconds"].default


def test_the_search_index_has_a_writable_place_and_the_rest_is_read_only() -> None:
    task = Stack().properties("TaskDefinition")
    (container,) = task["ContainerDefinitions"]
    (mount,) = container["MountPoints"]

    assert container["ReadonlyRootFilesystem"]
    assert not mount["ReadOnly"]
    # Without a `Host`, the volume ends with the task.
    assert task["Volumes"] == [{"Name": mount["SourceVolume"]}]
    assert task["EphemeralStorage"]["SizeInGiB"] >= 30
    # AWS makes volumes for root, except where the image has one: those keep their owner.
    assert re.findall(r"^VOLUME (.+)$", DOCKERFILE, re.MULTILINE) == [mount["ContainerPath"]]
    assert Path(image_variable("SEARCH_INDEX_PATH")).parent == Path(mount["ContainerPath"])


def test_the_task_definition_is_the_same_as_in_the_template() -> None:
    definition = json.loads((DEPLOY / "task-definition.json").read_text())
    parts = {"TaskRoleArn", "ExecutionRoleArn", "ContainerDefinitions"}
    tokens = definition["containerDefinitions"][0]["secrets"][0]["valueFrom"]
    stack = Stack(
        Image=definition["containerDefinitions"][0]["image"],
        Logs="registry",
        Table="artifacts_metadata",
        TokensSecret=tokens,
    )

    expected = lower_names(stack.properties("TaskDefinition"))
    assert {k: v for k, v in definition.items() if capitalize(k) not in parts} == {
        k: v for k, v in expected.items() if capitalize(k) not in parts
    }
    assert definition["containerDefinitions"] == expected["containerDefinitions"]


def test_ecs_accepts_the_task_definition() -> None:
    client = boto3.client("ecs", region_name="us-east-2")
    definition = json.loads((DEPLOY / "task-definition.json").read_text())

    with Stubber(client) as stub:
        stub.add_response("register_task_definition", {}, definition)
        client.register_task_definition(**definition)
        stub.assert_no_pending_responses()


def read_environment(stack: Stack) -> dict[str, str]:
    (container,) = stack.properties("TaskDefinition")["ContainerDefinitions"]
    return {variable["Name"]: variable["Value"] for variable in container["Environment"]}


def capitalize(name: str) -> str:
    return name[0].upper() + name[1:]


def lower_names(value: Any) -> Any:
    """Return a value with property names as in the ECS API: in lower camel case."""
    if isinstance(value, list):
        return [lower_names(item) for item in value]
    if isinstance(value, dict):
        return {k[0].lower() + k[1:]: lower_names(v) for k, v in value.items()}
    return value
