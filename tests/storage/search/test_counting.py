"""Counts and facets in the search index: all ways to find matches and to read values."""

import sqlite3
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from storage.artifacts.write_rules import Stamp, make_artifact
from storage.artifacts.writes import Identity
from storage.search.connections import prepare
from storage.search.counting import ListingCounts
from storage.search.facets import FacetField, FacetRequest, FacetValue
from storage.search.links import Links
from storage.search.listing import Filter, Listing, TimeRange
from storage.search.schema import create_tables
from storage.search.value_columns import Limits, ValueColumns
from storage.search.writing import write_artifact
from tests.storage.samples import DATASET, MODEL, START, listing, new_artifact

SIZE = 60


def time_of(at: int) -> datetime:
    return START + timedelta(seconds=at)


@pytest.fixture
def index() -> Iterator[sqlite3.Connection]:
    """Models, of which each has the tag `all`, each second `even`, and one the tag `one`."""
    db = sqlite3.connect(":memory:", isolation_level=None)
    prepare(db)
    create_tables(db)
    for at in range(SIZE):
        tags = ("all", *(["even"] if at % 2 == 0 else []), *(["one"] if at == 7 else []))
        identity = Identity(
            id=f"id-{at}", version=1, created_at=START, updated_at=time_of(at), named_at=START
        )
        made = new_artifact(
            MODEL,
            f"m{at:02}",
            tags=tags,
            license="mit" if at % 3 else None,
            properties=(("size", str(at // 30)),) if at % 5 else (),
            identity=identity,
        )
        write_artifact(db, make_artifact(made, Stamp(START)))
    yield db
    db.close()


def count(db: sqlite3.Connection, wanted: Listing) -> int | None:
    return ListingCounts().count(db, 1, wanted, Links())


def facet(
    db: sqlite3.Connection,
    wanted: Listing,
    field: FacetField,
    key: str | None = None,
    counts: ListingCounts | None = None,
) -> list[tuple[str | None, int]]:
    request = FacetRequest(field, key, ignore_own_filter=False)
    counts = counts or ListingCounts()
    (values,) = counts.count_facets(db, 1, wanted, Links(), [request])
    assert values is not None
    assert all(isinstance(value, FacetValue) for value in values)
    return [(value.value, value.count) for value in values]


Values = list[tuple[str | None, int]]
TAG, LICENSE, VALUE = FacetField.TAG, FacetField.LICENSE, FacetField.PROPERTY_VALUE
COUNTED: dict[str, tuple[dict[str, object], int, dict[FacetField, Values]]] = {
    "all artifacts of a type": (
        {},
        60,
        {
            TAG: [("all", 60), ("even", 30), ("one", 1)],
            LICENSE: [("MIT", 40), (None, 20)],
            VALUE: [("0", 24), ("1", 24), (None, 12)],
        },
    ),
    "half of them": (
        {"tags_none": ("even",)},
        30,
        {
            TAG: [("all", 30), ("one", 1)],
            LICENSE: [("MIT", 20), (None, 10)],
            VALUE: [("0", 12), ("1", 12), (None, 6)],
        },
    ),
    "most, by time": (
        {"updated_at": TimeRange(time_of(6))},
        54,
        {
            TAG: [("all", 54), ("even", 27), ("one", 1)],
            LICENSE: [("MIT", 36), (None, 18)],
            VALUE: [("1", 24), ("0", 20), (None, 10)],
        },
    ),
    "most, between two times": (
        {"updated_at": TimeRange(time_of(6), time_of(58))},
        52,
        {
            TAG: [("all", 52), ("even", 26), ("one", 1)],
            LICENSE: [("MIT", 34), (None, 18)],
            VALUE: [("1", 22), ("0", 20), (None, 10)],
        },
    ),
    "few": (
        {"names": ("m07", "m08", "m10")},
        3,
        {
            TAG: [("all", 3), ("even", 2), ("one", 1)],
            LICENSE: [("MIT", 3)],
            VALUE: [("0", 2), (None, 1)],
        },
    ),
    "none": ({"names": ("none",)}, 0, {TAG: [], LICENSE: [], VALUE: []}),
}


PLANS = {
    "rows are joined with their values": lambda: ListingCounts(few=SIZE),
    "values in memory, of few rows each": lambda: ListingCounts(few=0),
    "bitmaps in memory": lambda: ListingCounts(ValueColumns(Limits(many=1)), few=0),
    "rows are looked up in a bitmap": lambda: ListingCounts(
        ValueColumns(Limits(chunks=0)), few=0
    ),
}


@pytest.mark.parametrize("case", COUNTED)
@pytest.mark.parametrize("plan", PLANS)
def test_values_are_counted_among_all_many_and_few_artifacts(
    index: sqlite3.Connection, case: str, plan: str
) -> None:
    wanted, size, expected = COUNTED[case]
    counted = listing(**wanted)  # type: ignore[arg-type] # conditions of a filter
    counts = PLANS[plan]()

    assert counts.count(index, 1, counted, Links()) == size
    for field, values in expected.items():
        key = "size" if field is VALUE else None
        assert facet(index, counted, field, key, counts) == values
    with_size = sum(count for value, count in expected[VALUE] if value is not None)
    keys: Values = [("size", with_size)] if with_size else []
    keys += [(None, size - with_size)] if size > with_size else []
    assert facet(index, counted, FacetField.PROPERTY_KEY, counts=counts) == keys
    types = [("model", size)] if size else []
    assert facet(index, counted, FacetField.TYPE, counts=counts) == types


def test_types_are_counted_once_if_they_are_named_twice(index: sqlite3.Connection) -> None:
    counted = listing(MODEL, DATASET, MODEL)

    assert count(index, counted) == SIZE
    assert facet(index, counted, FacetField.TYPE) == [("model", SIZE)]


def test_a_listing_of_no_type_has_no_matches(index: sqlite3.Connection) -> None:
    counted = Listing(Filter(types=()))

    assert count(index, counted) == 0
    assert facet(index, counted, FacetField.TAG) == []


def test_counts_and_facets_of_the_same_matches_find_them_once(
    index: sqlite3.Connection,
) -> None:
    fields = (FacetField.TYPE, FacetField.CREATED_BY, FacetField.LICENSE)
    counted = listing(name_contains="m", tags_none=("one",))
    requests = [FacetRequest(field) for field in fields]
    counts = ListingCounts()

    def searches(token: int, requests: list[FacetRequest]) -> int:
        statements: list[str] = []
        index.set_trace_callback(statements.append)
        counts.count(index, token, counted, Links())
        counts.count_facets(index, token, counted, Links(), requests)
        index.set_trace_callback(None)
        return sum("instr" in statement for statement in statements)

    once = searches(1, [])
    assert once > 0
    assert searches(1, requests) == 0
    assert searches(2, requests) == once
    # What is left without the filter on tags was found for the count.
    assert searches(2, [FacetRequest(FacetField.TAG)]) == 0


def test_ranges_of_times_share_the_matches_of_the_rest(index: sqlite3.Connection) -> None:
    counts = ListingCounts(few=0)
    statements: list[str] = []

    def count(seconds: int) -> tuple[int | None, list[str]]:
        statements.clear()
        since = TimeRange(time_of(seconds))
        counted = listing(name_contains="m", updated_at=since)
        index.set_trace_callback(statements.append)
        found = counts.count(index, 1, counted, Links())
        index.set_trace_callback(None)
        return found, [each for each in statements if "instr" in each]

    assert count(0)[0] == SIZE
    assert count(1) == (SIZE - 1, [])
    assert count(SIZE - 2) == (2, [])


def test_nothing_is_read_while_nothing_changes(index: sqlite3.Connection) -> None:
    counts, counted = ListingCounts(), listing(name_contains="m1")
    requests = [FacetRequest(FacetField.TAG), FacetRequest(FacetField.LICENSE, first=1)]

    def read(token: int) -> tuple[object, object]:
        number = counts.count(index, token, counted, Links())
        return number, counts.count_facets(index, token, counted, Links(), requests)

    before = read(1)
    index.execute("DELETE FROM search_artifact WHERE name_normalized = 'm10'")
    index.execute("DELETE FROM search_tag WHERE row = 11")

    assert before[0] == 10
    assert read(1) == before
    assert read(2) == (
        9,
        [[FacetValue("all", 9), FacetValue("even", 4)], [FacetValue("MIT", 6)]],
    )
