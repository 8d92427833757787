"""One migration at a time writes to a table, and none leaves it half migrated and in use."""

import pytest
from typer.testing import CliRunner

from storage.cli import app
from storage.dynamodb.store import DynamoStore
from storage.errors import StoreSetupError
from tests.storage.dynamodb.formats.schema_items import CURRENT, KEY, set_schema
from tests.storage.dynamodb.legacy.legacy_backend import bare_table, migrate, put
from tests.storage.dynamodb.legacy.legacy_table import everything
from tests.storage.dynamodb.recorded_calls import before_send
from tests.storage.samples import DATASET, at_url, register_one, squad


def test_migrate_refuses_a_newer_format(moto: DynamoStore) -> None:
    set_schema(moto, format={"N": "3"}, min_reader={"N": "3"})
    before = everything(moto)

    with pytest.raises(StoreSetupError, match="newer than format 2 of this version"):
        migrate(moto)

    assert everything(moto) == before


def test_a_migration_that_has_not_finished_is_refused(moto: DynamoStore) -> None:
    bare_table(moto)
    put(moto, DATASET, "1", "squad")

    assert migrate(moto, early=True).migrated == 1
    with pytest.raises(StoreSetupError, match="is being migrated, or its migration was"):
        moto.ensure()

    put(moto, DATASET, "2", "glue")
    assert migrate(moto).migrated == 1
    moto.ensure()
    found = at_url(moto, DATASET, "https://example.org/dataset/2")
    assert found is not None
    assert found.id == "2"


def test_a_migration_that_is_abandoned_is_refused_until_the_next(
    moto: DynamoStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = register_one(moto, squad())
    for name, value in {"STORE": "dynamodb", "DDB_TABLE_NAME": moto.name}.items():
        monkeypatch.setenv(name, value)

    abandoned = CliRunner().invoke(app, ["migrate", "--abandon"])
    again = CliRunner().invoke(app, ["migrate", "--abandon"])

    assert (abandoned.exit_code, again.exit_code) == (0, 1)
    with pytest.raises(StoreSetupError, match="has not been migrated"):
        moto.ensure()
    migrate(moto)
    moto.ensure()
    assert moto.get([target.id]) == {target.id: target}


def test_a_migration_waits_for_the_lease_of_one_that_was_killed(moto: DynamoStore) -> None:
    bare_table(moto)
    put(moto, DATASET, "1", "squad")
    lease = {"lease_holder": {"S": "killed"}, "lease_until": {"N": "3"}}
    moto.client.control.put_item(TableName=moto.name, Item={**KEY, **lease})

    assert migrate(moto).migrated == 1
    assert everything(moto)["meta#schema"] == {**KEY, **CURRENT}


def test_a_second_migration_is_refused_while_the_first_renews_its_lease(
    moto: DynamoStore,
) -> None:
    bare_table(moto)
    put(moto, DATASET, "1", "squad")
    renewals = iter(range(2_000_000_000, 2_100_000_000))

    def renew(**_: object) -> None:
        lease = {"lease_holder": {"S": "other"}, "lease_until": {"N": str(next(renewals))}}
        moto.client.control.put_item(TableName=moto.name, Item={**KEY, **lease})

    with (
        before_send(moto, "dynamodb.TransactWriteItems", renew),
        pytest.raises(StoreSetupError, match=r"another migration of the table .* is running"),
    ):
        migrate(moto)

    assert "url#dataset#https://example.org/dataset/1" not in everything(moto)
