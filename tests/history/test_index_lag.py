"""Simulated index lag returns the table as it was seconds ago."""

from itertools import chain, repeat

import pytest

from storage.dynamodb.client.client import DynamoClient
from storage.dynamodb.schema.attributes import BY_BEARING, BY_REFERENCE, Item
from storage.dynamodb.store import DynamoStore
from tests.history.checker import find_contradictions
from tests.history.concurrent_clients import run_clients
from tests.history.index_lag import IndexLag, Query, random_lags
from tests.storage.contract.recorded_changes import ManualClock
from tests.storage.engines import REGION
from tests.storage.samples import (
    DATASET,
    MODEL,
    bert,
    by_name,
    new_artifact,
    squad,
)
from tests.storage.store_calls import delete, read_reverse_links, register_one, update


def test_a_query_does_not_see_the_last_writes(clock: ManualClock, dynamo: DynamoStore) -> None:
    lag = IndexLag(dynamo, clock, repeat(0))
    a = register_one(dynamo, new_artifact(DATASET, "a"))
    b = register_one(dynamo, new_artifact(DATASET, "b"))
    a = update(dynamo, a, name="c")
    delete(dynamo, b)
    b = register_one(dynamo, new_artifact(DATASET, "b"))

    lag.set_lags(iter([5, 4, 3, 2, 1, 0]))
    indexed = [_indexed_names(dynamo) for _ in range(6)]

    assert indexed == [[], ["a"], ["a", "b"], ["b", "c"], ["c"], ["b", "c"]]


def test_items_from_before_the_lag_are_visible(clock: ManualClock, dynamo: DynamoStore) -> None:
    register_one(dynamo, new_artifact(DATASET, "a"))
    IndexLag(dynamo, clock, repeat(5))
    register_one(dynamo, new_artifact(DATASET, "b"))

    assert _indexed_names(dynamo) == ["a"]


def test_a_lag_per_item_hides_single_items(clock: ManualClock, dynamo: DynamoStore) -> None:
    settled = len(list(dynamo.client.scan()))
    lag = IndexLag(dynamo, clock, repeat(0), per_item=True)
    register_one(dynamo, new_artifact(DATASET, "a"))
    register_one(dynamo, new_artifact(DATASET, "b"))

    lag.set_lags(chain(repeat(0, settled), [2], repeat(0)))
    assert _indexed_names(dynamo) == ["b"]


def test_reverse_links_lag(clock: ManualClock, dynamo: DynamoStore) -> None:
    target = register_one(dynamo, squad())
    lag = IndexLag(dynamo, clock, repeat(1))
    first = register_one(dynamo, bert(by_name(DATASET, "squad")))
    assert read_reverse_links(dynamo, target) == []
    second = register_one(dynamo, new_artifact(MODEL, "m", by_name(DATASET, "squad")))
    assert read_reverse_links(dynamo, target) == [first.id]

    lag.catch_up()

    assert read_reverse_links(dynamo, target) == [first.id, second.id]


def test_an_index_without_lag_answers_like_the_real_one(
    clock: ManualClock, dynamo: DynamoStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    lag = IndexLag(dynamo, clock, random_lags(0))
    history = run_clients(dynamo, seed=0, operations=12)
    lag.catch_up()
    real, read = DynamoClient(dynamo.name, REGION), lag.read
    indexes: set[str] = set()

    def compare(query: Query) -> list[Item]:
        simulated = read(query)
        assert [simulated] == real.query([query], 1_000)
        indexes.add(query["IndexName"])
        return simulated

    monkeypatch.setattr(lag, "read", compare)
    assert list(find_contradictions(dynamo, history)) == []
    assert indexes >= {BY_REFERENCE}
    real.close()


def _indexed_names(store: DynamoStore) -> list[str]:
    """The names of the datasets that an index shows."""
    items = store.client.scan(IndexName=BY_BEARING)
    return sorted(item["bears"]["S"].removeprefix("name#dataset#") for item in items)
