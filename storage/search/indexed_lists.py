"""Lists of many matches in the order of an index."""

import sqlite3
from collections.abc import Callable, Sequence

from storage.search.candidates import Query, from_rows, has_row, select_rows
from storage.search.conditions import Condition, Select, Value
from storage.search.key_lists import Bound, KeyList
from storage.search.orders import Segment, Values


class IndexedList:
    """A list of many matches, all of one segment.

    The first artifacts are tested one by one. If too few of them match, all matches are
    found first, so that the time hardly depends on where they are.
    """

    def __init__(
        self,
        db: sqlite3.Connection,
        segment: Segment,
        query: Query,
        find_rows: Callable[[], Sequence[int]],
    ) -> None:
        """Read with `query`; `find_rows` finds its matches in all segments."""
        self._db = db
        self._query = query
        self._segment = segment
        self._find_rows = find_rows
        self._index = _Index(db, segment, query)
        self._matches: KeyList | None = None

    def read(
        self, start: Bound | None, end: Bound | None, limit: int, *, ascending: bool
    ) -> list[Values]:
        """Return a part of the list."""
        if self._matches is None:
            chunk_end = self._index.chunk_end(start, ascending=ascending)
            ends = [bound for bound in (end, chunk_end) if bound]
            nearest = (min if ascending else max)(ends, default=None)
            found = self._index.read(start, nearest, limit, ascending=ascending)
            if len(found) >= limit or nearest is end:
                return found
            self._matches = self._find_matches()
        return self._matches.read(start, end, limit, ascending=ascending)

    def _find_matches(self) -> KeyList:
        rows = self._find_rows()
        query = self._query.without_conditions()
        if len(rows) <= query.limits.sorted:
            return _Index(self._db, self._segment, query, select_rows(rows))
        query = query.with_conditions((*self._index.ranges, has_row(rows)))
        return _Index(self._db, self._segment, query)


class _Index:
    """Reads an index in its order, and tests each artifact; or sorts given rows likewise."""

    def __init__(
        self,
        db: sqlite3.Connection,
        segment: Segment,
        query: Query,
        rows: Select | None = None,
    ) -> None:
        self._segment = segment
        self.ranges = [c for c in query.conditions if c.column == segment.columns[0]]
        """The conditions that the index serves."""
        self._tests = [c for c in query.conditions if c not in self.ranges]
        self._db = db
        self._types = query.types
        self._rows = rows
        self._chunk = query.limits.chunk

    def read(
        self, start: Bound | None, end: Bound | None, limit: int, *, ascending: bool
    ) -> list[Values]:
        """Return a part of the list."""
        within = [*self._within(start, end, ascending=ascending), *self.ranges, *self._tests]
        columns = f"{self._segment.select}, {self._columns}"
        rows = self._select(columns, within, limit, ascending=ascending)
        count = len(self._segment.columns)
        if len(self._types) > 1:
            rows.sort(key=lambda row: row[-count:], reverse=not ascending)
        return [row[:-count] for row in rows[:limit]]

    def chunk_end(self, start: Bound | None, *, ascending: bool) -> Bound | None:
        """Return where the chunk ends that begins at `start`; None: at the end of the list."""
        if not self._tests:
            return None
        within = [*self._within(start, None, ascending=ascending), *self.ranges]
        ends = self._select(self._columns, within, 1, ascending=ascending, offset=self._chunk)
        keys = [Bound((self._segment.number, *end)) for end in ends]
        return (min if ascending else max)(keys, default=None)

    @property
    def _source(self) -> str:
        if self._rows:
            return from_rows(self._rows)
        return f"FROM search_artifact AS a INDEXED BY {self._segment.index}"

    @property
    def _columns(self) -> str:
        return ", ".join(f"a.{column}" for column in self._segment.columns)

    def _within(
        self, start: Bound | None, end: Bound | None, *, ascending: bool
    ) -> list[Condition]:
        """Return the conditions that keep to the segment and to a part of it."""
        low, high = (start, end) if ascending else (end, start)
        conditions = [Condition(self._segment.bound)]
        for operator, bound in ((">", low), ("<", high)):
            if bound:
                operator += "=" * bound.is_included  # noqa: PLW2901 - the same, with equality
                values = bound.key[1:]
                sql = f"({self._columns}) {operator} ({', '.join('?' * len(values))})"
                conditions.append(Condition(sql, values))
        return conditions

    def _select(
        self,
        columns: str,
        conditions: Sequence[Condition],
        limit: int,
        *,
        ascending: bool,
        offset: int = 0,
    ) -> list[Values]:
        """Read columns of the first artifacts of each type that meet the conditions."""
        direction = "ASC" if ascending else "DESC"
        order = ", ".join(f"a.{column} {direction}" for column in self._segment.columns)
        where = " AND ".join(condition.sql for condition in conditions)
        statement = f"""
        SELECT {columns} {self._source}
         WHERE a.type = ? AND {where} ORDER BY {order} LIMIT ? OFFSET ?
        """
        values: list[Value] = [value for each in conditions for value in each.values]
        rows = self._rows.values if self._rows else ()
        found: list[Values] = []
        for each in self._types:
            found += self._db.execute(statement, (*rows, each.value, *values, limit, offset))
        return found
