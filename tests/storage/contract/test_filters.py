"""Filtered listings: their artifacts, order and counts."""

import re
from collections.abc import Callable

import pytest

from storage.artifacts.names import normalise
from storage.artifacts.records import Artifact
from storage.search.listing import Order
from storage.store import Store
from tests.storage.contract.listed_artifacts import each_order, sorted_ids, various_artifacts
from tests.storage.samples import (
    CREATED_DESCENDING,
    DATASET,
    NAMES,
    ids,
    listing,
    names,
    new_artifact,
    rating,
    rating_text,
)
from tests.storage.store_calls import read_all, register

Matches = Callable[[Artifact], bool]
FILTERS: list[tuple[dict[str, object], Matches]] = [
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
    (
        {"min_net_score": 0.5},
        lambda a: rating_text(a) in {rating(n / 40) for n in (24, 30, 36)},
    ),
    (
        {"starts_with": "a", "tag": "even", "rated": True},
        lambda a: normalise(a.name)[:1] == "a" and "even" in a.tags and a.rating is not None,
    ),
    (
        {"names": ("alpha", "zeta"), "license": "MIT"},
        lambda a: normalise(a.name) in ("alpha", "zeta") and a.license == "MIT",
    ),
]


def test_a_filtered_listing_can_be_read_in_small_pages(store: Store) -> None:
    everyone = register(store, *various_artifacts())
    expected = [artifact for artifact in everyone if "even" in artifact.tags]

    for order in (NAMES, CREATED_DESCENDING):
        found = read_all(store, listing(order=order, tag="even"), first=6)
        assert ids(found) == sorted_ids(order, expected)


@each_order
def test_filters_find_the_matching_artifacts_in_order(store: Store, order: Order) -> None:
    everyone = register(store, *various_artifacts())

    for wanted, matches in FILTERS:
        expected = sorted_ids(order, [artifact for artifact in everyone if matches(artifact)])
        found = ids(read_all(store, listing(order=order, **wanted)))
        assert (wanted, found) == (wanted, expected)
        assert (wanted, store.count(listing(order=order, **wanted))) == (wanted, len(expected))


@each_order
def test_long_names_with_the_same_beginning_are_listed_once(store: Store, order: Order) -> None:
    alike = "\U0010ffff" * 300
    everyone = register(store, *(new_artifact(DATASET, alike + end) for end in "abc"))
    wanted = listing(DATASET, order=order, names=(f"{alike}a", f"{alike}c"))

    assert ids(read_all(store, wanted)) == sorted_ids(order, [everyone[0], everyone[2]])
    assert store.count(wanted) == 2


@pytest.mark.slow
@pytest.mark.parametrize("order", [NAMES, CREATED_DESCENDING], ids=["names", "created_back"])
def test_a_page_of_a_filter_with_few_matches_reads_a_bounded_range(
    store: Store, order: Order
) -> None:
    for start in range(0, 1_200, 100):
        register(store, *(new_artifact(DATASET, f"d{n:04}") for n in range(start, start + 100)))
    edge = "d1199" if order is NAMES else "d0000"
    artifact_type = listing(DATASET, order=order, contains=edge)

    page = store.page(artifact_type, 10)
    assert page.entries == ()
    assert page.has_next
    assert page.end is not None

    assert names(read_all(store, artifact_type, first=10)) == [edge]
    assert store.count(artifact_type) == 1
