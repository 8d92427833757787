"""The template creates the same table as the code, and grants exactly the actions it uses."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSPreparedRequest
from botocore.stub import Stubber

from graph.settings import Settings
from storage.artifacts.records import ArtifactType
from storage.change_queries import HistoryQuery
from storage.dynamodb.schema.table import definition
from storage.dynamodb.store import DynamoStore
from storage.store import ReverseLinkQuery
from storage.transfer.export import export_lines
from tests.deploy.template import DEPLOY, Stack
from tests.storage.dynamodb.formats.schema_items import empty_table
from tests.storage.dynamodb.legacy.legacy_backend import (
    create_legacy_table,
    migrate,
    put_artifact,
)
from tests.storage.samples import (
    DATASET,
    MODEL,
    ORDERS,
    bert,
    by_name,
    by_url,
    listing,
    new_artifact,
    rating,
    squad,
)
from tests.storage.store_calls import delete, register, register_one, restore, update

Grants = set[tuple[str, str]]
"""Pairs of an action and its resource: "table" or "index"."""
TABLE = "arn:aws:dynamodb:us-east-2:111122223333:table/artifacts_metadata"
BACKUPS = {
    "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
}
"""What the code sets after it has created the table."""


def test_the_table_is_the_same_as_that_of_the_code() -> None:
    table = Stack().properties("Table")

    assert table == {**definition("artifacts_metadata"), **BACKUPS}


def test_an_existing_table_is_not_created() -> None:
    stack = Stack(TableExists="true", TableName="mine")

    assert stack.properties("Table") is None
    assert read_environment(stack)["DDB_TABLE_NAME"] == "mine"


def test_the_server_has_exactly_the_permissions_it_needs(moto: DynamoStore) -> None:
    empty_table(moto)  # as in a new stack

    with record_actions(moto) as used:
        moto.ensure()
        write_everything(moto)
        read_everything(moto)
        moto.ping()
        assert sum(moto.reset()) > 0

    assert used == read_grants("TaskRole")


def test_the_commands_have_exactly_the_permissions_they_need(moto: DynamoStore) -> None:
    create_legacy_table(moto)
    put_artifact(moto, ArtifactType.MODEL, "1", "bert")

    with record_actions(moto) as used:
        migrate(moto)
        moto.ensure()
        write_everything(moto)
        moto.set_retention(timedelta(days=90), lambda _stage, _done, _total: None)
        assert list(export_lines(moto))
        assert list(moto.check()) == []
        read_everything(moto)

    assert used == read_grants("CommandsRole")


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


def read_grants(role: str) -> Grants:
    """Return the actions that a role grants on the table and its indexes."""
    kinds = {TABLE: "table", f"{TABLE}/index/*": "index"}
    (policy,) = Stack().properties(role)["Policies"]
    return {
        (action.removeprefix("dynamodb:"), kinds[statement["Resource"]])
        for statement in policy["PolicyDocument"]["Statement"]
        for action in statement["Action"]
    }


@contextmanager
def record_actions(store: DynamoStore) -> Iterator[Grants]:
    """Record the actions that the calls in the block need."""
    used: Grants = set()

    def record(request: AWSPreparedRequest, **_: object) -> None:
        target = request.headers["X-Amz-Target"]
        operation = (target.decode() if isinstance(target, bytes) else target).split(".")[1]
        body: Any = request.body
        parameters = json.loads(body)
        if operation == "TransactWriteItems":
            kinds = {kind for action in parameters["TransactItems"] for kind in action}
            used.update((f"{kind}Item", "table") for kind in kinds)
        else:
            used.add((operation, "index" if "IndexName" in parameters else "table"))

    events = store.client.control.meta.events
    events.register_first("before-send.dynamodb", record)
    try:
        yield used
    finally:
        events.unregister("before-send.dynamodb", record)


def write_everything(store: DynamoStore) -> None:
    """Use every write, with new owners for a name and a url."""
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
    restore(store, model.id)
    register_one(store, new_artifact(MODEL, "m", by_name(DATASET, "stanford")))


def read_everything(store: DynamoStore) -> None:
    """Use every read, on listings and on each artifact."""
    for order in ORDERS:
        page = store.page(listing(order=order), 100)
        assert store.count(listing(order=order)) == len(page.entries)
    artifacts = [entry.artifact for entry in page.entries]
    store.get([artifact.id for artifact in artifacts])
    store.resolve([r.target for artifact in artifacts for r in artifact.references])
    store.read_reverse_links([ReverseLinkQuery(artifact, 10) for artifact in artifacts])
    store.count_reverse_links(artifacts)
    store.read_history([HistoryQuery(each.id, each.version, 10) for each in artifacts])
    store.read_feed(None, 10)
    store.feed_cursor()
    store.read_recent_changes(None, 10)


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
