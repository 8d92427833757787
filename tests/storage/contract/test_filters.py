"""Filtered listings: their artifacts, order and counts."""

import re
from collections.abc import Callable
from itertools import product
from typing import Any

from storage.artifacts.names import normalise
from storage.artifacts.records import Artifact
from storage.search.listing import Order
from storage.store import Store
from tests.storage.contract.listed_artifacts import each_order, sorted_ids, various_artifacts
from tests.storage.samples import (
    CREATED_DESCENDING,
    DATASET,
    NAMES,
    ORDERS,
    ids,
    listing,
    new_artifact,
    rating,
    rating_text,
)
from tests.storage.store_calls import read_all, register

Matches = Callable[[Artifact], bool]
FILTERS: list[tuple[dict[str, Any], Matches]] = [
    ({"names": ("alpha", "β", "none")}, lambda a: normalise(a.name) in ("alpha", "β")),
    ({"names": ()}, lambda _: False),
    ({"name_starts_with": "al"}, lambda a: normalise(a.name).startswith("al")),
    ({"name_starts_with": "beta "}, lambda a: normalise(a.name).startswith("beta ")),
    ({"name_starts_with": ""}, lambda _: True),
    ({"name_contains": "et"}, lambda a: "et" in normalise(a.name)),
    ({"name_contains": "ü"}, lambda a: "ü" in normalise(a.name)),
    ({"name_matches": "^[a-z]+$"}, lambda a: bool(re.search("^[a-z]+$", a.name))),
    ({"name_matches": "(?i)^alpha"}, lambda a: a.name.lower().startswith("alpha")),
    ({"tags_all": ("five",)}, lambda a: "five" in a.tags),
    ({"tags_all": ("five", "odd")}, lambda a: {"five", "odd"} <= {*a.tags}),
    ({"tags_all": ("five", "even")}, lambda _: False),
    ({"tags_any": ("five", "even")}, lambda a: bool({"five", "even"} & {*a.tags})),
    ({"tags_any": ()}, lambda _: False),
    ({"tags_none": ("five", "none")}, lambda a: "five" not in a.tags),
    ({"tags_is_empty": True}, lambda a: not a.tags),
    ({"tags_is_empty": False}, lambda a: bool(a.tags)),
    ({"licenses": ("mit",)}, lambda a: a.license in ("mit", "MIT")),
    ({"licenses": (None,)}, lambda a: a.license is None),
    ({"licenses": ("none", None)}, lambda a: a.license is None),
    ({"licenses": ()}, lambda _: False),
    (
        {"urls": ("https://example.org/7", "https://example.org/none")},
        lambda a: a.url[20:] == "7",
    ),
    ({"urls": ("https://EXAMPLE.org/7",)}, lambda _: False),
    ({"url_starts_with": "https://example.org/3"}, lambda a: a.url[20] == "3"),
    ({"url_starts_with": "https://example.org/%"}, lambda _: False),
    ({"created_by": ("bob", None)}, lambda _: True),
    ({"created_by": ("bob",)}, lambda _: False),
    ({"rated": True}, lambda a: a.rating is not None),
    ({"rated": False}, lambda a: a.rating is None),
    (
        {"net_score_at_least": 0.5},
        lambda a: rating_text(a) in {rating(n / 40) for n in (24, 30, 36)},
    ),
    (
        {"net_score_at_least": 0.3, "net_score_at_most": 0.6},
        lambda a: rating_text(a) in {rating(n / 40) for n in (12, 18, 24)},
    ),
    (
        {"name_starts_with": "a", "tags_all": ("even",), "rated": True},
        lambda a: normalise(a.name)[:1] == "a" and "even" in a.tags and a.rating is not None,
    ),
    (
        {"names": ("alpha", "zeta"), "licenses": ("mit",)},
        lambda a: normalise(a.name) in ("alpha", "zeta") and a.license in ("mit", "MIT"),
    ),
]


def test_a_filtered_listing_can_be_read_in_small_pages(store: Store) -> None:
    everyone = register(store, *various_artifacts())
    expected = [artifact for artifact in everyone if "even" in artifact.tags]

    for order in (NAMES, CREATED_DESCENDING):
        found = read_all(store, listing(order=order, tags_all=("even",)), first=6)
        assert ids(found) == sorted_ids(order, expected)


def test_filters_find_the_matching_artifacts_in_order(store: Store) -> None:
    everyone = register(store, *various_artifacts())

    for order, (wanted, matches) in product(ORDERS, FILTERS):
        expected = sorted_ids(order, [artifact for artifact in everyone if matches(artifact)])
        found = ids(read_all(store, listing(order=order, **wanted)))
        assert (order, wanted, found) == (order, wanted, expected)
        count = store.count(listing(order=order, **wanted))
        assert (order, wanted, count) == (order, wanted, len(expected))


@each_order
def test_long_names_with_the_same_beginning_are_listed_once(store: Store, order: Order) -> None:
    alike = "\U0010ffff" * 300
    everyone = register(store, *(new_artifact(DATASET, alike + end) for end in "abc"))
    wanted = listing(DATASET, order=order, names=(f"{alike}a", f"{alike}c"))

    assert ids(read_all(store, wanted)) == sorted_ids(order, [everyone[0], everyone[2]])
    assert store.count(wanted) == 2


PATTERNS = (
    "^b$", r"\Ab", r"b\z", "(?m)^b$", "(?i)^a.b$", "a[^x]b", "(?s)a.b", "a(?-s:.)b", "^[^\n]$",
    r"\bb\b", "b|^$", "x",
)  # fmt: skip


def test_a_pattern_is_matched_with_each_name_alone(store: Store) -> None:
    names = ("b", "ab", "a b", "a\nb", "b\na", "A-b", "x\ny", "c")
    everyone = register(
        store,
        *(
            new_artifact(DATASET, name, url=f"https://b.example/{at}")
            for at, name in enumerate(names)
        ),
    )

    for pattern in PATTERNS:
        in_python = re.compile(pattern.replace(r"\z", r"\Z"))
        expected = sorted_ids(NAMES, [a for a in everyone if in_python.search(a.name)])
        wanted = listing(DATASET, name_matches=pattern)
        assert (pattern, ids(read_all(store, wanted))) == (pattern, expected)
        assert (pattern, store.count(wanted)) == (pattern, len(expected))
