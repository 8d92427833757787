"""Answers that are incomplete, reordered or split into short pages yield complete results."""

from collections.abc import Callable
from typing import Any

import pytest

from storage.dynamodb.store import DynamoStore
from storage.errors import StoreUnavailableError
from tests.storage.dynamodb.recorded_calls import (
    change_answers,
    insert_empty_pages,
    limit_pages,
)
from tests.storage.samples import (
    CREATED,
    DATASET,
    MODEL,
    by_name,
    ids,
    listing,
    new_artifact,
    squad,
)
from tests.storage.store_calls import (
    read_all,
    read_reverse_links,
    register,
    register_hundred_linked,
    register_one,
    update,
)


def reverse_items(answer: dict[str, Any]) -> None:
    for items in answer.get("Responses", {}).values():
        items.reverse()


def leave_half_unprocessed(answer: dict[str, Any]) -> None:
    """Return the second half of several items as unprocessed keys."""
    for table, items in answer.get("Responses", {}).items():
        if len(items) > 1:
            half = len(items) // 2
            keys = [{"artifact_id": item["artifact_id"]} for item in items[half:]]
            del items[half:]
            answer.setdefault("UnprocessedKeys", {})[table] = {"Keys": keys}


def leave_all_unprocessed(answer: dict[str, Any]) -> None:
    for table, items in list(answer["Responses"].items()):
        keys = [{"artifact_id": item["artifact_id"]} for item in items]
        answer["Responses"][table] = []
        answer["UnprocessedKeys"] = {table: {"Keys": keys}}


@pytest.mark.parametrize(
    "change", [reverse_items, leave_half_unprocessed], ids=["reordered", "unprocessed"]
)
def test_a_batch_read_is_complete_when_items_are_reordered_or_unprocessed(
    moto: DynamoStore, change: Callable[[dict[str, Any]], None]
) -> None:
    models = register_hundred_linked(moto)
    targets = [reference.target for model in models for reference in model.references]
    expected = moto.resolve(targets)
    listed = read_all(moto, listing(MODEL, order=CREATED))

    with change_answers(moto, "BatchGetItem", change):
        resolved = moto.resolve(targets)
        artifacts = moto.get(ids(models))
        changed = update(moto, models[0], license="mit")
        listed_after = read_all(moto, listing(MODEL, order=CREATED))

    assert resolved == expected
    assert artifacts == {model.id: model for model in models}
    assert sorted(ids(listed)) == sorted(ids(models))
    assert [each for each in listed_after if each not in listed] == [changed]


def test_keys_that_stay_unprocessed_are_an_error(moto: DynamoStore) -> None:
    target = register_one(moto, squad())

    with (
        change_answers(moto, "BatchGetItem", leave_all_unprocessed),
        pytest.raises(StoreUnavailableError),
    ):
        moto.get([target.id])


@pytest.mark.parametrize("size", [1, 2, 1_000])
def test_reverse_links_are_complete_when_query_pages_are_short_or_empty(
    moto: DynamoStore, size: int
) -> None:
    target = register_one(moto, squad())
    models = register(
        moto, *(new_artifact(MODEL, f"m{n}", by_name(DATASET, "squad")) for n in range(5))
    )
    with limit_pages(moto, size), insert_empty_pages(moto):
        assert read_reverse_links(moto, target, first=2) == sorted(ids(models))
