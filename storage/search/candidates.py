"""Finds the rows of matches, beginning with the condition that the fewest rows meet."""

import sqlite3
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import orjson

from storage.artifacts.records import ArtifactType
from storage.search.conditions import (
    Condition,
    Select,
    TypeCondition,
    filter_conditions,
)
from storage.search.links import Links
from storage.search.listing import Listing
from storage.search.reference_conditions import reference_conditions
from storage.search.text_conditions import name_conditions, word_conditions

_FEW_ENOUGH = 50
"""With so many rows, no smaller number is looked for."""
_SHARE = 0.4
"""If more of all rows would have to be found by their numbers, all are read in their order."""
_SORTED_SHARE = 4
"""If no more than one of so many rows match, they are sorted: in an index, all of them may be
far from its beginning."""


class Limits(NamedTuple):
    """Numbers of rows; only the time that a query takes depends on them."""

    total: int
    """About so many rows there are."""
    few: int = 1_500
    """So many are read and sorted, which takes 5 ms, in place of walking through an index."""
    chunk: int = 1_000
    """So many of an index are tested one by one before all matches are looked for."""
    sorted: int = 1_500
    """So many matches, once all were found, are sorted; more are found again in an index."""

    @classmethod
    def read(cls, db: sqlite3.Connection) -> "Limits":
        """Return the limits for an index."""
        (last,) = db.execute("SELECT max(row) FROM search_artifact").fetchone()
        total = last or 0
        return cls(total, sorted=max(cls(0).few, total // _SORTED_SHARE))


class Query(NamedTuple):
    """The types and conditions that the artifacts of a listing must meet."""

    types: tuple[ArtifactType, ...]
    conditions: tuple[Condition, ...]
    limits: Limits

    @property
    def on_type(self) -> TypeCondition:
        """The condition on the types."""
        return TypeCondition.from_types(self.types)

    def with_conditions(self, conditions: Iterable[Condition]) -> "Query":
        """Return the query with more conditions."""
        return self._replace(conditions=(*self.conditions, *conditions))

    def without_conditions(self) -> "Query":
        """Return the query for all artifacts of the types."""
        return self._replace(conditions=())

    def without(self, condition: Condition) -> "Query":
        """Return the query without one of its conditions."""
        return self._replace(conditions=tuple(c for c in self.conditions if c is not condition))


class FewRows(NamedTuple):
    """Rows that contain all matches, and the query that tells which of them match."""

    rows: Sequence[int]
    query: Query


def query_of(listing: Listing, links: Links, limits: Limits) -> Query:
    """Return the query for a listing; `links` are of its filter."""
    filter_ = listing.filter
    types = TypeCondition.from_types(filter_.types)
    conditions = (
        *filter_conditions(filter_, types),
        *name_conditions(filter_, types),
        *reference_conditions(filter_, links),
        *word_conditions(listing.words),
    )
    return Query(tuple(dict.fromkeys(filter_.types)), conditions, limits)


def find_few(db: sqlite3.Connection, query: Query) -> FewRows | None:
    """Return a few rows that contain all matches; None if no condition has so few."""
    smallest, most = None, query.limits.few
    for condition in query.conditions:
        if condition.rows is None:
            continue
        sql, values, *_ = condition.rows
        found = fetch_rows(db, sql, values, most + 1)
        if len(found) <= most:
            rows = list(dict.fromkeys(found))
            smallest, most = (condition, rows), len(rows)
        if most <= _FEW_ENOUGH:
            break
    if smallest is None:
        return None
    condition, rows = smallest
    return FewRows(rows, query.without(condition) if condition.is_exact else query)


def find_matches(db: sqlite3.Connection, query: Query, limit: int = -1) -> list[int]:
    """Return the rows of all matches in any order, each once; -1 is no limit."""
    first, left = _choose_first(db, query)
    sql, values = to_where(left)
    if first is None:
        found = _fetch(db, f"SELECT a.row FROM search_artifact AS a WHERE {sql}", values, limit)  # noqa: S608
    elif left.conditions:
        found = _fetch(
            db, f"SELECT a.row {from_rows(first)} WHERE {sql}", (*first.values, *values), limit
        )
    elif first.is_typed:
        found = _fetch(db, first.sql, first.values, limit)
    else:
        found = _fetch(db, first.sql, first.values) - _find_others(db, query.types)
    return list(found) if limit < 0 else list(found)[:limit]


def _fetch(
    db: sqlite3.Connection, statement: str, values: Sequence[object], limit: int = -1
) -> set[int]:
    """Return the different rows that are selected; if there are more than `limit`, so many."""
    found = fetch_rows(db, statement, values, limit)
    rows = set(found)
    if len(rows) < limit == len(found):
        # There were repeated ones among the first.
        return _fetch(db, statement, values)
    return rows


def fetch_rows(
    db: sqlite3.Connection, statement: str, values: Sequence[object], limit: int = -1
) -> list[int]:
    """Return the rows that are selected, at most `limit`; -1 is no limit; rows may repeat."""
    # As JSON they are read in a third of the time.
    sql = f"SELECT json_group_array(row) FROM ({statement} LIMIT ?)"  # noqa: S608 - the values are bound
    (json,) = db.execute(sql, (*values, limit)).fetchone()
    return list(orjson.loads(json))


def _find_others(db: sqlite3.Connection, types: Sequence[ArtifactType]) -> set[int]:
    """Return the rows of all other types."""
    on_type = TypeCondition.from_types([each for each in ArtifactType if each not in types])
    select = f"SELECT row FROM search_artifact WHERE {on_type.sql}"  # noqa: S608 - constants
    return _fetch(db, select, on_type.values)


def _choose_first(db: sqlite3.Connection, query: Query) -> tuple[Select | None, Query]:
    """Return the rows to begin with, None for all of these types, and what is left to test."""
    scans = (condition.scan for condition in query.conditions if condition.scan)
    share = min((scan.cost for scan in scans), default=_SHARE)
    first, most = None, int(query.limits.total * share)
    for condition in query.conditions:
        if condition.rows and (found := count_rows(db, condition.rows, most)) <= most:
            first, most = condition, found
    if first:
        return first.rows, query.without(first) if first.is_exact else query
    for condition in query.conditions:
        if condition.scan and condition.scan.cost == share:
            return condition.scan, query.without(condition)
    return None, query


def count_rows(db: sqlite3.Connection, rows: Select, at_most: int) -> int:
    """Return the number of rows, at most one more than `at_most`."""
    count = f"SELECT count(*) FROM (SELECT row FROM ({rows.sql}) LIMIT ?)"  # noqa: S608 - constants
    (found,) = db.execute(count, (*rows.values, at_most + 1)).fetchone()
    return int(found)


def has_row(rows: Sequence[int]) -> Condition:
    """Return the condition to be in one of these rows, all of the types of the listing."""
    # This is tested faster than a row can be looked up.
    bitmap = bytearray(max(rows, default=0))
    for row in rows:
        bitmap[row - 1] = 1
    return Condition("substr(?, a.row, 1) = x'01'", (bytes(bitmap),), select_rows(rows))


def select_rows(rows: Sequence[int]) -> Select:
    """Return the statement for given rows."""
    json = orjson.dumps(rows).decode()
    return Select("SELECT value AS row FROM json_each(?)", (json,), is_typed=True)


def from_rows(rows: Select) -> str:
    """Return the FROM clause that begins with these rows, whatever the conditions are."""
    return (
        f"FROM ({rows.sql}) AS d CROSS JOIN search_artifact AS a NOT INDEXED ON a.row = d.row"
    )


def to_where(query: Query) -> tuple[str, Sequence[object]]:
    """Return the conditions of a query, in one, with their values."""
    types = query.on_type
    sql = " AND ".join((f"a.{types.sql}", *(each.sql for each in query.conditions)))
    return sql, (*types.values, *(v for each in query.conditions for v in each.values))
