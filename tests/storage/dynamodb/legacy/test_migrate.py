"""The earlier backend's table becomes ours, in place, as often as it is asked to."""

from typing import Any

import pytest

from storage.artifacts.records import ArtifactType, OnConflict, WriteError, WriteErrorCode
from storage.dynamodb.store import DynamoStore
from storage.errors import StoreSetupError
from storage.store import ReverseLinkQuery
from tests.storage.dynamodb.legacy.legacy_backend import bare_table, migrate, put
from tests.storage.dynamodb.recorded_calls import actions, before_send, recorded
from tests.storage.samples import (
    CODE,
    DATASET,
    MODEL,
    by_id,
    by_name,
    by_url,
    draft,
    register,
    update,
)

INDEXES = ["by_name", "by_creation", "by_bearing", "by_reference"]
TAKEN = "https://example.org/dataset/taken"


@pytest.fixture
def earlier(dynamo: DynamoStore) -> DynamoStore:
    """A table as the earlier backend left it: duplicates, blank names, dangling links."""
    bare_table(dynamo)
    put(dynamo, DATASET, "1", "Squad", url=TAKEN)
    put(dynamo, DATASET, "2", "squad", url=TAKEN)
    put(dynamo, DATASET, "10", "  ")
    put(dynamo, CODE, "3", "Trainer")
    put(dynamo, MODEL, "4", "bert", dataset_name={"S": "SQUAD"}, code_id={"S": "3"})
    put(dynamo, MODEL, "5", "gpt", dataset_id={"S": "nobody"}, mine={"S": "kept"})
    return dynamo


def items(store: DynamoStore) -> dict[str, Any]:
    return {item["artifact_id"]["S"]: item for item in store.client.scan()}


def test_a_table_without_indexes_cannot_be_used_before(earlier: DynamoStore) -> None:
    with pytest.raises(StoreSetupError, match="python -m storage migrate"):
        earlier.ensure()


def test_artifacts_are_taken_in_with_their_links(earlier: DynamoStore) -> None:
    done = migrate(earlier)

    assert (list(done.indexes), done.migrated, done.repaired) == (INDEXES, 6, 0)
    earlier.ensure()
    names = by_name(DATASET, "squad").target, by_id(CODE, "3").target
    found = earlier.resolve(names)
    assert [found[target].id for target in names] == ["1", "3"]
    (page,) = earlier.read_reverse_links([ReverseLinkQuery(found[names[0]], 10)])
    assert [entry.artifact.id for entry in page.entries] == ["4"]
    assert items(earlier)["5"]["mine"] == {"S": "kept"}


def test_of_duplicates_the_oldest_keeps_the_url_and_none_is_deleted(
    earlier: DynamoStore,
) -> None:
    done = migrate(earlier)

    url = by_url(DATASET, TAKEN).target
    assert earlier.resolve([url])[url].id == "1"
    assert earlier.get(["2"])["2"].url == TAKEN
    (undecided,) = done.undecided
    assert undecided.message == "is the url of 2 artifacts: 1, 2"
    assert list(earlier.check()) == [undecided]


def test_a_second_run_changes_nothing(earlier: DynamoStore) -> None:
    first = migrate(earlier)
    before = items(earlier)

    second = migrate(earlier)

    assert (list(second.indexes), second.migrated, second.repaired) == ([], 0, 0)
    assert second.undecided == first.undecided
    assert items(earlier) == before


def test_a_dry_run_only_tells(earlier: DynamoStore) -> None:
    before = items(earlier)

    told = migrate(earlier, dry_run=True)

    assert (list(told.indexes), told.migrated) == (INDEXES, 6)
    assert items(earlier) == before
    with pytest.raises(StoreSetupError):
        earlier.ensure()


def test_another_run_catches_up_with_what_the_earlier_backend_went_on_writing(
    earlier: DynamoStore,
) -> None:
    migrate(earlier)
    put(earlier, MODEL, "4", "bert 2", dataset_name={"S": "wikipedia"})
    put(earlier, DATASET, "6", "Wikipedia")
    earlier.client.control.delete_item(TableName=earlier.name, Key={"artifact_id": {"S": "3"}})

    done = migrate(earlier)

    names = by_name(MODEL, "bert").target, by_name(MODEL, "bert 2").target
    found = earlier.resolve(names)
    assert [found[t].id if t in found else None for t in names] == [None, "4"]
    assert done.migrated == 2
    wikipedia = earlier.get(["6"])["6"]
    (page,) = earlier.read_reverse_links([ReverseLinkQuery(wikipedia, 10)])
    assert [entry.artifact.id for entry in page.entries] == ["4"]
    assert [violation.message for violation in earlier.check()] == [
        "is the url of 2 artifacts: 1, 2"
    ]


def test_what_another_program_keeps_beside_an_artifact_meanwhile_stays(
    dynamo: DynamoStore,
) -> None:
    bare_table(dynamo)
    put(dynamo, MODEL, "4", "bert", dataset_name={"S": "squad"})
    wanted = iter(range(9))

    def keep(**_: object) -> None:
        dynamo.client.control.update_item(
            TableName=dynamo.name,
            Key={"artifact_id": {"S": "4"}},
            UpdateExpression="SET kept = :n",
            ExpressionAttributeValues={":n": {"N": str(next(wanted))}},
        )

    with before_send(dynamo, "dynamodb.TransactWriteItems", keep):
        migrate(dynamo)
        assert items(dynamo)["4"]["kept"] == {"N": "2"}  # lease, artifact, schema item
        update(dynamo, dynamo.get(["4"])["4"], datasets=())

    assert items(dynamo)["4"]["kept"] == {"N": "3"}
    assert "dataset_name" not in items(dynamo)["4"]
    assert list(dynamo.check()) == []


def test_what_an_artifact_that_cannot_be_read_owns_stays_its_own(moto: DynamoStore) -> None:
    squad, model = register(
        moto,
        draft(DATASET, "squad", url=TAKEN),
        draft(MODEL, "bert", by_name(DATASET, "squad")),
    )
    put(moto, DATASET, "7", "Squad", url=TAKEN)
    for id_ in (squad.id, model.id):
        broken = {**items(moto)[id_], "artifact": {"S": "?"}}
        moto.client.control.put_item(TableName=moto.name, Item=broken)
    before = items(moto)

    done = migrate(moto)

    assert (done.migrated, done.repaired, done.left) == (1, 0, 0)
    assert [told.about for told in done.undecided] == [squad.id, model.id]
    after = items(moto)
    assert after.keys() == before.keys()
    assert after[f"url#dataset#{TAKEN}"] == before[f"url#dataset#{TAKEN}"]
    assert after["name#dataset#squad"]["bearers"] == {"N": "2"}


def test_what_others_keep_beside_artifacts_may_be_more_than_a_transaction_holds(
    moto: DynamoStore,
) -> None:
    bare_table(moto)
    for at in range(12):
        put(moto, CODE, str(at), f"code {at}", kept={"S": "x" * 380_000})

    with recorded(moto) as made:
        done = migrate(moto)

    assert (done.migrated, done.left) == (12, 0)
    assert max(actions(made)) == 3  # one with its url and its name: DynamoDB takes 4 MB


def test_urls_that_were_taken_in_are_taken(earlier: DynamoStore) -> None:
    migrate(earlier)

    (outcome,) = earlier.register([draft(DATASET, "another", url=TAKEN)], OnConflict.REJECT)

    assert isinstance(outcome, WriteError)
    assert outcome.code is WriteErrorCode.ALREADY_EXISTS
    assert outcome.artifact == earlier.get(["1"])["1"]


def test_every_artifact_is_listed_afterwards(earlier: DynamoStore) -> None:
    migrate(earlier)

    assert sorted(artifact.id for artifact in earlier.scan()) == ["1", "10", "2", "3", "4", "5"]
    assert {a.type for a in earlier.scan()} == set(ArtifactType)
