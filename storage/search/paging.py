"""Reads pages of listings from the search index.

If one of the conditions has few rows, these are read and sorted. Otherwise the index of the
order is walked through, and each artifact tested.
"""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from storage.search.candidates import (
    Limits,
    Query,
    find_few,
    find_matches,
    has_row,
    query_of,
)
from storage.search.key_lists import Bound, KeyList, SortedList
from storage.search.links import Links
from storage.search.listing import Listing
from storage.search.orders import KeyOrder, Values, order_of
from storage.search.pages import Window
from storage.search.segmented_lists import SegmentedList


@dataclass(frozen=True, slots=True)
class IdPage:
    """A page of a listing: positions and ids, in the order of the listing.

    `has_next` and `has_previous` say whether the list has entries after and before the page;
    if it is empty, after and before the end of the window from which it was read.
    """

    entries: tuple[tuple[str, str], ...]
    has_next: bool
    has_previous: bool


def read_page(
    db: sqlite3.Connection,
    listing: Listing,
    links: Links,
    window: Window,
    limits: Limits | None = None,
) -> IdPage:
    """Read a part of a listing, on a connection that `connections.prepare` has prepared.

    Raises:
        InvalidCursorError: if a position of the window is not one of this order.
    """
    order = order_of(listing)
    keys = [
        None if each is None else order.from_position(each)
        for each in (window.after, window.before)
    ]
    after, before = (Bound(key) if key else None for key in keys)
    if not listing.filter.types:
        return IdPage((), has_next=False, has_previous=False)
    query = query_of(listing, links, limits or Limits.read(db))
    matches = _open_list(db, order, query)
    return _PageReader(matches, order).read(after, before, window.size, window.from_end)


def matching_rows(
    db: sqlite3.Connection,
    listing: Listing,
    links: Links,
    limit: int,
    among: Sequence[int] | None = None,
) -> list[int]:
    """Return the rows of the matches of a listing, in any order, each once, at most `limit`.

    Only those `among` some rows of the listing's types are found, if they are given.
    """
    if not listing.filter.types:
        return []
    query = query_of(listing, links, Limits.read(db))
    if among is not None:
        query = query.with_conditions([has_row(among)])
    return find_matches(db, query, limit)


def _open_list(db: sqlite3.Connection, order: KeyOrder, query: Query) -> KeyList:
    column = order.segments[0].columns[0]
    is_range = all(condition.column == column for condition in query.conditions)
    few = None if is_range else find_few(db, query)
    return SortedList(db, order, few) if few else SegmentedList(db, order, query)


class _PageReader:
    def __init__(self, matches: KeyList, order: KeyOrder) -> None:
        self._matches = matches
        self._order = order

    def read(
        self, after: Bound | None, before: Bound | None, size: int, from_end: bool
    ) -> IdPage:
        """Read the first or last `size` entries between two bounds, and look beyond them."""
        start, end = (before, after) if from_end else (after, before)
        found = self._read(start, end, size + 1, forward=not from_end)
        on_page = found[:size]
        behind = len(found) > size or self._has_more(on_page, start, end, forward=not from_end)
        ahead = start is not None and self._has_any(
            self._bound(on_page[0]) if on_page else Bound(start.key, is_included=True),
            forward=from_end,
        )
        entries = tuple((self._order.to_position(each), each[-1]) for each in on_page)
        if from_end:
            return IdPage(entries[::-1], has_next=ahead, has_previous=behind)
        return IdPage(entries, has_next=behind, has_previous=ahead)

    def _has_more(
        self, on_page: list[Values], start: Bound | None, end: Bound | None, *, forward: bool
    ) -> bool:
        """Return whether there are entries beyond the window."""
        if end is None:
            return False
        return self._has_any(self._bound(on_page[-1]) if on_page else start, forward=forward)

    def _has_any(self, start: Bound | None, *, forward: bool) -> bool:
        return bool(self._read(start, None, 1, forward=forward))

    def _bound(self, values: Values) -> Bound:
        return Bound(self._order.to_key(values))

    def _read(
        self, start: Bound | None, end: Bound | None, limit: int, *, forward: bool
    ) -> list[Values]:
        ascending = forward != self._order.is_descending
        return self._matches.read(start, end, limit, ascending=ascending)
