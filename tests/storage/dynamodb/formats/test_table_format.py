"""Servers and commands use only tables of a compatible format, also after they started."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from typer.testing import CliRunner

from storage.artifacts.writes import ArtifactPatch, Deleted, OnConflict
from storage.cli import app
from storage.dynamodb.store import DynamoStore
from storage.errors import StoreRefusedError, StoreSetupError, StoreUnavailableError
from tests.storage.dynamodb.formats.schema_items import (
    CURRENT,
    KEY,
    delete_schema,
    empty_table,
    set_schema,
)
from tests.storage.dynamodb.legacy.legacy_backend import migrate, put_artifact
from tests.storage.dynamodb.legacy.legacy_table import read_items
from tests.storage.dynamodb.recorded_calls import before_send, operations, record_calls
from tests.storage.engines import REGION
from tests.storage.samples import DATASET, new_artifact, squad
from tests.storage.store_calls import find_by_url, register_one
from tests.storage.tables import delete_table


class Clock:
    """A clock whose time tests set."""

    def __init__(self) -> None:
        self.seconds = 1_000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def server(dynamo: DynamoStore, clock: Clock) -> Iterator[DynamoStore]:
    """The store of a server that has started on a table of the current format."""
    store = DynamoStore(dynamo.name, REGION, monotonic=clock)
    store.ensure()
    yield store
    store.close()


def test_an_empty_table_becomes_a_new_registry(dynamo: DynamoStore) -> None:
    empty_table(dynamo)

    dynamo.ensure()

    assert read_items(dynamo) == {"meta#schema": {**KEY, **CURRENT}}
    register_one(dynamo, squad())


def test_a_table_with_items_but_no_schema_item_is_refused_and_not_changed(
    dynamo: DynamoStore,
) -> None:
    target = register_one(dynamo, squad())
    delete_schema(dynamo)
    before = read_items(dynamo)

    with pytest.raises(StoreSetupError, match=r"has not been migrated.*storage migrate"):
        dynamo.ensure()

    assert read_items(dynamo) == before
    migrate(dynamo)
    dynamo.ensure()
    assert find_by_url(dynamo, DATASET, target.url) == target


@pytest.mark.parametrize(
    "command", [["export", "-"], ["check"], ["check", "--repair"], ["import", "-"], ["create"]]
)
def test_commands_refuse_a_table_that_has_not_been_migrated(
    moto: DynamoStore, monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    delete_schema(moto)
    put_artifact(moto, DATASET, "1", "squad")
    before = read_items(moto)
    for name, value in {"STORE": "dynamodb", "DDB_TABLE_NAME": moto.name}.items():
        monkeypatch.setenv(name, value)

    result = CliRunner().invoke(app, command, input="")

    assert (result.exit_code, result.stdout) == (2, "")
    assert f"the table {moto.name} has items and no schema item" in result.stderr
    assert read_items(moto) == before


def test_a_table_with_another_primary_key_is_refused_and_not_changed(moto: DynamoStore) -> None:
    delete_table(moto.client.control, moto.name)
    moto.client.control.create_table(
        TableName=moto.name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[
            {"AttributeName": "pk", "AttributeType": "S"},
            {"AttributeName": "sk", "AttributeType": "N"},
        ],
        KeySchema=[
            {"AttributeName": "pk", "KeyType": "HASH"},
            {"AttributeName": "sk", "KeyType": "RANGE"},
        ],
    )
    before = moto.client.control.describe_table(TableName=moto.name)["Table"]
    calls: list[Callable[[], object]] = [
        moto.ensure,
        moto.create,
        lambda: migrate(moto),
        lambda: migrate(moto, dry_run=True),
    ]

    for call in calls:
        with pytest.raises(StoreSetupError) as error:
            call()
        assert str(error.value) == (
            f"DDB_TABLE_NAME: the table {moto.name} is not a registry's: its key is "
            "pk (HASH, S), sk (RANGE, N), not artifact_id (HASH, S); nothing was changed"
        )

    assert moto.client.control.describe_table(TableName=moto.name)["Table"] == before


@pytest.mark.parametrize(
    ("schema", "problem"),
    [
        ({"format": {"N": "5"}, "min_reader": {"N": "5"}}, "has format 5, written by a newer"),
        ({"format": {"S": "two"}}, "is not a registry's schema item"),
        ({"min_reader": {"L": []}}, "is not a registry's schema item"),
        ({"format": {"N": "2"}}, "has format 2; run `python -m storage migrate`"),
        ({"epoch": {"S": "x"}}, "is not a registry's schema item"),
    ],
)
def test_a_server_refuses_to_start_on_an_incompatible_format(
    moto: DynamoStore, schema: dict[str, Any], problem: str
) -> None:
    set_schema(moto, **schema)

    with pytest.raises(StoreSetupError, match=problem):
        moto.ensure()


def test_a_newer_format_that_allows_this_version_can_be_used(server: DynamoStore) -> None:
    set_schema(server, format={"N": "5"})

    server.ensure()

    target = register_one(server, squad())
    assert find_by_url(server, DATASET, target.url) == target


def test_a_higher_min_writer_stops_writes_but_not_reads_within_20_seconds(
    server: DynamoStore, clock: Clock
) -> None:
    target = register_one(server, squad())
    set_schema(server, min_writer={"N": "5"})
    before = read_items(server)

    clock.seconds += 20
    writes: list[Callable[[], object]] = [
        lambda: server.register([new_artifact(DATASET, "glue")], OnConflict.REJECT),
        lambda: server.update(target.id, DATASET, ArtifactPatch(license="mit")),
        lambda: server.delete(target.id, None),
        lambda: list(server.reset()),
    ]
    for write in writes:
        with pytest.raises(StoreRefusedError, match="from servers of format 5 on"):
            write()

    assert read_items(server) == before
    assert server.get([target.id]) == {target.id: target}
    set_schema(server)
    clock.seconds += 20
    assert server.delete(target.id, None) == Deleted(id=target.id, artifact=target)


@pytest.mark.parametrize(
    "damage", [delete_schema, lambda store: set_schema(store, format={"S": "x"})]
)
def test_a_missing_or_damaged_schema_item_stops_writes(
    server: DynamoStore, clock: Clock, damage: Callable[[DynamoStore], None]
) -> None:
    damage(server)

    clock.seconds += 20

    with pytest.raises(StoreRefusedError, match="schema item"):
        server.register([squad()], OnConflict.REJECT)


def test_the_schema_item_is_read_again_only_after_20_seconds(
    server: DynamoStore, clock: Clock
) -> None:
    register_one(server, squad())
    with record_calls(server) as fresh:
        register_one(server, new_artifact(DATASET, "glue"))
    clock.seconds += 20
    with record_calls(server) as stale:
        register_one(server, new_artifact(DATASET, "mnist"))

    assert operations(stale) == ["BatchGetItem", *operations(fresh)]


def test_writes_fail_when_the_schema_item_could_not_be_read_for_60_seconds(
    server: DynamoStore, clock: Clock
) -> None:
    def fail(**_: object) -> None:
        raise ConnectionError

    with before_send(server, "dynamodb.BatchGetItem", fail):
        clock.seconds += 60
        with record_calls(server) as calls, pytest.raises(StoreUnavailableError):
            server.update("1", None, ArtifactPatch(license="mit"))

    assert "TransactWriteItems" not in operations(calls)
