"""Resets: nothing is left of what was there, and what is written meanwhile is whole."""

from threading import Thread
from typing import Any

import pytest

from storage.artifacts.records import LookupField, Target
from storage.dynamodb.store import DynamoStore
from tests.storage.contract.recorded_changes import read_feed
from tests.storage.dynamodb.recorded_calls import before_send, parameters_of
from tests.storage.dynamodb.table_items import SCHEMA, all_items, item, put_item
from tests.storage.engines import REGION
from tests.storage.samples import (
    DATASET,
    UNKNOWN_ID,
    bert,
    by_name,
    new_artifact,
    rating,
    squad,
)
from tests.storage.store_calls import (
    delete,
    find_by_name,
    find_by_url,
    register,
    register_one,
    update,
)

OWNER = {"owner": {"S": UNKNOWN_ID}}
LEFTOVERS: dict[str, dict[str, Any]] = {
    "url#dataset#https://example.org/x": OWNER,
    "url-sha256#dataset#0a": OWNER,
    "url#code#https://example.org/y": {"owner": {"L": []}},
    "name#dataset#x": {"owner": {"S": f"2024-01-01T00:00:00.000000Z#{UNKNOWN_ID}"}},
    "name#dataset#vacant": {"last_since": {"S": "2024-01-01T00:00:00.000000Z"}},
    f"reference#{UNKNOWN_ID}#0a": {"reference": {"S": "to"}, "model_id": {"S": UNKNOWN_ID}},
    f"change#{UNKNOWN_ID}#1": {"version": {"N": "1"}},
    f"change#{UNKNOWN_ID}#x": {},
    f"deleted#{UNKNOWN_ID}": {"version": {"N": "2"}},
    "log#0#0#1": {"entries": {"L": [{"S": "?"}]}},
    "log#0#7#33": {},
    "log#0#0#head": {"head": {"N": "16"}},
    "log#x": {},
    "other#program": {"x": {"S": "y"}},
    "a b": {"x": {"S": "y"}},
}


def test_a_reset_deletes_what_belongs_to_no_artifact(dynamo: DynamoStore) -> None:
    for key, attributes in LEFTOVERS.items():
        put_item(dynamo, key, **attributes)

    assert sum(dynamo.reset()) == 0

    assert set(all_items(dynamo)) == {SCHEMA}


def test_a_reset_deletes_histories_and_deleted_artifacts(dynamo: DynamoStore) -> None:
    target, gone = register(dynamo, squad(), new_artifact(DATASET, "glue"))
    model = register_one(dynamo, bert(by_name(DATASET, "squad")))
    for n in range(8):
        model = update(dynamo, model, rating=rating(n / 10))
    delete(dynamo, update(dynamo, gone, license="mit"))
    register_one(dynamo, squad(url="https://example.org/namesake"))

    assert sum(dynamo.reset()) == 3

    assert set(all_items(dynamo)) == {SCHEMA}
    assert register_one(dynamo, squad()).version == target.version


def test_a_reset_raises_the_epoch_first_and_last(dynamo: DynamoStore) -> None:
    register_one(dynamo, squad())
    before = int(item(dynamo, SCHEMA)["epoch"]["N"])
    reset = dynamo.reset()

    next(reset)
    during = item(dynamo, SCHEMA)
    sum(reset)

    assert (during["epoch"], during["log_epoch"]) == ({"N": f"{before + 1}"},) * 2
    after = item(dynamo, SCHEMA)
    assert (after["epoch"], after["log_epoch"]) == ({"N": f"{before + 2}"}, during["epoch"])


@pytest.mark.parametrize("existing", [0, 3, 100])
def test_a_writer_that_has_not_seen_the_reset_is_never_torn(
    dynamo: DynamoStore, existing: int
) -> None:
    register(dynamo, *(new_artifact(DATASET, f"d{n}") for n in range(existing)))
    writer = DynamoStore(dynamo.name, REGION)
    writer.ensure()
    register_one(writer, new_artifact(DATASET, "before"))
    made: list[str] = []

    def register_late(request: Any, **_: object) -> None:
        """Register when the artifacts have been deleted, and their side items have not."""
        if not made and not parameters_of(request)["FilterExpression"].startswith("NOT"):
            made.append(register_one(writer, squad()).id)

    with before_send(dynamo, "dynamodb.Scan", register_late):
        sum(dynamo.reset())

    assert len(made) == 1
    _check_whole(dynamo, expected=None)
    register_one(writer, new_artifact(DATASET, "after"))
    _check_whole(dynamo, expected=None)
    writer.close()


def _check_whole(store: DynamoStore, expected: int | None) -> None:
    """Check that each artifact has all that belongs to it, and that nothing else is there."""
    artifacts = list(store.scan())
    assert expected is None or len(artifacts) == expected
    in_feed = {(change.artifact_id, change.version) for change in read_feed(store, first=100)}
    for each in artifacts:
        assert find_by_url(store, each.type, each.url) == each
        assert find_by_name(store, each.type, each.name) == each
        assert (each.id, each.version) in in_feed
    keys = all_items(store).keys()
    ids = {each.id for each in artifacts}
    assert {key.split("#")[1] for key in keys if key.startswith("change#")} <= ids
    assert len([key for key in keys if key.startswith("url#")]) == len(ids)
    assert len([key for key in keys if key.startswith("name#")]) == len(ids)


def test_artifacts_that_are_registered_during_resets_are_whole(dynamo: DynamoStore) -> None:
    register(dynamo, *(new_artifact(DATASET, f"d{n}") for n in range(60)))
    writers = [Thread(target=_write, args=(dynamo.name, n)) for n in range(3)]
    for writer in writers:
        writer.start()
    for _ in range(3):
        sum(dynamo.reset())
    for writer in writers:
        writer.join()

    artifacts = list(dynamo.scan())
    for each in artifacts:
        by_url = Target(each.type, LookupField.URL, each.url)
        by_name_ = Target(each.type, LookupField.NAME, each.name)
        assert dynamo.resolve([by_url, by_name_]) == {by_url: each, by_name_: each}
    in_feed = {(change.artifact_id, change.version) for change in read_feed(dynamo, first=100)}
    assert {(each.id, each.version) for each in artifacts} <= in_feed
    sum(dynamo.reset())
    assert set(all_items(dynamo)) == {SCHEMA}


def _write(table: str, number: int) -> None:
    """Register, update and delete artifacts, whatever the answers."""
    store = DynamoStore(table, REGION)
    store.ensure()
    for n in range(12):
        made = register_one(store, new_artifact(DATASET, f"w{number}-{n}"))
        store.update(made.id, None, {"name": f"renamed {number}-{n}"})
        if n % 3 == 0:
            store.delete(made.id, None)
    store.close()
