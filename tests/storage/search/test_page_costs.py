"""The costs of pages: SQLite's steps, which are the same on every machine."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta

import pytest

from storage.search.links import Links
from storage.search.listing import Listing, Order
from storage.search.pages import Window
from storage.search.paging import read_page
from storage.search.writing import write_artifact
from tests.storage.samples import MODEL, ORDERS, START, listing
from tests.storage.search.small_indexes import model, open_index

SIZE = 5_000


@pytest.fixture(scope="module")
def db() -> Iterator[sqlite3.Connection]:
    """An index of many models, of which a third are not rated; the last have a tag."""
    with closing(open_index()) as db:
        for n in range(SIZE):
            rated = n / SIZE if n % 3 else None
            tags = ("last",) if n >= SIZE - 20 else ()
            made = model(f"id{n:04}", f"model {n * 7 % SIZE}", rated=rated, tags=tags)
            time = START + timedelta(seconds=n)
            write_artifact(db, replace(made, created_at=time, updated_at=time))
        yield db


def count_steps(db: sqlite3.Connection, wanted: Listing, window: Window) -> int:
    """The steps that SQLite takes for a page, in hundreds."""
    steps = 0

    def count() -> int:
        nonlocal steps
        steps += 1
        return 0

    db.set_progress_handler(count, 100)
    read_page(db, wanted, Links(), window)
    db.set_progress_handler(None, 100)
    return steps


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("search", ["", "model"])
def test_the_cost_of_a_page_does_not_grow_with_its_depth(
    db: sqlite3.Connection, order: Order, search: str
) -> None:
    wanted = listing(MODEL, order=order, search=search)
    everything = read_page(db, wanted, Links(), Window(SIZE)).entries
    assert len(everything) == SIZE

    first, *deeper = (
        count_steps(db, wanted, Window(20, after=everything[at][0]))
        for at in (100, 2_500, 4_900)
    )
    assert max(deeper) <= 1.5 * first + 10
    backwards = (
        count_steps(db, wanted, Window(20, before=everything[at][0], from_end=True))
        for at in (4_900, 2_500, 100)
    )
    first, *deeper = backwards
    assert max(deeper) <= 4 * first + 10


@pytest.mark.parametrize("order", ORDERS)
def test_a_filter_that_few_meet_does_not_test_all(db: sqlite3.Connection, order: Order) -> None:
    for wanted in (
        listing(MODEL, order=order, tags_all=("last",)),
        listing(MODEL, order=order, search="last"),
        listing(MODEL, order=order, names=tuple(f"model {n}" for n in range(20))),
    ):
        assert len(read_page(db, wanted, Links(), Window(100)).entries) == 20
        assert count_steps(db, wanted, Window(100)) <= 60
