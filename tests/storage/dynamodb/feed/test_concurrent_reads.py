"""The feed while others write: shards are not read at the same moment."""

from typing import Any

from storage.artifacts.records import Artifact
from storage.change_queries import ALL_CHANGES
from storage.dynamodb.store import DynamoStore
from tests.storage.contract.recorded_changes import read_feed
from tests.storage.dynamodb.recorded_calls import change_answers, operations, record_calls
from tests.storage.dynamodb.table_items import all_items, delete_item
from tests.storage.samples import DATASET, new_artifact, squad
from tests.storage.store_calls import register, register_one, update


def _shard_of(store: DynamoStore, made: Artifact) -> str:
    """The shard that has the artifact's version."""
    wanted = f"{made.id}#{made.version}#"
    (shard,) = (
        key.split("#")[2]
        for key, item in all_items(store).items()
        if key.startswith("log#")
        for entry in item.get("entries", {}).get("L", ())
        if entry["S"].startswith(wanted)
    )
    return shard


def _entries(answer: dict[str, Any]) -> list[list[dict[str, str]]]:
    items = [item for table in answer["Responses"].values() for item in table]
    return [item["entries"]["L"] for item in items if "entries" in item]


def test_a_change_is_not_read_before_one_that_its_shard_showed_too_late(
    dynamo: DynamoStore,
) -> None:
    cursor = dynamo.feed_cursor()
    made = register_one(dynamo, squad())
    first = made
    while _shard_of(dynamo, made) == _shard_of(dynamo, first):
        first, made = made, update(dynamo, made, license=f"{made.version}")
    hidden: list[str] = []

    def hide(answer: dict[str, Any]) -> None:
        """Answer as if the version before the last had not been written yet."""
        for entries in [] if hidden else _entries(answer):
            places = [e["S"].split("#")[:2] for e in entries]
            if [first.id, str(first.version)] in places:
                hidden.append("once")
                del entries[places.index([first.id, str(first.version)]) :]

    with change_answers(dynamo, "BatchGetItem", hide):
        changes = read_feed(dynamo, cursor, 100)

    assert hidden == ["once"]
    assert [change.version for change in changes] == list(range(1, made.version + 1))


def test_a_change_that_is_readable_later_than_its_entry_is_waited_for(
    dynamo: DynamoStore,
) -> None:
    made = register_one(dynamo, squad())
    hidden: list[str] = []

    def hide(answer: dict[str, Any]) -> None:
        """Answer as if the change item had not been written yet."""
        for table in answer["Responses"].values():
            found = [i for i in table if i["artifact_id"]["S"].startswith("change#")]
            if found and len(hidden) < 2:
                hidden.append("once")
                table.remove(found[0])

    with change_answers(dynamo, "BatchGetItem", hide):
        (change,) = read_feed(dynamo)

    assert hidden == ["once", "once"]
    assert change.artifact_id == made.id


def test_a_change_that_is_lost_is_left_out(dynamo: DynamoStore) -> None:
    lost, kept = register(dynamo, squad(), new_artifact(DATASET, "glue"))
    delete_item(dynamo, f"change#{lost.id}#1")

    assert [change.artifact_id for change in read_feed(dynamo)] == [kept.id]
    page = dynamo.read_recent_changes(None, 10)
    assert [change.artifact_id for change in page.changes] == [kept.id]


def test_following_a_quiet_feed_takes_one_call(dynamo: DynamoStore) -> None:
    register(dynamo, *(new_artifact(DATASET, f"d{n}") for n in range(40)))
    cursor = dynamo.feed_cursor()

    with record_calls(dynamo) as calls:
        page = dynamo.read_feed(cursor, 100, ALL_CHANGES)

    assert (page.changes, page.has_more) == ((), False)
    assert operations(calls) == ["BatchGetItem"]


def test_following_a_feed_with_a_new_change_takes_two_calls(dynamo: DynamoStore) -> None:
    cursor = dynamo.feed_cursor()
    made = register_one(dynamo, squad())

    with record_calls(dynamo) as calls:
        (change,) = dynamo.read_feed(cursor, 100, ALL_CHANGES).changes

    assert change.artifact_id == made.id
    assert operations(calls) == ["BatchGetItem"] * 2
