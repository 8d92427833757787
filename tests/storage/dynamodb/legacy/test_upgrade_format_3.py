"""A table of format 3 is served as it is; a migration removes the indexes for its listings."""

from typing import Any, cast

import boto3
import pytest
from botocore.stub import Stubber
from typer.testing import CliRunner

from storage.artifacts.records import Artifact
from storage.cli import app
from storage.dynamodb.schema import index_changes
from storage.dynamodb.schema.index_changes import delete_index
from storage.dynamodb.store import DynamoStore
from tests.storage.dynamodb.formats.schema_items import CURRENT, FORMAT_3, KEY
from tests.storage.dynamodb.legacy.format_3 import (
    OLD_ATTRIBUTES,
    OLD_INDEXES,
    add_old_attributes,
    create_format_3_table,
    index_names,
    index_states,
    old_index,
)
from tests.storage.dynamodb.legacy.legacy_backend import Item, migrate, put_artifact
from tests.storage.dynamodb.legacy.legacy_table import read_items
from tests.storage.dynamodb.legacy.test_migrated_tables import KilledError, kill_at_call
from tests.storage.dynamodb.recorded_calls import before_send
from tests.storage.engines import REGION
from tests.storage.samples import DATASET, MODEL, by_name, ids, listing, new_artifact, squad
from tests.storage.store_calls import (
    delete,
    read,
    read_all,
    register,
    register_one,
    restore,
    update,
)

NEEDED = ["by_bearing", "by_reference"]
ALL_INDEXES = sorted([*NEEDED, *OLD_INDEXES])


@pytest.fixture
def squad_and_bert(dynamo: DynamoStore) -> list[Artifact]:
    """The artifacts of a table of format 3."""
    create_format_3_table(dynamo)
    dynamo.ensure()
    artifacts = register(
        dynamo, squad(), new_artifact(MODEL, "bert", by_name(DATASET, "squad"))
    )
    for artifact in artifacts:
        add_old_attributes(dynamo, artifact)
    return artifacts


def read_old_attributes(store: DynamoStore, id_: str) -> list[str]:
    return [name for name in OLD_ATTRIBUTES if name in read_items(store)[id_]]


def test_a_table_of_format_3_is_served_and_not_changed(
    dynamo: DynamoStore, squad_and_bert: list[Artifact]
) -> None:
    before = read_items(dynamo)

    dynamo.ensure()

    assert ids(read_all(dynamo, listing())) == [each.id for each in reversed(squad_and_bert)]
    assert [read(dynamo, each.id) for each in squad_and_bert] == squad_and_bert
    assert list(dynamo.check()) == []
    assert read_items(dynamo) == before
    assert before["meta#schema"] == {**KEY, **FORMAT_3}
    assert index_names(dynamo) == ALL_INDEXES


def test_the_next_write_removes_the_old_attributes(
    dynamo: DynamoStore, squad_and_bert: list[Artifact]
) -> None:
    target, model = squad_and_bert

    update(dynamo, target, license="mit")
    delete(dynamo, model)
    restore(dynamo, model.id)

    for id_ in (target.id, model.id):
        assert read_old_attributes(dynamo, id_) == []
    assert list(dynamo.check()) == []


def test_a_migration_removes_the_indexes_and_leaves_readable_items_alone(
    dynamo: DynamoStore, squad_and_bert: list[Artifact]
) -> None:
    before = read_items(dynamo)

    planned = migrate(dynamo, dry_run=True)
    assert (planned.removed, index_names(dynamo)) == (list(OLD_INDEXES), ALL_INDEXES)
    result = migrate(dynamo)

    assert (result.indexes, result.removed) == ([], list(OLD_INDEXES))
    assert (result.migrated, result.repaired, result.undecided, result.left) == (0, 0, [], 0)
    assert index_names(dynamo) == NEEDED
    assert read_items(dynamo) == {**before, "meta#schema": {**KEY, **CURRENT}}
    assert migrate(dynamo).removed == []
    dynamo.ensure()
    assert len(ids(read_all(dynamo, listing()))) == len(squad_and_bert)
    assert list(dynamo.check()) == []


@pytest.mark.usefixtures("squad_and_bert")
def test_an_early_run_keeps_the_indexes_that_servers_still_use(dynamo: DynamoStore) -> None:
    assert migrate(dynamo, dry_run=True, early=True).removed == ()
    assert migrate(dynamo, early=True).removed == ()

    assert index_names(dynamo) == ALL_INDEXES
    assert read_items(dynamo)["meta#schema"]["min_reader"] == {"N": "3"}
    assert migrate(dynamo).removed == list(OLD_INDEXES)


@pytest.mark.usefixtures("squad_and_bert")
def test_servers_of_format_3_are_kept_away_before_an_index_is_removed(
    dynamo: DynamoStore,
) -> None:
    schemas: list[Item] = []

    def note(**_: object) -> None:
        schemas.append(read_items(dynamo)["meta#schema"])

    with before_send(dynamo, "dynamodb.UpdateTable", note):
        migrate(dynamo)

    assert schemas == [{**KEY, **CURRENT}] * 2


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.usefixtures("squad_and_bert")
def test_a_migration_that_is_killed_at_every_change_can_be_run_again(
    dynamo: DynamoStore, *, after: bool
) -> None:
    kills = 0

    while True:
        try:
            with kill_at_call(dynamo, 1 if after else 2, "UpdateTable", after=after):
                migrate(dynamo)
        except KilledError:
            kills += 1
            while "DELETING" in index_states(dynamo).values():
                pass  # DynamoDB Local takes no transactions meanwhile
        else:
            break

    assert kills == (2 if after else 1)
    assert index_names(dynamo) == NEEDED
    assert read_items(dynamo)["meta#schema"] == {**KEY, **CURRENT}


def test_the_command_says_which_indexes_are_removed(
    moto: DynamoStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    create_format_3_table(moto)
    register_one(moto, squad())
    for name, value in {"STORE": "dynamodb", "DDB_TABLE_NAME": moto.name}.items():
        monkeypatch.setenv(name, value)

    planned = CliRunner().invoke(app, ["migrate", "--dry-run"])
    done = CliRunner().invoke(app, ["migrate"])

    assert "indexes would be removed: by_name, by_creation" in planned.stdout.splitlines()
    assert "indexes removed: by_name, by_creation" in done.stdout.splitlines()
    assert (planned.exit_code, done.exit_code) == (0, 0)


def test_artifacts_with_blank_names_are_listed_after_the_migration(dynamo: DynamoStore) -> None:
    create_format_3_table(dynamo)
    put_artifact(dynamo, DATASET, "1", "  ")
    migrate(dynamo)
    item = {name: each for name, each in read_items(dynamo)["1"].items() if name != "bears"}
    dynamo.client.control.put_item(TableName=dynamo.name, Item=item)

    (found,) = dynamo.check()
    result = migrate(dynamo)

    assert (found.about, found.message) == ("1", "has stale bears")
    assert result.repaired == 1
    assert ids(read_all(dynamo, listing())) == ["1"]


def test_an_index_of_the_same_name_with_another_layout_is_not_removed(
    moto: DynamoStore,
) -> None:
    create_format_3_table(moto)
    control = moto.client.control
    delete_by_name: Any = [{"Delete": {"IndexName": "by_name"}}]
    create_by_name: Any = [{"Create": old_index("by_name", "KEYS_ONLY")}]
    for updates in (delete_by_name, create_by_name):
        control.update_table(
            TableName=moto.name,
            AttributeDefinitions=[{"AttributeName": "name_key", "AttributeType": "S"}],
            GlobalSecondaryIndexUpdates=updates,
        )

    assert migrate(moto).removed == ["by_creation"]
    assert index_names(moto) == ["by_bearing", "by_name", "by_reference"]


@pytest.mark.parametrize("error", ["ResourceInUseException", "LimitExceededException"])
def test_an_index_that_aws_cannot_remove_yet_is_removed_later(
    monkeypatch: pytest.MonkeyPatch, error: str
) -> None:
    monkeypatch.setattr(index_changes, "_POLL_SECONDS", 0.0)
    stub = Stubber(boto3.client("dynamodb", region_name=REGION))

    def describe(state: str | None) -> None:
        index = {"IndexName": "by_name", "IndexStatus": state}
        indexes = [index] if state else []
        stub.add_response("describe_table", {"Table": {"GlobalSecondaryIndexes": indexes}})

    describe("ACTIVE")
    stub.add_client_error("update_table", error)
    describe("ACTIVE")
    stub.add_response("update_table", {})
    describe("DELETING")
    describe("DELETING")
    describe(None)

    with stub:
        delete_index(cast("Any", stub.client), "artifacts", "by_name")

    stub.assert_no_pending_responses()
