"""Lists of matches in their order, of which parts can be read in either direction."""

import sqlite3
from bisect import bisect_left, bisect_right
from typing import NamedTuple, Protocol

from storage.search.candidates import FewRows, from_rows, select_rows, to_where
from storage.search.orders import Key, KeyOrder, Values


class Bound(NamedTuple):
    """An end of a part of a list."""

    key: Key
    is_included: bool = False


class KeyList(Protocol):
    """A list of matches."""

    def read(
        self, start: Bound | None, end: Bound | None, limit: int, *, ascending: bool
    ) -> list[Values]:
        """Return the first matches from `start` to `end`, which None leaves open.

        If not `ascending`, they are read in the reverse order: `start` comes after `end`.
        """


class SortedList:
    """A list of few matches, of one segment or of all, which is read and sorted at once."""

    def __init__(
        self, db: sqlite3.Connection, order: KeyOrder, few: FewRows, segment: int | None = None
    ) -> None:
        rows = select_rows(few.rows)
        sql, values = to_where(few.query)
        statement = f"SELECT {order.select} {from_rows(rows)} WHERE {sql}"
        parameters = (*order.select_values, *rows.values, *values)
        found = db.execute(statement, parameters).fetchall()
        if segment is not None:
            found = [each for each in found if order.to_key(each)[0] == segment]
        self._to_key = order.to_key
        self._entries = sorted(found, key=order.to_key)

    def read(
        self, start: Bound | None, end: Bound | None, limit: int, *, ascending: bool
    ) -> list[Values]:
        """Return a part of the list."""
        low, high = (start, end) if ascending else (end, start)
        first = self._count_before(low, is_end=False) if low else 0
        last = self._count_before(high, is_end=True) if high else len(self._entries)
        within = self._entries[first:last]
        return (within if ascending else within[::-1])[:limit]

    def _count_before(self, bound: Bound, *, is_end: bool) -> int:
        """Return how many entries come before a part of the list that begins or ends there."""
        bisect = bisect_right if bound.is_included == is_end else bisect_left
        return bisect(self._entries, bound.key, key=self._to_key)
