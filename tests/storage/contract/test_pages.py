"""Pages: each artifact of a listing exactly once, in order, whatever the page holds."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest

from storage.artifacts.names import normalise
from storage.artifacts.records import Artifact, Identity, NewArtifact
from storage.search.listing import Order
from storage.store import Store
from tests.storage.samples import (
    CODE,
    CREATED,
    CREATED_BACK,
    DATASET,
    DAWN,
    EVERY_TYPE,
    MODEL,
    NAMES,
    NAMES_BACK,
    ORDERS,
    by_name,
    draft,
    ids,
    listing,
    names,
    rating,
    register,
    register_one,
    update,
    url_of,
    walk,
)

WORDS = ["Alpha", "alpha", "beta", "Beta max", "gamma", "ALPHA 2", "Ünïcode", "zeta", "", "β"]
each_order = pytest.mark.parametrize(
    "order", ORDERS, ids=["names", "names_back", "created", "created_back"]
)


def _cast() -> list[NewArtifact]:
    return [
        draft(
            EVERY_TYPE[at % 3],
            WORDS[at % len(WORDS)],
            url=f"https://example.org/{at}",
            tags=("even",) if at % 2 == 0 else ("odd", "five") if at % 5 == 0 else (),
            license=[None, "mit", "MIT"][at % 3],
            rated=at / 40 if at % 6 == 0 else None,
        )
        for at in range(40)
    ]


def _sorted(order: Order, artifacts: list[Artifact]) -> list[str]:
    def place(artifact: Artifact) -> tuple[bytes, str]:
        if order.field is NAMES.field:
            return normalise(artifact.name).encode(), artifact.id
        return artifact.created_at.isoformat().encode(), artifact.id

    return ids(sorted(artifacts, key=place, reverse=order.descending))


@each_order
@pytest.mark.parametrize(("first", "count"), [(1, 6), (7, 40), (40, 40), (100, 40)])
def test_walk_yields_each_artifact_once_in_order(
    store: Store, order: Order, first: int, count: int
) -> None:
    everyone = register(store, *_cast()[:count])

    for types in ((MODEL,), (DATASET, CODE), EVERY_TYPE):
        wanted = [a for a in everyone if a.type in types]
        found = walk(store, listing(*types, order=order), first)
        assert ids(found) == _sorted(order, wanted)
        assert store.count(listing(*types, order=order)) == len(wanted)
        assert {a.id: a for a in found} == {a.id: a for a in wanted}


Passes = Callable[[Artifact], bool]
FILTERS: list[tuple[dict[str, object], Passes]] = [
    ({"names": ("alpha", "β", "none")}, lambda a: normalise(a.name) in ("alpha", "β")),
    ({"names": ()}, lambda _: False),
    ({"starts_with": "AL"}, lambda a: normalise(a.name).startswith("al")),
    ({"starts_with": "beta "}, lambda a: normalise(a.name).startswith("beta ")),
    ({"starts_with": ""}, lambda _: True),
    ({"contains": "ET"}, lambda a: "et" in normalise(a.name)),
    ({"contains": "ü"}, lambda a: "ü" in normalise(a.name)),
    ({"matches": "^[a-z]+$"}, lambda a: bool(re.search("^[a-z]+$", a.name))),
    ({"matches": "(?i)^alpha"}, lambda a: a.name.lower().startswith("alpha")),
    ({"tag": "five"}, lambda a: "five" in a.tags),
    ({"license": "mit"}, lambda a: a.license == "mit"),
    ({"rated": True}, lambda a: a.rating is not None),
    ({"rated": False}, lambda a: a.rating is None),
    ({"min_net_score": 0.5}, lambda a: a.rating in {rating(n / 40) for n in (24, 30, 36)}),
    (
        {"starts_with": "a", "tag": "even", "rated": True},
        lambda a: normalise(a.name)[:1] == "a" and "even" in a.tags and a.rating is not None,
    ),
    (
        {"names": ("alpha", "zeta"), "license": "MIT"},
        lambda a: normalise(a.name) in ("alpha", "zeta") and a.license == "MIT",
    ),
]


def test_filtered_listing_is_walked_in_small_pages_too(store: Store) -> None:
    everyone = register(store, *_cast())
    expected = [artifact for artifact in everyone if "even" in artifact.tags]

    for order in (NAMES, CREATED_BACK):
        found = walk(store, listing(order=order, tag="even"), first=6)
        assert ids(found) == _sorted(order, expected)


@each_order
def test_filters_find_what_passes_in_order(store: Store, order: Order) -> None:
    everyone = register(store, *_cast())

    for wanted, passes in FILTERS:
        expected = _sorted(order, [artifact for artifact in everyone if passes(artifact)])
        found = ids(walk(store, listing(order=order, **wanted)))
        assert (wanted, found) == (wanted, expected)
        assert (wanted, store.count(listing(order=order, **wanted))) == (wanted, len(expected))


@each_order
def test_long_names_that_begin_alike_are_listed_once(store: Store, order: Order) -> None:
    alike = "\U0010ffff" * 300
    everyone = register(store, *(draft(DATASET, alike + end) for end in "abc"))
    wanted = listing(DATASET, order=order, names=(f"{alike}a", f"{alike}c"))

    assert ids(walk(store, wanted)) == _sorted(order, [everyone[0], everyone[2]])
    assert store.count(wanted) == 2


@each_order
def test_page_ends_at_the_position_behind_which_the_next_begins(
    store: Store, order: Order
) -> None:
    register(store, *_cast()[:5])
    of = listing(order=order)
    everything = store.page(of, 100)

    for at, entry in enumerate(everything.entries):
        page = store.page(of, 2, entry.position)
        assert page.entries == everything.entries[at + 1 : at + 3]
        assert page.has_next == (at + 3 < 5)
        assert page.end == (page.entries[-1].position if page.entries else None)
    assert everything.end == everything.entries[-1].position
    assert not everything.has_next


@each_order
def test_position_of_an_artifact_that_has_gone_still_serves(store: Store, order: Order) -> None:
    everyone = register(store, *_cast()[:6])
    of = listing(order=order)
    page = store.page(of, 3)
    last = page.entries[-1].artifact

    store.delete(last.id, None)

    rest = store.page(of, 100, page.end)
    seen = ids([entry.artifact for entry in (*page.entries, *rest.entries)])
    assert seen == _sorted(order, everyone)


def test_empty_store_has_an_empty_page(store: Store) -> None:
    for order in ORDERS:
        page = store.page(listing(order=order), 100)
        assert (page.entries, page.end, page.has_next) == ((), None, False)
    assert store.count(listing()) == 0


def test_renamed_artifact_is_found_in_its_new_place(store: Store) -> None:
    a, b, c = register(store, *(draft(DATASET, name) for name in "abc"))

    update(store, a, name="d")

    assert names(walk(store, listing(DATASET), first=1)) == ["b", "c", "d"]
    assert ids(walk(store, listing(DATASET, order=CREATED), first=1)) == [a.id, b.id, c.id]
    assert walk(store, listing(DATASET, names=("a",))) == []


def test_updated_artifact_is_listed_as_it_is_now(store: Store) -> None:
    model = register_one(store, draft(MODEL, "bert", by_name(DATASET, "squad")))

    after = update(store, model, rating=rating(0.9), tags=("x",), license="mit")

    assert walk(store, listing(MODEL)) == [after]
    assert walk(store, listing(MODEL, order=CREATED)) == [after]
    assert walk(store, listing(MODEL, tag="x", license="mit", min_net_score=0.9)) == [after]
    assert walk(store, listing(MODEL, rated=False)) == []


@pytest.mark.slow
@pytest.mark.parametrize("order", [NAMES, CREATED_BACK], ids=["names", "created_back"])
def test_filter_that_finds_little_reads_a_bounded_stretch_a_page(
    store: Store, order: Order
) -> None:
    for start in range(0, 1_200, 100):
        register(store, *(draft(DATASET, f"d{n:04}") for n in range(start, start + 100)))
    edge = "d1199" if order is NAMES else "d0000"
    of = listing(DATASET, order=order, contains=edge)

    page = store.page(of, 10)
    assert page.entries == ()
    assert page.has_next
    assert page.end is not None

    assert names(walk(store, of, first=10)) == [edge]
    assert store.count(of) == 1


def test_same_time_is_ordered_by_id(store: Store) -> None:
    drafts = [
        draft(
            DATASET,
            "same",
            url=url_of(DATASET, str(n)),
            identity=Identity(
                id=f"id-{(n * 7) % 20:02}",
                version=1,
                created_at=DAWN,
                updated_at=DAWN,
                named_at=DAWN + timedelta(seconds=n),
            ),
        )
        for n in range(20)
    ]
    register(store, *drafts)

    up = ids(walk(store, listing(DATASET, order=CREATED), first=3))
    down = ids(walk(store, listing(DATASET, order=CREATED_BACK), first=3))

    assert up == sorted(up) == [f"id-{n:02}" for n in range(20)]
    assert down == up[::-1]
    assert ids(walk(store, listing(DATASET, order=NAMES_BACK), first=3)) == down


def test_scan_yields_everything_in_the_order_of_naming(store: Store) -> None:
    everyone = register(store, *_cast())
    renamed = update(store, everyone[0], name="renamed")

    found = list(store.scan())

    assert found == [*everyone[1:], renamed]


@pytest.mark.parametrize("count", [1, 100, 101, 250])
def test_any_number_of_ids_is_got_at_once(store: Store, count: int) -> None:
    everyone: list[Artifact] = []
    for start in range(0, count, 100):
        stop = min(start + 100, count)
        everyone += register(store, *(draft(DATASET, f"d{n}") for n in range(start, stop)))

    found = store.get([*ids(everyone), *ids(everyone), "missing"])

    assert found == {artifact.id: artifact for artifact in everyone}
