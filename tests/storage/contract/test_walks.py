"""Walks meet what stays once and in order, whatever others do meanwhile."""

import random
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event

import pytest

from storage.search.listing import OrderField
from storage.store import Store
from tests.storage.contract.churn import Churn
from tests.storage.contract.walking import (
    LISTINGS,
    assert_met,
    assert_models_met,
    expected,
    settle,
    settle_models,
    walk_acting,
)
from tests.storage.engines import ENGINES
from tests.storage.samples import ORDERS, ids, listing

WALKS = {"sqlite": len(LISTINGS), "dynamodb-local": len(LISTINGS) // 4}
"""moto is too slow for many."""
many_walks = pytest.mark.parametrize("engine", [name for name in ENGINES if name in WALKS])


def nothing() -> None:
    """Leave the registry as it is."""


def test_walk_in_pages_of_any_size_meets_each_artifact_once_in_order(store: Store) -> None:
    _walk_alone(store, seed=1, walks=3)


@pytest.mark.slow
@many_walks
def test_walks_meet_each_artifact_once_in_order(store: Store, engine: str) -> None:
    _walk_alone(store, seed=2, walks=WALKS[engine])


def test_walk_meets_what_stays_once_while_others_come_change_and_go(store: Store) -> None:
    _walk_in_churn(store, seed=1, walks=2)


@pytest.mark.slow
@many_walks
def test_walks_meet_what_stays_once_while_others_come_change_and_go(
    store: Store, engine: str
) -> None:
    _walk_in_churn(store, seed=2, walks=WALKS[engine])


def test_walk_through_models_meets_what_stays_linked_once(store: Store) -> None:
    target, models = settle_models(store)
    churn = Churn(store, 1, models, [r for m in models for r in m.references])

    for sizes in ([1], [2, 5]):
        assert_models_met(store, target, models, sizes, churn.act)


@pytest.mark.slow
@many_walks
def test_walks_meet_what_stays_once_while_other_threads_write(
    store: Store, engine: str
) -> None:
    settled = settle(store, 12)
    target, models = settle_models(store)
    references = [r for m in models for r in m.references]
    churns = [Churn(store, seed, settled, references) for seed in range(4)]

    with _acting(churns):
        for order in ORDERS * (WALKS[engine] // 9):
            assert_met(store, listing(order=order), settled, [10], nothing)
            assert_models_met(store, target, models, [3], nothing)


def _walk_alone(store: Store, seed: int, walks: int) -> None:
    draw = random.Random(seed)  # noqa: S311 - no secret
    settled = settle(store, 36)
    for of in draw.sample(LISTINGS, walks):
        sizes = [draw.randint(1, 12) for _ in range(8)]
        assert ids(walk_acting(store, of, sizes, nothing)) == expected(of, settled)
        assert store.count(of) == len(expected(of, settled))


def _walk_in_churn(store: Store, seed: int, walks: int) -> None:
    draw = random.Random(seed)  # noqa: S311 - no secret
    settled = settle(store, 30)
    churn = Churn(store, seed, settled)
    for of in draw.sample(LISTINGS, walks):
        churn.may_rename_settled = of.is_whole and of.order.field is OrderField.CREATED_AT
        settled = list(store.get(ids(settled)).values())
        sizes = [draw.randint(1, 6) for _ in range(5)]
        assert_met(store, of, settled, sizes, churn.act)


@contextmanager
def _acting(churns: Sequence[Churn]) -> Iterator[None]:
    """Each churn acts in a thread of its own until the block is left."""
    left = Event()

    def act(churn: Churn) -> None:
        while not left.is_set():
            churn.act()

    with ThreadPoolExecutor(len(churns)) as threads:
        acting = [threads.submit(act, churn) for churn in churns]
        try:
            yield
        finally:
            left.set()
    for done in acting:
        done.result()
