"""What contradicts what is found, and mended where the artifacts say what is right."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from storage.dynamodb.store import DynamoStore
from storage.sqlite.store import SqliteStore
from tests.storage.samples import DATASET, bert, by_name, register, squad

Key = dict[str, dict[str, str]]


@pytest.fixture
def squad_and_bert(dynamo: DynamoStore) -> DynamoStore:
    register(dynamo, squad(), bert(by_name(DATASET, "squad")))
    return dynamo


def key(text: str) -> Key:
    return {"artifact_id": {"S": text}}


def silent(_stage: str, _done: int, _total: int) -> None:
    """Tell nobody about progress."""


def item(store: DynamoStore, beginning: str) -> dict[str, Any]:
    (found,) = (i for i in store.client.scan() if i["artifact_id"]["S"].startswith(beginning))
    return dict(found)


@pytest.mark.parametrize(
    "beginning", ["url#dataset", "name#dataset", "name#model", "reference#"]
)
def test_a_lost_item_is_found_and_made_again(
    squad_and_bert: DynamoStore, beginning: str
) -> None:
    store = squad_and_bert
    lost = item(store, beginning)
    store.client.boto.delete_item(TableName=store.name, Key=key(lost["artifact_id"]["S"]))

    assert [violation.about for violation in store.check()] == [lost["artifact_id"]["S"]]
    assert store.repair(silent) == 1
    lost.pop("joined", None)  # nothing else tells when a name was joined last
    assert item(store, beginning) == lost
    assert list(store.check()) == []


@pytest.mark.parametrize(
    "stray",
    [
        {**key("url#code#https://example.org/x"), "owner": {"S": "nobody"}},
        {**key("name#code#x"), "owner": {"S": "x#nobody"}, "bearers": {"N": "1"}},
        {**key("reference#x#y"), "reference": {"S": "to#code#name#x"}, "model_id": {"S": "x"}},
    ],
    ids=["url", "name", "reference"],
)
def test_a_stray_item_is_found_and_deleted(
    squad_and_bert: DynamoStore, stray: dict[str, Any]
) -> None:
    store = squad_and_bert
    store.client.boto.put_item(TableName=store.name, Item=stray)

    assert [violation.about for violation in store.check()] == [stray["artifact_id"]["S"]]
    assert store.repair(silent) == 1
    assert list(store.check()) == []


def test_a_wrong_count_and_stale_attributes_are_mended(squad_and_bert: DynamoStore) -> None:
    store = squad_and_bert
    name = item(store, "name#dataset")
    target = by_name(DATASET, "squad").target
    before = store.resolve([target])[target]
    stale = dict(store.client.get_items([before.id])[before.id])
    for changed in (
        {**name, "bearers": {"N": "7"}},
        {**stale, "name_key": {"S": "elsewhere"}},
    ):
        store.client.boto.put_item(TableName=store.name, Item=changed)

    assert len(list(store.check())) == 2
    assert store.repair(silent) == 2
    assert list(store.check()) == []
    assert store.resolve([target])[target] == before


def test_an_unreadable_artifact_is_told_and_left(squad_and_bert: DynamoStore) -> None:
    store = squad_and_bert
    store.client.boto.put_item(TableName=store.name, Item={**key("a"), "artifact": {"S": "?"}})

    (violation,) = store.check()

    assert (violation.about, violation.can_be_mended) == ("a", False)
    assert store.repair(silent) == 0
    assert len(list(store.check())) == 1


def test_stale_columns_of_a_file_are_written_anew(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "registry.db")
    register(store, squad())
    with sqlite3.connect(tmp_path / "registry.db") as db:
        db.execute("UPDATE artifact SET name_normalized = 'elsewhere'")
    db.close()

    assert [violation.message for violation in store.check()] == ["has stale columns"]
    assert store.repair(silent) == 1
    assert list(store.check()) == []
    store.close()
