"""Conditions with text and lists that SQL, FTS5 and JSON treat specially."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from typing import Any

import pytest

from storage.artifacts.names import normalise
from storage.artifacts.records import SavedRating
from storage.search.folding import fold, fold_search
from storage.search.links import Links
from storage.search.listing import (
    Filter,
    Listing,
)
from storage.search.pages import Window
from storage.search.paging import read_page
from storage.search.writing import write_artifact
from tests.storage.samples import (
    DATASET,
    MODEL,
    ORDERS,
    SCORES,
    START,
    listing,
)
from tests.storage.search.small_indexes import find, model, open_index

NAMES = (
    "plain", 'say "hi"', "it's", "100%", "under_score", "back\\slash", "a\x00b", "NEAR(x)",
    "name:x", "-minus", "star*", "tag\U0010ffff", "tag\U0010ffff\U0010ffff", "tail\ud7ff",
    "\ue000", "(brackets)", "modell", "\ubaa8\ub378", "\u0130stanbul", "cafe\u0301 au lait",
)  # fmt: skip


@pytest.fixture
def db() -> Iterator[sqlite3.Connection]:
    """An index with a model of each name, m00, m01 and so on."""
    with closing(open_index()) as db:
        for at, name in enumerate(NAMES):
            write_artifact(db, model(f"m{at:02}", name))
        yield db


@pytest.mark.parametrize("name", NAMES)
def test_every_name_is_found_by_itself(db: sqlite3.Connection, name: str) -> None:
    key = normalise(name)
    longer = [each for each in NAMES if normalise(each).startswith(key)]

    assert find(db, listing(MODEL, names=(key,))) == [name]
    assert find(db, listing(MODEL, names=(key, *(f"x{n}" for n in range(20))))) == [name]
    assert find(db, listing(MODEL, name_starts_with=key)) == sorted(longer, key=normalise)
    assert name in find(db, listing(MODEL, name_contains=key))
    assert name in find(db, listing(MODEL, search=fold_search(name)))
    assert find(db, listing(MODEL, name_matches=r"(?s)^.{40,}$")) == []


@pytest.mark.parametrize(
    ("search", "expected"),
    [
        ('"', ['say "hi"']),
        ('y "hi"', ['say "hi"']),
        ("%", ["100%"]),
        ("100_", []),
        ("_", ["under_score"]),
        ("k\\s", ["back\\slash"]),
        ("near(", ["NEAR(x)"]),
        ("NOT plain", []),
        ("plain OR 100%", []),
        ("name:", ["name:x"]),
        ("-minus", ["-minus"]),
        ("pla*", []),
        ("star*", ["star*"]),
        ("istanbul", ["\u0130stanbul"]),
        ("caf\u00e9 lait", ["cafe\u0301 au lait"]),
        ("lait au cafe", ["cafe\u0301 au lait"]),
        ("\ubaa8", ["\ubaa8\ub378"]),
        ("example.org m03", ["100%"]),
        ("MODELL", ["modell"]),
        ("odlmodel", []),
    ],
)
def test_words_are_parts_of_text_whatever_they_consist_of(
    db: sqlite3.Connection, search: str, expected: list[str]
) -> None:
    for order in ORDERS:
        found = find(db, listing(MODEL, order=order, search=fold_search(search)))
        assert found == expected


def test_trigrams_in_another_order_do_not_match(db: sqlite3.Connection) -> None:
    write_artifact(db, model("x1", "abcabd"))

    assert find(db, listing(MODEL, search="abcabd")) == ["abcabd"]
    assert find(db, listing(MODEL, search="abdabc")) == []
    assert find(db, listing(MODEL, name_contains="abdabc")) == []


@pytest.mark.parametrize("count", [1, 9, 40_000])
def test_long_lists_are_searched_for(db: sqlite3.Connection, count: int) -> None:
    many = tuple(f"m{n:02}" for n in range(count))
    expected = sorted(NAMES[:count], key=normalise)

    assert find(db, listing(MODEL, ids=many)) == expected
    urls = tuple(f"https://example.org/{id_}" for id_ in many)
    assert find(db, listing(MODEL, urls=urls)) == expected
    assert find(db, listing(MODEL, names=(*many, "plain"))) == ["plain"]
    assert find(db, listing(MODEL, tags_any=many)) == []
    assert find(db, listing(MODEL, licenses=(*many, None))) == sorted(NAMES, key=normalise)
    assert find(db, listing(MODEL, created_by=many)) == []


@pytest.mark.parametrize(
    "field", ["types", "ids", "names", "urls", "tags_any", "licenses", "created_by"]
)
def test_an_empty_list_matches_nothing(db: sqlite3.Connection, field: str) -> None:
    conditions: dict[str, Any] = {"types": (MODEL,), field: ()}
    for order in ORDERS:
        wanted = Listing(Filter(**conditions), order)
        assert find(db, wanted) == []
        assert read_page(db, wanted, Links(), Window(5)).has_next is False


def test_a_type_that_is_named_twice_is_listed_once(db: sqlite3.Connection) -> None:
    assert len(find(db, listing(MODEL, DATASET, MODEL))) == len(NAMES)


def test_a_rating_that_cannot_be_read_has_no_net_score(db: sqlite3.Connection) -> None:
    rated = model("r1", "rated", rated=0.5)
    unreadable = replace(
        model("r2", "unreadable", rated=0.5), rating=SavedRating("damaged", START, None)
    )
    for each in (rated, unreadable):
        write_artifact(db, each)

    assert find(db, listing(MODEL, rated=True)) == ["rated", "unreadable"]
    assert find(db, listing(MODEL, net_score_at_least=-1.0)) == ["rated"]
    assert find(db, listing(MODEL, order=SCORES, rated=True)) == ["rated", "unreadable"]
    assert find(db, listing(MODEL, rated=False, name_starts_with="r")) == []


@pytest.mark.slow
def test_what_a_name_contains_its_folded_text_contains_folded() -> None:
    """Otherwise the trigrams would miss names that contain a text."""
    letters = (chr(n) for n in range(0x110000) if not 0xD800 <= n < 0xE000)
    different = [each for each in letters if fold(normalise(f"a{each}b")) != fold(f"a{each}b")]

    assert different == []
