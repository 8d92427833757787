"""Pages of listings: each artifact once, in order."""

from datetime import timedelta
from itertools import product

import pytest

from storage.artifacts.records import Artifact
from storage.artifacts.writes import Identity
from storage.errors import InvalidCursorError
from storage.search.listing import Order, OrderField
from storage.search.pages import Page, Window
from storage.store import Store
from tests.storage.contract.listed_artifacts import each_order, sorted_ids, various_artifacts
from tests.storage.samples import (
    ALL_TYPES,
    CODE,
    CREATED,
    CREATED_DESCENDING,
    DATASET,
    MODEL,
    NAMES_DESCENDING,
    ORDERS,
    START,
    by_name,
    ids,
    listing,
    names,
    new_artifact,
    rating,
    url_for,
)
from tests.storage.store_calls import (
    read_all,
    read_all_from_end,
    register,
    register_one,
    update,
)

TIMES = {OrderField.CREATED_AT, OrderField.UPDATED_AT}
OTHER_KINDS = {
    OrderField.NAME: {*TIMES, OrderField.NET_SCORE},
    OrderField.CREATED_AT: {OrderField.NET_SCORE},
    OrderField.UPDATED_AT: {OrderField.NET_SCORE},
    OrderField.NET_SCORE: {*TIMES, OrderField.NAME},
}
"""Orders with keys of another kind; a cursor's scope tells the others apart."""


@pytest.mark.parametrize(("first", "count"), [(1, 6), (7, 40), (40, 40), (100, 40)])
def test_pages_have_each_artifact_once_in_order(store: Store, first: int, count: int) -> None:
    everyone = register(store, *various_artifacts()[:count])

    for order, types in product(ORDERS, ((MODEL,), (DATASET, CODE), ALL_TYPES)):
        wanted = [a for a in everyone if a.type in types]
        found = read_all(store, listing(*types, order=order), first)
        assert (order, ids(found)) == (order, sorted_ids(order, wanted))
        assert store.count(listing(*types, order=order)) == len(wanted)
        assert {a.id: a for a in found} == {a.id: a for a in wanted}
        assert read_all_from_end(store, listing(*types, order=order), first) == found


def test_the_next_page_begins_after_the_end_of_a_page(store: Store) -> None:
    register(store, *various_artifacts()[:5])

    for order in ORDERS:
        wanted = listing(order=order)
        everything = store.page(wanted, Window(100))
        for at, entry in enumerate(everything.entries):
            page = store.page(wanted, Window(2, after=entry.position))
            assert (order, page.entries) == (order, everything.entries[at + 1 : at + 3])
            assert page.has_next == (at + 3 < 5)
            assert page.has_previous
            assert page.start == (page.entries[0].position if page.entries else None)
            assert page.end == (page.entries[-1].position if page.entries else None)
        assert everything.start == everything.entries[0].position
        assert everything.end == everything.entries[-1].position
        assert (everything.has_previous, everything.has_next) == (False, False)


def test_the_page_before_ends_before_the_start_of_a_page(store: Store) -> None:
    register(store, *various_artifacts()[:5])

    for order in ORDERS:
        wanted = listing(order=order)
        everything = store.page(wanted, Window(100)).entries
        for at, entry in enumerate(everything):
            page = store.page(wanted, Window(2, before=entry.position, from_end=True))
            assert (order, page.entries) == (order, everything[max(0, at - 2) : at])
            assert page.has_previous == (at > 2)
            assert page.has_next


def test_a_position_of_another_order_is_refused(store: Store) -> None:
    register(store, *various_artifacts()[:3])

    for order, other in product(ORDERS, ORDERS):
        position = store.page(listing(order=order), Window(2)).end
        if other.field in OTHER_KINDS.get(order.field, ()):
            for window in (Window(2, after=position), Window(2, before=position)):
                with pytest.raises(InvalidCursorError):
                    store.page(listing(order=other), window)


@pytest.mark.parametrize("position", ["", "x", "1", "null", "[]", "[1]", "{}", '["a"]', "\x00"])
def test_what_is_no_position_is_refused(store: Store, position: str) -> None:
    for order in ORDERS:
        for window in (Window(2, after=position), Window(2, before=position, from_end=True)):
            with pytest.raises(InvalidCursorError):
                store.page(listing(order=order), window)


@each_order
def test_the_position_of_a_deleted_artifact_stays_valid(store: Store, order: Order) -> None:
    everyone = register(store, *various_artifacts()[:6])
    wanted = listing(order=order)
    page = store.page(wanted, Window(3))
    last = page.entries[-1].artifact

    store.delete(last.id, None)

    rest = store.page(wanted, Window(100, after=page.end))
    seen = ids([entry.artifact for entry in (*page.entries, *rest.entries)])
    assert seen == sorted_ids(order, everyone)
    again = store.page(wanted, Window(100, before=page.end))
    assert [entry.artifact for entry in again.entries] == [
        entry.artifact for entry in page.entries[:-1]
    ]


def test_a_listing_of_an_empty_store_is_an_empty_page(store: Store) -> None:
    for order in ORDERS:
        page = store.page(listing(order=order), Window(100))
        assert page == Page()
    assert store.count(listing()) == 0


def test_a_renamed_artifact_has_its_new_position(store: Store) -> None:
    a, b, c = register(store, *(new_artifact(DATASET, name) for name in "abc"))

    update(store, a, name="d")

    assert names(read_all(store, listing(DATASET), first=1)) == ["b", "c", "d"]
    assert ids(read_all(store, listing(DATASET, order=CREATED), first=1)) == [a.id, b.id, c.id]
    assert read_all(store, listing(DATASET, names=("a",))) == []


def test_an_updated_artifact_is_listed_with_its_new_fields(store: Store) -> None:
    model = register_one(store, new_artifact(MODEL, "bert", by_name(DATASET, "squad")))

    after = update(store, model, rating=rating(0.9), tags=("x",), license="mit")

    touched = listing(MODEL, tags_all=("x",), licenses=("mit",), net_score_at_least=0.9)
    assert read_all(store, listing(MODEL)) == [after]
    assert read_all(store, listing(MODEL, order=CREATED)) == [after]
    assert read_all(store, touched) == [after]
    assert read_all(store, listing(MODEL, rated=False)) == []


def test_artifacts_of_the_same_time_are_ordered_by_id(store: Store) -> None:
    drafts = [
        new_artifact(
            DATASET,
            "same",
            url=url_for(DATASET, str(n)),
            identity=Identity(
                id=f"id-{(n * 7) % 20:02}",
                version=1,
                created_at=START,
                updated_at=START,
                named_at=START + timedelta(seconds=n),
            ),
        )
        for n in range(20)
    ]
    register(store, *drafts)

    up = ids(read_all(store, listing(DATASET, order=CREATED), first=3))
    down = ids(read_all(store, listing(DATASET, order=CREATED_DESCENDING), first=3))

    assert up == sorted(up) == [f"id-{n:02}" for n in range(20)]
    assert down == up[::-1]
    assert ids(read_all(store, listing(DATASET, order=NAMES_DESCENDING), first=3)) == down


def test_a_scan_yields_all_artifacts_in_the_order_of_named_at(store: Store) -> None:
    everyone = register(store, *various_artifacts())
    renamed = update(store, everyone[0], name="renamed")

    found = list(store.scan())

    rest = sorted(everyone[1:], key=lambda artifact: (artifact.named_at, artifact.id))
    assert found == [*rest, renamed]


@pytest.mark.parametrize("count", [1, 101, pytest.param(250, marks=pytest.mark.slow)])
def test_any_number_of_ids_is_read_together(store: Store, count: int) -> None:
    everyone: list[Artifact] = []
    for start in range(0, count, 100):
        stop = min(start + 100, count)
        everyone += register(
            store, *(new_artifact(DATASET, f"d{n}") for n in range(start, stop))
        )

    found = store.get([*ids(everyone), *ids(everyone), "missing"])

    assert found == {artifact.id: artifact for artifact in everyone}
