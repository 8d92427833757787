"""Lists of many matches, segment by segment."""

import sqlite3
from collections.abc import Iterable
from functools import partial

from storage.search.candidates import FewRows, Query, find_few, find_matches
from storage.search.indexed_lists import IndexedList
from storage.search.key_lists import Bound, KeyList, SortedList
from storage.search.orders import KeyOrder, Segment, Values


class SegmentedList:
    """A list of many matches: its segments, one after the other."""

    def __init__(self, db: sqlite3.Connection, order: KeyOrder, query: Query) -> None:
        self._db = db
        self._order = order
        self._query = query
        self._segments: dict[int, KeyList] = {}
        self._rows: list[int] | None = None

    def read(
        self, start: Bound | None, end: Bound | None, limit: int, *, ascending: bool
    ) -> list[Values]:
        """Return a part of the list."""
        low, high = (start, end) if ascending else (end, start)
        first = low.key[0] if low else 0
        last = high.key[0] if high else len(self._order.segments) - 1
        numbers: Iterable[int] = range(first, last + 1)
        if not ascending:
            numbers = range(last, first - 1, -1)
        found: list[Values] = []
        for number in numbers:
            found += self._segment(number).read(
                start if start and start.key[0] == number else None,
                end if end and end.key[0] == number else None,
                limit - len(found),
                ascending=ascending,
            )
            if len(found) >= limit:
                break
        return found

    def _segment(self, number: int) -> KeyList:
        if number not in self._segments:
            self._segments[number] = self._open(self._order.segments[number])
        return self._segments[number]

    def _open(self, segment: Segment) -> KeyList:
        if not segment.conditions:
            return IndexedList(self._db, segment, self._query, self._find_rows)
        few = find_few(
            self._db, self._query.without_conditions().with_conditions(segment.conditions)
        )
        if few:
            few = FewRows(few.rows, few.query.with_conditions(self._query.conditions))
            return SortedList(self._db, self._order, few, segment.number)
        query = self._query.with_conditions(segment.conditions)
        find_rows = partial(find_matches, self._db, query)
        return IndexedList(self._db, segment, query, find_rows)

    def _find_rows(self) -> list[int]:
        """Return the matches of all segments, which are found once."""
        if self._rows is None:
            self._rows = find_matches(self._db, self._query)
        return self._rows
