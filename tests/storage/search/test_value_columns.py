"""Values in memory: they are read again after changes, and in no more memory than allowed."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage.artifacts.records import Artifact
from storage.search.bitmaps import to_rows
from storage.search.counting import ListingCounts
from storage.search.facets import FacetField, FacetRequest
from storage.search.listing import Listing
from storage.search.value_columns import TAGS, Limits, ValueColumns
from storage.search.writing import remove_all, remove_artifact, write_artifact
from tests.storage.contract.listing_oracle import ListingOracle
from tests.storage.samples import ids
from tests.storage.search.listed_artifacts import catalogues, listings
from tests.storage.search.small_indexes import model, open_index
from tests.storage.search.test_paging import Index

FIELDS = (FacetField.TYPE, FacetField.TAG, FacetField.LICENSE, FacetField.CREATED_BY)
REQUESTS = [FacetRequest(field, first=100) for field in FIELDS]
BY_SQL = Limits(chunks=0)


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("bitmaps", "chunk_versions", "value_columns"):
        monkeypatch.setattr(f"storage.search.{module}.CHUNK", 4)


@given(
    catalogues,
    st.lists(listings, min_size=1, max_size=3),
    st.integers(1, 3),
    st.sampled_from([0, 1_000]),
    st.data(),
)
@settings(max_examples=50, deadline=None)
def test_counts_are_the_same_with_values_in_memory_and_without(
    artifacts: list[Artifact], wanted: list[Listing], many: int, few: int, data: st.DataObject
) -> None:
    with closing(Index(artifacts)) as index:
        kept = ListingCounts(ValueColumns(Limits(many=many)), few)
        for token in range(3):
            expected = ListingOracle(index.artifacts)
            for each in wanted:
                links = index.find_links(each)
                by_sql = ListingCounts(ValueColumns(BY_SQL), few)
                assert kept.count(index.db, token, each, links) == len(ids(expected.read(each)))
                assert kept.count_facets(
                    index.db, token, each, links, REQUESTS
                ) == by_sql.count_facets(index.db, token, each, links, REQUESTS)
            _change(index, data)


def _change(index: Index, data: st.DataObject) -> None:
    """Remove an artifact, or give it the values of another."""
    if not index.artifacts:
        return
    artifacts = list(index.artifacts)
    changed, other = (data.draw(st.sampled_from(artifacts)) for _ in range(2))
    artifacts.remove(changed)
    if data.draw(st.booleans()):
        remove_artifact(index.db, changed.id)
    else:
        changed = replace(other, id=changed.id, url=changed.url)
        write_artifact(index.db, changed)
        artifacts.append(changed)
    index.artifacts = artifacts


@pytest.fixture
def db() -> Iterator[sqlite3.Connection]:
    with closing(open_index()) as db:
        for n in range(10):
            write_artifact(db, model(f"id-{n}", f"m{n}", tags=("all", f"t{n}")))
        write_artifact(db, model("rated", "rated", rated=0.2))
        yield db


def rows_with(db: sqlite3.Connection, columns: ValueColumns, tag: str) -> list[int] | None:
    column = columns.read(db, TAGS)
    return None if column is None else [*to_rows(column.find({tag}))]


def count_reads(db: sqlite3.Connection, columns: ValueColumns) -> int:
    statements: list[str] = []
    db.set_trace_callback(statements.append)
    columns.read(db, TAGS)
    db.set_trace_callback(None)
    return sum("json_group_array" in statement for statement in statements)


CHANGES: dict[str, tuple[Callable[[sqlite3.Connection], object], int]] = {
    "another tag": (lambda db: write_artifact(db, model("id-5", "m5", tags=("x",))), 1),
    "a registration": (lambda db: write_artifact(db, model("id-a", "a")), 1),
    "a deletion": (lambda db: remove_artifact(db, "id-5"), 1),
    "a first rating": (
        lambda db: write_artifact(db, model("id-0", "m0", tags=("all", "t0"), rated=0.5)),
        1,
    ),
    "another rating": (
        lambda db: write_artifact(db, model("rated", "rated", rated=0.5)),
        0,
    ),
    "another name": (lambda db: write_artifact(db, model("id-0", "n", tags=("all", "t0"))), 0),
    "a reset": (remove_all, 0),
}


@pytest.mark.parametrize("change", CHANGES)
def test_only_the_chunks_of_changed_values_are_read_again(
    db: sqlite3.Connection, change: str
) -> None:
    columns = ValueColumns()
    assert count_reads(db, columns) == 3
    assert count_reads(db, columns) == 0

    make, reads = CHANGES[change]
    make(db)

    assert count_reads(db, columns) == reads
    assert rows_with(db, columns, "all") == rows_with(db, ValueColumns(), "all")


def test_a_transaction_that_is_rolled_back_changes_nothing(db: sqlite3.Connection) -> None:
    columns = ValueColumns()
    before = rows_with(db, columns, "all")

    db.execute("BEGIN")
    remove_artifact(db, "id-5")
    assert rows_with(db, columns, "all") == [1, 2, 3, 4, 5, 7, 8, 9, 10]
    db.execute("ROLLBACK")

    assert rows_with(db, columns, "all") == before == [*range(1, 11)]


def test_many_chunks_are_read_in_several_requests(db: sqlite3.Connection) -> None:
    columns = ValueColumns(Limits(chunks=2))

    assert rows_with(db, columns, "t8") is None
    assert rows_with(db, columns, "t8") == [9]


@pytest.mark.parametrize("limits", [Limits(values=5), Limits(bytes=40)])
def test_a_field_that_takes_too_much_memory_is_not_kept(
    db: sqlite3.Connection, limits: Limits
) -> None:
    columns = ValueColumns(limits)

    columns.read(db, TAGS)

    assert columns.read(db, TAGS) is None
    assert count_reads(db, columns) == 0
