"""Only one migration at a time writes to a table, and servers refuse a half-migrated one."""

from functools import partial
from typing import Any

import pytest
from typer.testing import CliRunner

from storage.cli import app
from storage.dynamodb.legacy.migrate import Migration
from storage.dynamodb.schema.table import definition
from storage.dynamodb.store import DynamoStore
from storage.errors import StoreSetupError
from tests.storage.dynamodb.formats.schema_items import (
    CURRENT,
    KEY,
    delete_schema,
    set_schema,
)
from tests.storage.dynamodb.legacy.legacy_backend import (
    create_legacy_table,
    migrate,
    put_artifact,
)
from tests.storage.dynamodb.legacy.legacy_table import read_items
from tests.storage.dynamodb.recorded_calls import before_send
from tests.storage.engines import REGION
from tests.storage.samples import DATASET, squad
from tests.storage.store_calls import find_by_url, register_one


def test_a_newer_format_is_not_migrated(moto: DynamoStore) -> None:
    set_schema(moto, format={"N": "5"}, min_reader={"N": "5"})
    before = read_items(moto)

    with pytest.raises(StoreSetupError, match="newer than format 4 of this version"):
        migrate(moto)

    assert read_items(moto) == before


def test_servers_refuse_a_table_until_its_migration_is_finished(moto: DynamoStore) -> None:
    create_legacy_table(moto)
    put_artifact(moto, DATASET, "1", "squad")

    assert migrate(moto, early=True).migrated == 1
    with pytest.raises(StoreSetupError, match="is being migrated, or its migration was"):
        moto.ensure()

    put_artifact(moto, DATASET, "2", "glue")
    assert migrate(moto).migrated == 1
    moto.ensure()
    artifact = find_by_url(moto, DATASET, "https://example.org/dataset/2")
    assert artifact is not None
    assert artifact.id == "2"


def test_servers_refuse_an_abandoned_table_until_the_next_migration(
    moto: DynamoStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = register_one(moto, squad())
    for name, value in {"STORE": "dynamodb", "DDB_TABLE_NAME": moto.name}.items():
        monkeypatch.setenv(name, value)

    abandoned = CliRunner().invoke(app, ["migrate", "--abandon"])
    again = CliRunner().invoke(app, ["migrate", "--abandon"])

    assert (abandoned.exit_code, again.exit_code) == (0, 1)
    with pytest.raises(StoreSetupError, match="interrupted or abandoned"):
        moto.ensure()
    migrate(moto)
    moto.ensure()
    assert moto.get([target.id]) == {target.id: target}


@pytest.mark.parametrize(
    ("options", "schema"),
    [
        (["--abandon"], {"format": {"N": "5"}}),
        (["--abandon", "--dry-run"], {}),
        (["--abandon", "--early"], {}),
    ],
    ids=["newer format", "dry run", "early"],
)
def test_a_migration_is_not_abandoned_by_mistake(
    moto: DynamoStore,
    monkeypatch: pytest.MonkeyPatch,
    options: list[str],
    schema: dict[str, dict[str, str]],
) -> None:
    set_schema(moto, **schema)
    before = read_items(moto)
    for name, value in {"STORE": "dynamodb", "DDB_TABLE_NAME": moto.name}.items():
        monkeypatch.setenv(name, value)

    assert CliRunner().invoke(app, ["migrate", *options]).exit_code == 2
    assert read_items(moto) == before


def test_a_table_with_the_same_key_and_no_artifact_is_not_migrated(moto: DynamoStore) -> None:
    delete_schema(moto)
    for number in range(3):
        item = {"artifact_id": {"S": f"build-{number}"}, "artifact_type": {"S": "jar"}}
        moto.client.control.put_item(TableName=moto.name, Item=item)
    before = read_items(moto)

    with pytest.raises(StoreSetupError, match="none of its items is an artifact"):
        migrate(moto)
    assert read_items(moto) == before


def test_an_index_with_another_projection_is_refused(moto: DynamoStore) -> None:
    parameters: Any = definition(f"{moto.name}-other")
    parameters["GlobalSecondaryIndexes"][0]["Projection"] = {
        "ProjectionType": "INCLUDE",
        "NonKeyAttributes": ["x"],
    }
    name = parameters["GlobalSecondaryIndexes"][0]["IndexName"]
    moto.client.control.create_table(**parameters)
    other = DynamoStore(f"{moto.name}-other", REGION)

    for refused in (other.ensure, partial(migrate, other)):
        with pytest.raises(StoreSetupError, match=f"the index {name} of the table"):
            refused()
    other.close()


def test_a_migration_continues_after_the_lease_of_a_killed_one_expires(
    moto: DynamoStore,
) -> None:
    create_legacy_table(moto)
    put_artifact(moto, DATASET, "1", "squad")
    lease = {"lease_holder": {"S": "killed"}, "lease_until": {"N": "3"}}
    moto.client.control.put_item(TableName=moto.name, Item={**KEY, **lease})

    assert migrate(moto).migrated == 1
    assert read_items(moto)["meta#schema"] == {**KEY, **CURRENT}


def test_a_migration_fails_while_another_renews_its_lease(
    moto: DynamoStore,
) -> None:
    create_legacy_table(moto)
    put_artifact(moto, DATASET, "1", "squad")
    renewals = iter(range(2_000_000_000, 2_100_000_000))

    def renew(**_: object) -> None:
        lease = {"lease_holder": {"S": "other"}, "lease_until": {"N": str(next(renewals))}}
        moto.client.control.put_item(TableName=moto.name, Item={**KEY, **lease})

    with (
        before_send(moto, "dynamodb.TransactWriteItems", renew),
        pytest.raises(StoreSetupError, match=r"another migration of the table .* is running"),
    ):
        migrate(moto)

    assert "url#dataset#https://example.org/dataset/1" not in read_items(moto)


def test_a_migration_that_waited_for_another_does_nothing_again(moto: DynamoStore) -> None:
    create_legacy_table(moto)
    put_artifact(moto, DATASET, "1", "squad")
    first: list[Migration] = []

    def run_another(**_: object) -> None:
        if not first:
            first.append(Migration())  # its own calls come here, too
            first[0] = migrate(moto)

    with before_send(moto, "dynamodb.TransactWriteItems", run_another):
        second = migrate(moto)

    assert (first[0].indexes, first[0].migrated) == (["by_bearing", "by_reference"], 1)
    assert second == Migration(indexes=[], removed=[], undecided=[], is_finished=True)
    assert list(moto.check()) == []
