"""A table in provisioned mode is migrated: each added index gets a throughput of its own."""

from typing import Any, cast

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber
from typer.testing import CliRunner, Result

from storage.cli import app
from storage.dynamodb.schema import index_changes
from storage.dynamodb.schema.index_changes import add_index
from storage.dynamodb.store import DynamoStore
from tests.docs.blocks import read_text
from tests.storage.dynamodb.legacy.legacy_backend import (
    create_legacy_table,
    migrate,
    put_artifact,
)
from tests.storage.dynamodb.legacy.legacy_table import read_items
from tests.storage.dynamodb.write_units import measure_units
from tests.storage.engines import REGION
from tests.storage.samples import DATASET, MODEL
from tests.storage.store_calls import find_by_url, links

UNITS = {"ReadCapacityUnits": 7, "WriteCapacityUnits": 9}
OTHER_UNITS = ["--index-read-units", "1", "--index-write-units", "30"]
REASON = "per second, because the table is not on demand"
NAMES = ["by_bearing", "by_reference"]


@pytest.fixture(autouse=True)
def legacy_table(dynamo: DynamoStore, monkeypatch: pytest.MonkeyPatch) -> DynamoStore:
    """A table of the earlier backend in provisioned mode, to which the settings refer."""
    monkeypatch.setenv("STORE", "dynamodb")
    monkeypatch.setenv("DDB_TABLE_NAME", dynamo.name)
    monkeypatch.setenv("AWS_REGION", REGION)
    create_legacy_table(dynamo, UNITS)
    put_artifact(dynamo, DATASET, "1", "squad")
    put_artifact(dynamo, MODEL, "2", "bert", dataset_name={"S": "SQuAD"})
    return dynamo


def run(*options: str) -> Result:
    return CliRunner().invoke(app, ["migrate", *options])


def read_index_units(store: DynamoStore) -> dict[str, tuple[int, int]]:
    table: Any = store.client.control.describe_table(TableName=store.name)["Table"]
    throughputs = {
        index["IndexName"]: index["ProvisionedThroughput"]
        for index in table.get("GlobalSecondaryIndexes", [])
    }
    return {
        name: (throughputs[name]["ReadCapacityUnits"], throughputs[name]["WriteCapacityUnits"])
        for name in sorted(throughputs)
    }


def test_indexes_get_the_throughput_of_the_table(legacy_table: DynamoStore) -> None:
    result = run()

    assert result.exit_code == 0, result.stderr
    assert result.stdout.splitlines()[:2] == [
        "indexes added: by_bearing, by_reference",
        f"  each with 7 read units and 9 write units {REASON}",
    ]
    assert read_index_units(legacy_table) == dict.fromkeys(NAMES, (7, 9))
    legacy_table.ensure()
    model = find_by_url(legacy_table, MODEL, "https://example.org/model/2")
    assert model is not None
    assert links(legacy_table, model) == ["1"]


def test_indexes_get_the_throughput_that_is_asked_for(legacy_table: DynamoStore) -> None:
    assert run(*OTHER_UNITS).exit_code == 0

    assert read_index_units(legacy_table) == dict.fromkeys(NAMES, (1, 30))


def test_a_dry_run_says_which_throughput_the_indexes_would_get(
    legacy_table: DynamoStore,
) -> None:
    before = read_items(legacy_table)

    result = run("--dry-run", "--index-write-units", "1")

    assert (result.exit_code, result.stdout.splitlines()[:2]) == (
        0,
        [
            "indexes would be added: by_bearing, by_reference",
            f"  each with 7 read units and 1 write unit {REASON}",
        ],
    )
    assert (read_items(legacy_table), read_index_units(legacy_table)) == (before, {})


def test_the_write_units_of_a_migration_are_documented(moto: DynamoStore) -> None:
    create_legacy_table(moto)
    put_artifact(moto, MODEL, "2", "bert", dataset_name={"S": "x"}, code_name={"S": "y"})

    with measure_units(moto) as units:
        migrate(moto)

    of_the_lease = 2 + 2
    assert units == {"items": of_the_lease + 6 + 2 * 2, "by_bearing": 1, "by_reference": 2}
    text = read_text("docs/migrating.md")
    assert "takes 6 write units of the table and 2 more for each reference" in text
    assert "1 of `by_bearing`, and 1 of `by_reference` for each reference" in text


def test_a_migrated_table_needs_no_more_throughput(legacy_table: DynamoStore) -> None:
    assert run().exit_code == 0

    again = run(*OTHER_UNITS)

    assert (again.exit_code, again.stdout.splitlines()[:2]) == (
        0,
        ["indexes added: none", "indexes removed: none"],
    )
    assert read_index_units(legacy_table) == dict.fromkeys(NAMES, (7, 9))


@pytest.mark.parametrize("options", [[], ["--dry-run"], ["--early"]])
def test_throughput_for_a_table_that_is_on_demand_is_refused(
    legacy_table: DynamoStore, options: list[str]
) -> None:
    create_legacy_table(legacy_table)

    result = run(*options, "--index-read-units", "5")

    assert result.exit_code == 2
    assert f"the table {legacy_table.name} is on demand, and so are its" in result.stderr
    assert read_index_units(legacy_table) == {}


def test_throughput_has_no_meaning_for_an_abandoned_migration() -> None:
    result = run("--abandon", "--index-read-units", "5")

    assert result.exit_code == 2
    assert "--abandon cannot be combined with other options" in result.stderr


def test_an_index_that_a_limit_of_the_account_forbids_is_an_error_after_minutes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(index_changes, "_POLL_SECONDS", 0.0)
    monkeypatch.setattr(index_changes, "_REFUSED_SECONDS", 0.0)
    stub = Stubber(boto3.client("dynamodb", region_name=REGION))
    keys = {
        "KeySchema": [{"AttributeName": "artifact_id", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "artifact_id", "AttributeType": "S"}],
    }

    def refuse(other_index: str) -> None:
        key = [{"AttributeName": "other", "KeyType": "HASH"}]
        index = {"IndexName": "other", "IndexStatus": other_index, "KeySchema": key}
        table = {"Table": {**keys, "GlobalSecondaryIndexes": [index]}}
        stub.add_response("describe_table", table)
        stub.add_client_error("update_table", "LimitExceededException", "Too many units.")
        if other_index != "ACTIVE":
            stub.add_response("describe_table", table)

    refuse("CREATING")
    refuse("ACTIVE")

    with stub, pytest.raises(ClientError, match=r"Too many units\."):
        add_index(cast("Any", stub.client), "artifacts", "by_bearing")

    stub.assert_no_pending_responses()
