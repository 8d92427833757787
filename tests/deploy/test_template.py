"""The template makes the table that the code makes, and lets the code do what it does."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSPreparedRequest
from botocore.stub import Stubber

from graph.settings import Settings
from storage.artifacts.records import ArtifactType
from storage.dynamodb.schema.table import definition
from storage.dynamodb.store import DynamoStore
from storage.store import ReverseLinkQuery
from tests.deploy.template import DEPLOY, Stack
from tests.storage.dynamodb.formats.schema_items import delete_schema
from tests.storage.dynamodb.legacy.legacy_backend import bare_table, migrate, put
from tests.storage.samples import (
    DATASET,
    ORDERS,
    bert,
    by_name,
    by_url,
    delete,
    listing,
    rating,
    register,
    register_one,
    squad,
    update,
)

Grants = set[tuple[str, str]]
"""Actions, each with whether it is the table's or its indexes'."""
TABLE = "arn:aws:dynamodb:us-east-2:111122223333:table/artifacts_metadata"
KEPT_SAFE = {
    "DeletionProtectionEnabled": True,
    "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
}
"""What CreateTable is not told: it is said of the table afterwards, or of its stack alone."""


def test_the_table_is_the_one_that_the_code_makes() -> None:
    made = Stack().properties("Table")

    assert made == {**definition("artifacts_metadata"), **KEPT_SAFE}


def test_a_table_that_exists_is_left_alone() -> None:
    stack = Stack(TableExists="true", TableName="mine")

    assert stack.properties("Table") is None
    assert environment(stack)["DDB_TABLE_NAME"] == "mine"


def test_the_server_may_do_what_it_does_and_nothing_else(moto: DynamoStore) -> None:
    delete_schema(moto)  # as in a new stack

    with actions(moto) as taken:
        moto.ensure()
        write_everything(moto)
        read_everything(moto)
        moto.ping()
        assert sum(moto.reset()) > 0

    assert taken == granted("TaskRole")


def test_the_commands_may_do_what_they_do_and_nothing_else(moto: DynamoStore) -> None:
    bare_table(moto)
    put(moto, ArtifactType.MODEL, "1", "bert")

    with actions(moto) as taken:
        migrate(moto)
        moto.ensure()
        write_everything(moto)
        assert list(moto.scan())
        assert list(moto.check()) == []
        read_everything(moto)

    assert taken == granted("CommandsRole")


@pytest.mark.parametrize("role", ["TaskRole", "CommandsRole", "ExecutionRole"])
def test_tasks_of_this_account_alone_have_the_roles(role: str) -> None:
    (statement,) = Stack().properties(role)["AssumeRolePolicyDocument"]["Statement"]

    assert statement == {
        "Effect": "Allow",
        "Principal": {"Service": "ecs-tasks.amazonaws.com"},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"aws:SourceAccount": "111122223333"}},
    }


def test_tokens_come_from_a_secret_that_ecs_may_read() -> None:
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


def test_a_task_is_told_to_stop_in_time() -> None:
    (container,) = Stack().properties("TaskDefinition")["ContainerDefinitions"]

    assert container["StopTimeout"] > Settings.model_fields["grace_seconds"].default


def test_the_task_definition_is_the_one_of_the_template() -> None:
    alone = json.loads((DEPLOY / "task-definition.json").read_text())
    parts = {"TaskRoleArn", "ExecutionRoleArn", "ContainerDefinitions"}
    tokens = alone["containerDefinitions"][0]["secrets"][0]["valueFrom"]
    stack = Stack(
        Image=alone["containerDefinitions"][0]["image"],
        Logs="registry",
        Table="artifacts_metadata",
        TokensSecret=tokens,
    )

    whole = lowered(stack.properties("TaskDefinition"))
    assert {k: v for k, v in alone.items() if capital(k) not in parts} == {
        k: v for k, v in whole.items() if capital(k) not in parts
    }
    assert alone["containerDefinitions"] == whole["containerDefinitions"]


def test_ecs_takes_the_task_definition() -> None:
    client = boto3.client("ecs", region_name="us-east-2")
    definition = json.loads((DEPLOY / "task-definition.json").read_text())

    with Stubber(client) as stub:
        stub.add_response("register_task_definition", {}, definition)
        client.register_task_definition(**definition)
        stub.assert_no_pending_responses()


def granted(role: str) -> Grants:
    """What a role may do, to the table or to its indexes."""
    kinds = {TABLE: "table", f"{TABLE}/index/*": "index"}
    (policy,) = Stack().properties(role)["Policies"]
    return {
        (action.removeprefix("dynamodb:"), kinds[statement["Resource"]])
        for statement in policy["PolicyDocument"]["Statement"]
        for action in statement["Action"]
    }


@contextmanager
def actions(store: DynamoStore) -> Iterator[Grants]:
    """What must be granted for the calls that are made in the block."""
    taken: Grants = set()

    def note(request: AWSPreparedRequest, **_: object) -> None:
        target = request.headers["X-Amz-Target"]
        operation = (target.decode() if isinstance(target, bytes) else target).split(".")[1]
        body: Any = request.body
        asked = json.loads(body)
        if operation == "TransactWriteItems":
            kinds = {kind for action in asked["TransactItems"] for kind in action}
            taken.update((f"{kind}Item", "table") for kind in kinds)
        else:
            taken.add((operation, "index" if "IndexName" in asked else "table"))

    events = store.client.control.meta.events
    events.register_first("before-send.dynamodb", note)
    try:
        yield taken
    finally:
        events.unregister("before-send.dynamodb", note)


def write_everything(store: DynamoStore) -> None:
    """Change what can be changed; a name and a url get new owners."""
    first, second, model = register(
        store,
        squad(url="https://example.org/first"),
        squad(url="https://example.org/second"),
        bert(by_name(DATASET, "squad")),
    )
    update(store, first, name="stanford", url="https://example.org/third")
    update(store, second, name="stanford")
    update(store, model, rating=rating(), references=(by_url(DATASET, second.url),))
    delete(store, first)
    delete(store, model)
    register_one(store, bert(by_name(DATASET, "stanford")))


def read_everything(store: DynamoStore) -> None:
    """Ask what can be asked about the listings and about each artifact."""
    for order in ORDERS:
        page = store.page(listing(order=order), 100)
        assert store.count(listing(order=order)) == len(page.entries)
    artifacts = [entry.artifact for entry in page.entries]
    store.get([artifact.id for artifact in artifacts])
    store.resolve([r.target for artifact in artifacts for r in artifact.references])
    store.read_reverse_links([ReverseLinkQuery(artifact, 10) for artifact in artifacts])
    store.count_reverse_links(artifacts)


def environment(stack: Stack) -> dict[str, str]:
    (container,) = stack.properties("TaskDefinition")["ContainerDefinitions"]
    return {of["Name"]: of["Value"] for of in container["Environment"]}


def capital(name: str) -> str:
    return name[0].upper() + name[1:]


def lowered(value: Any) -> Any:
    """The same with names as ECS's own interface has them; options have their own."""
    if isinstance(value, list):
        return [lowered(item) for item in value]
    if isinstance(value, dict):
        return {k[0].lower() + k[1:]: lowered(v) for k, v in value.items()}
    return value
