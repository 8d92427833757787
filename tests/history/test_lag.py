"""Indexes that are made to lag show what they say: the table as it was, some writes ago."""

from itertools import repeat

import pytest

from storage.dynamodb.client.client import DynamoClient
from storage.dynamodb.schema.attributes import BY_CREATION, BY_NAME, BY_REFERENCE, Item
from storage.dynamodb.store import DynamoStore
from tests.history.checker import contradictions
from tests.history.lag import Lag, Query, at_random
from tests.history.mix import run_clients
from tests.storage.engines import REGION
from tests.storage.samples import (
    DATASET,
    MODEL,
    bert,
    by_name,
    delete,
    draft,
    listing,
    names,
    read_reverse_links,
    register_one,
    squad,
    update,
    walk,
)


def test_an_index_shows_the_table_as_it_was_so_many_writes_ago(dynamo: DynamoStore) -> None:
    Lag(dynamo, iter([5, 4, 3, 2, 1, 0]))
    a = register_one(dynamo, draft(DATASET, "a"))
    b = register_one(dynamo, draft(DATASET, "b"))
    a = update(dynamo, a, name="c")
    delete(dynamo, b)
    b = register_one(dynamo, draft(DATASET, "b"))

    shown = [names(walk(dynamo, listing(DATASET))) for _ in range(6)]

    assert shown == [[], ["a"], ["a", "b"], ["b", "c"], ["c"], ["b", "c"]]


def test_what_was_there_before_the_lag_is_shown(dynamo: DynamoStore) -> None:
    register_one(dynamo, draft(DATASET, "a"))
    Lag(dynamo, repeat(5))
    register_one(dynamo, draft(DATASET, "b"))

    assert names(walk(dynamo, listing(DATASET))) == ["a"]


def test_scattered_items_lag_each_by_itself(dynamo: DynamoStore) -> None:
    # The schema item, and each dataset with two items beside it: its url and its name.
    Lag(dynamo, iter([0, 2, 0, 0, 0, 0, 0]), scattered=True)
    register_one(dynamo, draft(DATASET, "a"))
    register_one(dynamo, draft(DATASET, "b"))

    assert names(walk(dynamo, listing(DATASET))) == ["b"]


def test_models_are_found_in_the_index_as_it_was(dynamo: DynamoStore) -> None:
    target = register_one(dynamo, squad())
    lag = Lag(dynamo, repeat(1))
    first = register_one(dynamo, bert(by_name(DATASET, "squad")))
    assert read_reverse_links(dynamo, target) == []
    second = register_one(dynamo, draft(MODEL, "m", by_name(DATASET, "squad")))
    assert read_reverse_links(dynamo, target) == [first.id]

    lag.catch_up()

    assert read_reverse_links(dynamo, target) == [first.id, second.id]


def test_an_index_that_caught_up_answers_as_the_real_one(
    dynamo: DynamoStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    lag = Lag(dynamo, at_random(0))
    history = run_clients(dynamo, seed=0, operations=12)
    lag.catch_up()
    real, read = DynamoClient(dynamo.name, REGION), lag.read
    compared: set[str] = set()

    def compare(query: Query) -> list[Item]:
        mine = read(query)
        assert [mine] == real.query([query], 1_000)
        compared.add(query["IndexName"])
        return mine

    monkeypatch.setattr(lag, "read", compare)
    assert list(contradictions(dynamo, history)) == []
    assert compared == {BY_NAME, BY_CREATION, BY_REFERENCE}
    real.close()
