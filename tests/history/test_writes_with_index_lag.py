"""No write is lost while indexes lag, and bugs that trust an index are detected."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from storage.dynamodb.reads import reverse_links
from storage.dynamodb.store import DynamoStore
from storage.dynamodb.writes import names, table_view
from tests.history.checker import find_contradictions
from tests.history.concurrent_clients import run_clients
from tests.history.index_lag import IndexLag, random_lags
from tests.history.stale_answers import find_stale_answers
from tests.storage.contract.recorded_changes import ManualClock
from tests.storage.engines import ENGINES, REGION, table

Patch = pytest.MonkeyPatch
needs_dynamodb_local = pytest.mark.skipif(
    "dynamodb-local" not in ENGINES, reason="concurrent writes need DynamoDB Local"
)


@pytest.fixture
def store(clock: ManualClock) -> Iterator[DynamoStore]:
    with table(clock) as store:
        yield store


def test_clients_lose_no_write_while_indexes_lag(
    clock: ManualClock, dynamo: DynamoStore
) -> None:
    lag = IndexLag(dynamo, clock, random_lags(1))

    history = run_clients(dynamo, seed=1, operations=20)

    assert list(find_stale_answers(dynamo)) == []
    lag.catch_up()
    assert list(find_contradictions(dynamo, history)) == []


@pytest.mark.slow
@needs_dynamodb_local
@pytest.mark.parametrize("per_item", [False, True], ids=["per query", "per item"])
def test_clients_of_two_stores_lose_no_write_while_indexes_lag(
    clock: ManualClock, store: DynamoStore, per_item: bool
) -> None:
    lag, other = (
        IndexLag(store, clock, random_lags(2), per_item=per_item),
        DynamoStore(store.name, REGION, clock=clock),
    )
    lag.share(other)

    with ThreadPoolExecutor() as threads:
        parts = list(threads.map(run_clients, (store, other), (2, 1_002), (300, 300)))

    other.close()
    history = [entry for part in parts for entry in part]
    assert sum(entry["answer"] == "unknown" for entry in history) < len(history) / 100
    assert list(find_stale_answers(store)) == []
    lag.catch_up()
    assert list(find_contradictions(store, history)) == []


def successor_is_read_from_the_index(patch: Patch) -> None:
    patch.setattr(table_view, "name_item_key", lambda _: _Anything())
    patch.setattr(names, "_to_check", lambda *_: ())


class _Anything:
    """Equal to every key: whoever the index shows is taken to have the name."""

    def __eq__(self, other: object) -> bool:
        return True

    def __hash__(self) -> int:
        return 0


def reverse_links_are_not_verified(patch: Patch) -> None:
    patch.setattr(reverse_links.ReverseLinkCursor, "is_linked_from", lambda *_: True)


@pytest.mark.slow
@needs_dynamodb_local
@pytest.mark.parametrize(
    "add_bug",
    [successor_is_read_from_the_index, reverse_links_are_not_verified],
    ids=lambda add_bug: add_bug.__name__,
)
def test_trust_in_an_index_is_detected(
    clock: ManualClock,
    store: DynamoStore,
    add_bug: Callable[[Patch], None],
    monkeypatch: Patch,
) -> None:
    add_bug(monkeypatch)

    assert any(check_runs(clock, store, 12))


def check_runs(clock: ManualClock, store: DynamoStore, runs: int) -> Iterator[bool]:
    """Yield after each run of clients if the checker found anything."""
    history: list[dict[str, Any]] = []
    for seed in range(runs):
        lag = IndexLag(store, clock, random_lags(seed), per_item=True)
        history += run_clients(store, seed, operations=100)
        lag.fall_behind()
        stale = next(find_stale_answers(store), None)
        lag.catch_up()
        yield bool(stale or next(find_contradictions(store, history), None))
