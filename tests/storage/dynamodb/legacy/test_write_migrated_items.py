"""Updates and deletions of migrated artifacts work as those of registered ones."""

from typing import Any

import pytest

from storage.artifacts.rating import decode_rating
from storage.artifacts.writes import ArtifactPatch, Deleted, OnConflict, WriteErrorCode, Written
from storage.dynamodb.store import DynamoStore
from tests.storage.dynamodb.legacy.legacy_backend import (
    map_value,
    migrate,
    put_artifact,
    string_value,
)
from tests.storage.dynamodb.legacy.legacy_table import read_items
from tests.storage.samples import DATASET, MODEL, listing, new_artifact, rating, scores, squad
from tests.storage.store_calls import (
    expect_error,
    find_by_name,
    find_by_url,
    links,
    read,
    read_all,
    read_reverse_links,
    register_one,
    update,
)


def test_a_blank_name_has_no_owner_even_if_its_artifact_cannot_be_read(
    dynamo: DynamoStore,
) -> None:
    put_artifact(dynamo, DATASET, "1", " ")
    put_artifact(dynamo, DATASET, "2", "")
    migrate(dynamo)
    broken = {**read_items(dynamo)["1"], "artifact": string_value("?")}
    dynamo.client.control.put_item(TableName=dynamo.name, Item=broken)

    found = list(dynamo.check())
    deleted = dynamo.delete("1", None)

    assert [(each.about, each.message) for each in found] == [
        ("1", "is not a readable artifact")
    ]
    assert isinstance(deleted, Deleted)
    assert [key for key in read_items(dynamo) if key.startswith("name#")] == []


@pytest.mark.parametrize(
    "change",
    [
        {"license": "mit"},
        {"rating": rating(0.75)},
        {"name": "roberta"},
        {"url": "https://n.org/x"},
    ],
    ids=["license", "rating", "name", "url"],
)
def test_a_migrated_artifact_can_be_updated(
    dynamo: DynamoStore, change: dict[str, Any]
) -> None:
    target = register_one(dynamo, squad())
    put_artifact(
        dynamo,
        MODEL,
        "7",
        "bert",
        url="https://example.org/model/bert",
        dataset_name=string_value("squad"),
        rating=map_value(scores(0.25)),
        unknown={"L": [{"N": "1"}]},
    )
    migrate(dynamo)
    before = read(dynamo, "7")

    after = update(dynamo, before, **change)

    assert (after.version, after.references) == (2, before.references)
    assert read(dynamo, "7") == after
    assert dynamo.client.get_items(["7"])["7"]["unknown"] == {"L": [{"N": "1"}]}
    if "rating" not in change:
        assert after.rating is not None
        assert decode_rating(after.rating.text).net_score == 0.25
    assert find_by_name(dynamo, MODEL, after.name) == after
    assert find_by_url(dynamo, MODEL, after.url) == after
    assert links(dynamo, after) == [target.id]
    assert read_reverse_links(dynamo, target) == ["7"]
    assert read_all(dynamo, listing(MODEL)) == [after]
    (outcome,) = dynamo.register([new_artifact(MODEL, "two", url=after.url)], OnConflict.REJECT)
    assert expect_error(outcome, WriteErrorCode.ALREADY_EXISTS).artifact == after
    assert list(dynamo.check()) == []


def test_deleting_a_migrated_artifact_leaves_none_of_its_items(dynamo: DynamoStore) -> None:
    put_artifact(dynamo, MODEL, "7", "bert", dataset_id=string_value("9"))
    migrate(dynamo)
    before = read(dynamo, "7")

    assert dynamo.delete("7", MODEL) == Deleted(id="7", artifact=before)
    expect_error(dynamo.delete("7", MODEL), WriteErrorCode.NOT_FOUND)
    keys = {item["artifact_id"]["S"] for item in dynamo.client.scan()}
    others = {key for key in keys if not key.startswith("log#")}
    assert others == {"meta#schema", "change#7#2", "deleted#7"}


def test_an_update_with_a_wrong_type_or_version_is_refused(dynamo: DynamoStore) -> None:
    put_artifact(dynamo, MODEL, "7", "bert")
    migrate(dynamo)

    expect_error(
        dynamo.update("7", DATASET, ArtifactPatch(name="x")), WriteErrorCode.WRONG_TYPE
    )
    expect_error(
        dynamo.update("7", MODEL, ArtifactPatch(name="x"), 2), WriteErrorCode.VERSION_CONFLICT
    )
    assert isinstance(dynamo.update("7", MODEL, ArtifactPatch(name="x"), 1), Written)


def test_a_migrated_artifact_owns_its_name_after_the_owner_is_deleted(
    dynamo: DynamoStore,
) -> None:
    owner = register_one(dynamo, squad())
    put_artifact(dynamo, DATASET, "9", "SQUAD")
    migrate(dynamo)

    migrated = update(dynamo, read(dynamo, "9"), license="mit")

    assert find_by_name(dynamo, DATASET, "squad") == owner
    dynamo.delete(owner.id, None)
    assert find_by_name(dynamo, DATASET, "squad") == migrated
