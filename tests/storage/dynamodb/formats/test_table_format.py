"""A server uses a table only while their formats agree, at the start and while it runs."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from typer.testing import CliRunner

from storage.artifacts.records import ArtifactPatch, OnConflict
from storage.cli import app
from storage.dynamodb.store import DynamoStore
from storage.errors import StoreRefusedError, StoreSetupError, StoreUnavailableError
from tests.storage.dynamodb.formats.schema_items import CURRENT, KEY, delete_schema, set_schema
from tests.storage.dynamodb.legacy.legacy_backend import migrate, put
from tests.storage.dynamodb.legacy.legacy_table import everything
from tests.storage.dynamodb.recorded_calls import before_send, operations, recorded
from tests.storage.engines import REGION
from tests.storage.samples import DATASET, at_url, draft, register_one, squad


class Clock:
    """A clock that tests advance."""

    def __init__(self) -> None:
        self.seconds = 1_000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def server(dynamo: DynamoStore, clock: Clock) -> Iterator[DynamoStore]:
    """A server on a table of the present format."""
    store = DynamoStore(dynamo.name, REGION, clock)
    store.ensure()
    yield store
    store.close()


def test_an_empty_table_becomes_a_new_registry(dynamo: DynamoStore) -> None:
    delete_schema(dynamo)

    dynamo.ensure()

    assert everything(dynamo) == {"meta#schema": {**KEY, **CURRENT}}
    register_one(dynamo, squad())


def test_a_table_with_items_but_no_format_is_refused_and_left_alone(
    dynamo: DynamoStore,
) -> None:
    target = register_one(dynamo, squad())
    delete_schema(dynamo)
    before = everything(dynamo)

    with pytest.raises(StoreSetupError, match=r"has not been migrated.*storage migrate"):
        dynamo.ensure()

    assert everything(dynamo) == before
    migrate(dynamo)
    dynamo.ensure()
    assert at_url(dynamo, DATASET, target.url) == target


@pytest.mark.parametrize(
    "command", [["export", "-"], ["check"], ["check", "--repair"], ["import", "-"], ["create"]]
)
def test_every_command_refuses_a_table_that_is_not_migrated(
    moto: DynamoStore, monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    delete_schema(moto)
    put(moto, DATASET, "1", "squad")
    before = everything(moto)
    for name, value in {"STORE": "dynamodb", "DDB_TABLE_NAME": moto.name}.items():
        monkeypatch.setenv(name, value)

    result = CliRunner().invoke(app, command, input="")

    assert (result.exit_code, result.stdout) == (2, "")
    assert f"the table {moto.name} has items and no schema item" in result.stderr
    assert everything(moto) == before


def test_a_table_with_other_keys_is_refused_by_name_and_left_alone(moto: DynamoStore) -> None:
    moto.client.control.delete_table(TableName=moto.name)
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
    uses: list[Callable[[], object]] = [
        moto.ensure,
        moto.create,
        lambda: migrate(moto),
        lambda: migrate(moto, dry_run=True),
    ]

    for use in uses:
        with pytest.raises(StoreSetupError) as error:
            use()
        assert str(error.value) == (
            f"DDB_TABLE_NAME: the table {moto.name} is not a registry's: its key is "
            "pk (HASH, S), sk (RANGE, N), not artifact_id (HASH, S); nothing was changed"
        )

    assert moto.client.control.describe_table(TableName=moto.name)["Table"] == before


@pytest.mark.parametrize(
    ("schema", "problem"),
    [
        ({"format": {"N": "3"}, "min_reader": {"N": "3"}}, "has format 3, written by a newer"),
        ({"format": {"S": "two"}}, "is not a registry's schema item"),
        ({"min_reader": {"L": []}}, "is not a registry's schema item"),
        ({"format": {"N": "1"}}, "has format 1; run `python -m storage migrate`"),
    ],
)
def test_a_format_that_this_version_cannot_read_is_refused_at_the_start(
    moto: DynamoStore, schema: dict[str, Any], problem: str
) -> None:
    set_schema(moto, **schema)

    with pytest.raises(StoreSetupError, match=problem):
        moto.ensure()


def test_a_newer_format_that_allows_this_version_is_served(server: DynamoStore) -> None:
    set_schema(server, format={"N": "3"})

    server.ensure()

    target = register_one(server, squad())
    assert at_url(server, DATASET, target.url) == target


def test_a_server_that_is_fenced_refuses_writes_within_20_seconds_and_goes_on_reading(
    server: DynamoStore, clock: Clock
) -> None:
    target = register_one(server, squad())
    set_schema(server, min_writer={"N": "3"})
    before = everything(server)

    clock.seconds += 20
    writes: list[Callable[[], object]] = [
        lambda: server.register([draft(DATASET, "glue")], OnConflict.REJECT),
        lambda: server.update(target.id, DATASET, ArtifactPatch(license="mit")),
        lambda: server.delete(target.id, None),
        lambda: list(server.reset()),
    ]
    for write in writes:
        with pytest.raises(StoreRefusedError, match="from servers of format 3 on"):
            write()

    assert everything(server) == before
    assert server.get([target.id]) == {target.id: target}
    set_schema(server)
    clock.seconds += 20
    assert server.delete(target.id, None) == target


@pytest.mark.parametrize("spoil", [delete_schema, lambda s: set_schema(s, format={"S": "x"})])
def test_a_schema_item_that_is_gone_or_spoilt_stops_writes(
    server: DynamoStore, clock: Clock, spoil: Callable[[DynamoStore], None]
) -> None:
    spoil(server)

    clock.seconds += 20

    with pytest.raises(StoreRefusedError, match="schema item"):
        server.register([squad()], OnConflict.REJECT)


def test_the_schema_item_is_read_again_every_20_seconds_and_not_for_every_write(
    server: DynamoStore, clock: Clock
) -> None:
    register_one(server, squad())
    with recorded(server) as fresh:
        register_one(server, draft(DATASET, "glue"))
    clock.seconds += 20
    with recorded(server) as stale:
        register_one(server, draft(DATASET, "mnist"))

    assert operations(stale) == ["BatchGetItem", *operations(fresh)]


def test_without_a_reading_for_60_seconds_writes_are_refused(
    server: DynamoStore, clock: Clock
) -> None:
    def fail(**_: object) -> None:
        raise ConnectionError

    with before_send(server, "dynamodb.BatchGetItem", fail):
        clock.seconds += 60
        with recorded(server) as made, pytest.raises(StoreUnavailableError):
            server.update("1", None, ArtifactPatch(license="mit"))

    assert "TransactWriteItems" not in operations(made)
