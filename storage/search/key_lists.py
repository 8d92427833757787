"""Lists of matches in their order, of which parts can be read in either direction."""

import sqlite3
from collections.abc import Iterable
from typing import NamedTuple, Protocol

import orjson

from storage.search.candidates import FewRows, from_rows, to_where
from storage.search.conditions import Select
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
        json = orjson.dumps(list(few.rows)).decode()
        rows = from_rows(Select("SELECT value AS row FROM json_each(?)", (json,)))
        sql, values = to_where(few.query)
        statement = f"SELECT {order.select} {rows} WHERE {sql}"
        found = db.execute(statement, (*order.select_values, json, *values)).fetchall()
        entries = ((order.to_key(each), each) for each in found)
        self._entries = sorted(
            (key, each) for key, each in entries if segment in (None, key[0])
        )

    def read(
        self, start: Bound | None, end: Bound | None, limit: int, *, ascending: bool
    ) -> list[Values]:
        """Return a part of the list."""
        entries: Iterable[tuple[Key, Values]] = self._entries
        if not ascending:
            entries = reversed(self._entries)
        within = [v for key, v in entries if _is_within(key, start, end, ascending=ascending)]
        return within[:limit]


def _is_within(key: Key, start: Bound | None, end: Bound | None, *, ascending: bool) -> bool:
    low, high = (start, end) if ascending else (end, start)
    return (low is None or key > low.key or (low.is_included and key == low.key)) and (
        high is None or key < high.key or (high.is_included and key == high.key)
    )
