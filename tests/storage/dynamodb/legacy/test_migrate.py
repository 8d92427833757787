"""A migration converts a table of the earlier backend in place, and can be repeated."""

import pytest

from storage.artifacts.records import ArtifactType
from storage.artifacts.writes import OnConflict, WriteError, WriteErrorCode
from storage.dynamodb.store import DynamoStore
from storage.errors import StoreSetupError
from tests.storage.dynamodb.legacy.legacy_backend import (
    create_legacy_table,
    migrate,
    put_artifact,
)
from tests.storage.dynamodb.legacy.legacy_table import read_items
from tests.storage.dynamodb.recorded_calls import action_counts, before_send, record_calls
from tests.storage.samples import (
    CODE,
    DATASET,
    MODEL,
    by_id,
    by_name,
    by_url,
    ids,
    new_artifact,
)
from tests.storage.store_calls import find_target, read, read_reverse_links, register, update

INDEXES = ["by_bearing", "by_reference"]
TAKEN = "https://example.org/dataset/taken"


@pytest.fixture
def legacy_table(dynamo: DynamoStore) -> DynamoStore:
    """A table of the earlier backend with duplicate urls, blank names and dangling links."""
    create_legacy_table(dynamo)
    put_artifact(dynamo, DATASET, "1", "Squad", url=TAKEN)
    put_artifact(dynamo, DATASET, "2", "squad", url=TAKEN)
    put_artifact(dynamo, DATASET, "10", "  ")
    put_artifact(dynamo, CODE, "3", "Trainer")
    put_artifact(dynamo, MODEL, "4", "bert", dataset_name={"S": "SQUAD"}, code_id={"S": "3"})
    put_artifact(dynamo, MODEL, "5", "gpt", dataset_id={"S": "nobody"}, mine={"S": "kept"})
    return dynamo


def test_a_table_cannot_be_used_before_its_migration(legacy_table: DynamoStore) -> None:
    with pytest.raises(StoreSetupError, match="python -m storage migrate"):
        legacy_table.ensure()


def test_artifacts_are_migrated_with_their_links(legacy_table: DynamoStore) -> None:
    result = migrate(legacy_table)

    assert (list(result.indexes), result.migrated, result.repaired) == (INDEXES, 6, 0)
    legacy_table.ensure()
    targets = by_name(DATASET, "squad").target, by_id(CODE, "3").target
    found = [find_target(legacy_table, target) for target in targets]
    assert [artifact and artifact.id for artifact in found] == ["1", "3"]
    assert read_reverse_links(legacy_table, read(legacy_table, "1")) == ["4"]
    assert read_items(legacy_table)["5"]["mine"] == {"S": "kept"}


def test_the_oldest_of_duplicates_owns_the_url_and_none_is_deleted(
    legacy_table: DynamoStore,
) -> None:
    result = migrate(legacy_table)

    url = by_url(DATASET, TAKEN).target
    assert find_target(legacy_table, url) == read(legacy_table, "1")
    assert read(legacy_table, "2").url == TAKEN
    (undecided,) = result.undecided
    assert undecided.message == "is the url of 2 artifacts: 1, 2"
    assert list(legacy_table.check()) == [undecided]


def test_a_second_run_changes_nothing(legacy_table: DynamoStore) -> None:
    first = migrate(legacy_table)
    before = read_items(legacy_table)

    second = migrate(legacy_table)

    assert (list(second.indexes), second.migrated, second.repaired) == ([], 0, 0)
    assert second.undecided == first.undecided
    assert read_items(legacy_table) == before


def test_a_dry_run_changes_nothing(legacy_table: DynamoStore) -> None:
    before = read_items(legacy_table)

    result = migrate(legacy_table, dry_run=True)

    assert (list(result.indexes), result.migrated) == (INDEXES, 6)
    assert read_items(legacy_table) == before
    with pytest.raises(StoreSetupError):
        legacy_table.ensure()


def test_a_second_run_migrates_later_writes_of_the_earlier_backend(
    legacy_table: DynamoStore,
) -> None:
    migrate(legacy_table)
    put_artifact(legacy_table, MODEL, "4", "bert 2", dataset_name={"S": "wikipedia"})
    put_artifact(legacy_table, DATASET, "6", "Wikipedia")
    legacy_table.client.control.delete_item(
        TableName=legacy_table.name, Key={"artifact_id": {"S": "3"}}
    )

    result = migrate(legacy_table)

    old, new = by_name(MODEL, "bert").target, by_name(MODEL, "bert 2").target
    assert legacy_table.resolve([old, new]) == {new: read(legacy_table, "4")}
    assert result.migrated == 2
    assert read_reverse_links(legacy_table, read(legacy_table, "6")) == ["4"]
    assert [inconsistency.message for inconsistency in legacy_table.check()] == [
        "is the url of 2 artifacts: 1, 2"
    ]


def test_attributes_that_another_program_writes_meanwhile_are_kept(
    dynamo: DynamoStore,
) -> None:
    create_legacy_table(dynamo)
    put_artifact(dynamo, MODEL, "4", "bert", dataset_name={"S": "squad"})
    numbers = iter(range(9))

    def write_attribute(**_: object) -> None:
        dynamo.client.control.update_item(
            TableName=dynamo.name,
            Key={"artifact_id": {"S": "4"}},
            UpdateExpression="SET other_program = :n",
            ExpressionAttributeValues={":n": {"N": str(next(numbers))}},
        )

    with before_send(dynamo, "dynamodb.TransactWriteItems", write_attribute):
        migrate(dynamo)
        # There are three transactions: for the lease, the artifact and the schema item.
        assert read_items(dynamo)["4"]["other_program"] == {"N": "2"}
        update(dynamo, read(dynamo, "4"), datasets=())

    assert int(read_items(dynamo)["4"]["other_program"]["N"]) > 2
    assert "dataset_name" not in read_items(dynamo)["4"]
    assert list(dynamo.check()) == []


def test_an_unreadable_artifact_keeps_its_url_name_and_references(moto: DynamoStore) -> None:
    squad, model = register(
        moto,
        new_artifact(DATASET, "squad", url=TAKEN),
        new_artifact(MODEL, "bert", by_name(DATASET, "squad")),
    )
    put_artifact(moto, DATASET, "7", "Squad", url=TAKEN)
    for id_ in (squad.id, model.id):
        broken = {**read_items(moto)[id_], "artifact": {"S": "?"}}
        moto.client.control.put_item(TableName=moto.name, Item=broken)
    before = read_items(moto)

    result = migrate(moto)

    assert (result.migrated, result.repaired, result.left) == (1, 0, 0)
    assert [inconsistency.about for inconsistency in result.undecided] == [squad.id, model.id]
    after = read_items(moto)
    assert after.keys() == before.keys()
    assert after[f"url#dataset#{TAKEN}"] == before[f"url#dataset#{TAKEN}"]
    name = after["name#dataset#squad"]
    assert name["owner"] == before["name#dataset#squad"]["owner"]
    assert f"{name['last_since']['S']}#7" == after["7"]["named_key"]["S"]


def test_large_artifacts_are_migrated_in_a_transaction_each(
    moto: DynamoStore,
) -> None:
    create_legacy_table(moto)
    for at in range(12):
        put_artifact(moto, CODE, str(at), f"code {at}", other_program={"S": "x" * 380_000})

    with record_calls(moto) as calls:
        result = migrate(moto)

    assert (result.migrated, result.left) == (12, 0)
    assert max(action_counts(calls)) == 3  # an artifact, its url and its name: at most 4 MB


def test_the_url_of_a_migrated_artifact_cannot_be_registered_again(
    legacy_table: DynamoStore,
) -> None:
    migrate(legacy_table)

    (outcome,) = legacy_table.register(
        [new_artifact(DATASET, "another", url=TAKEN)], OnConflict.REJECT
    )

    assert isinstance(outcome, WriteError)
    assert outcome.code is WriteErrorCode.ALREADY_EXISTS
    assert outcome.artifact == legacy_table.get(["1"])["1"]


def test_every_artifact_is_scanned_after_the_migration(legacy_table: DynamoStore) -> None:
    migrate(legacy_table)

    artifacts = list(legacy_table.scan())
    assert sorted(ids(artifacts)) == ["1", "10", "2", "3", "4", "5"]
    assert {artifact.type for artifact in artifacts} == set(ArtifactType)
