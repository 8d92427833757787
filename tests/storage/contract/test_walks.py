"""Walks through pages see each unchanged artifact once and in order, during other writes."""

import random
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event

import pytest

from storage.search.listing import Filter, Listing, OrderField
from storage.store import Store
from tests.storage.contract.churn import Churn
from tests.storage.contract.walking import (
    LISTINGS,
    assert_models_seen,
    assert_seen,
    expected,
    read_back_while_acting,
    read_while_acting,
    settle,
    settle_models,
)
from tests.storage.engines import ENGINES
from tests.storage.samples import ORDERS, ids, listing
from tests.storage.store_calls import read

WALKS = {"sqlite": 100, "dynamodb-local": 25}
"""The number of walks; moto is too slow for many."""
many_walks = pytest.mark.parametrize("engine", [name for name in ENGINES if name in WALKS])
_ORDERS_OF_FIXED_FIELDS = [o for o in ORDERS if o.field is not OrderField.UPDATED_AT]
"""The orders by fields that no churn changes of settled artifacts."""


def do_nothing() -> None:
    """Make no change between pages."""


def test_a_walk_with_pages_of_any_size_sees_each_artifact_once_in_order(store: Store) -> None:
    _walk_alone(store, seed=1, walks=3)


@pytest.mark.slow
@many_walks
def test_walks_see_each_artifact_once_in_order(store: Store, engine: str) -> None:
    _walk_alone(store, seed=2, walks=WALKS[engine])


def test_a_walk_during_writes_sees_unchanged_artifacts_once(store: Store) -> None:
    _walk_in_churn(store, seed=1, walks=2)


@pytest.mark.slow
@many_walks
def test_walks_during_writes_see_unchanged_artifacts_once(store: Store, engine: str) -> None:
    _walk_in_churn(store, seed=2, walks=WALKS[engine])


def test_a_walk_through_models_during_writes_sees_unchanged_links_once(store: Store) -> None:
    target, models = settle_models(store)
    churn = Churn(store, 1, models, [r for m in models for r in m.references])

    for sizes in ([1], [2, 5]):
        assert_models_seen(store, target, models, sizes, churn.act)


@pytest.mark.slow
@many_walks
def test_walks_during_writes_of_other_threads_see_unchanged_artifacts_once(
    store: Store, engine: str
) -> None:
    settled = settle(store, 12)
    target, models = settle_models(store)
    references = [r for m in models for r in m.references]
    churns = [Churn(store, seed, settled, references) for seed in range(4)]

    with _acting_in_threads(churns):
        for order in _ORDERS_OF_FIXED_FIELDS * (WALKS[engine] // 20):
            assert_seen(store, listing(order=order), settled, [10], do_nothing)
            assert_models_seen(store, target, models, [3], do_nothing)


def _walk_alone(store: Store, seed: int, walks: int) -> None:
    draw = random.Random(seed)  # noqa: S311 - no secret
    settled = settle(store, 36)
    for wanted in draw.sample(LISTINGS, walks):
        sizes = [draw.randint(1, 12) for _ in range(8)]
        all_ids = expected(wanted, settled)
        assert ids(read_while_acting(store, wanted, sizes, do_nothing)) == all_ids
        assert ids(read_back_while_acting(store, wanted, sizes, do_nothing)) == all_ids
        assert store.count(wanted) == len(all_ids)


def _walk_in_churn(store: Store, seed: int, walks: int) -> None:
    draw = random.Random(seed)  # noqa: S311 - no secret
    settled = settle(store, 30)
    churn = Churn(store, seed, settled)
    for wanted in draw.sample(LISTINGS, walks):
        churn.may_rename_settled = _ignores_names(wanted)
        churn.may_touch_settled = wanted.order.field is not OrderField.UPDATED_AT
        settled = [read(store, artifact.id) for artifact in settled]
        sizes = [draw.randint(1, 6) for _ in range(5)]
        assert_seen(store, wanted, settled, sizes, churn.act)


def _ignores_names(wanted: Listing) -> bool:
    is_whole = wanted.filter == Filter(types=wanted.filter.types) and not wanted.search
    return is_whole and wanted.order.field is OrderField.CREATED_AT


@contextmanager
def _acting_in_threads(churns: Sequence[Churn]) -> Iterator[None]:
    """Let each churn act in a thread of its own until the block ends."""
    ended = Event()

    def act(churn: Churn) -> None:
        while not ended.is_set():
            churn.act()

    with ThreadPoolExecutor(len(churns)) as threads:
        acting = [threads.submit(act, churn) for churn in churns]
        try:
            yield
        finally:
            ended.set()
    for done in acting:
        done.result()
