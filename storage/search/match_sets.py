"""Finds all matches of a listing, in a form in which their values can be counted."""

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from storage.artifacts.records import ArtifactType
from storage.search import bitmaps
from storage.search.bitmaps import Bitmap
from storage.search.candidates import count_rows, fetch_rows
from storage.search.conditions import Sides, TypeCondition, time_sides
from storage.search.links import Links
from storage.search.listing import Filter, Listing
from storage.search.pages import MAX_COUNTED
from storage.search.paging import matching_rows
from storage.search.value_columns import ValueColumns
from storage.search.value_tests import find_tested, without_tests

_SHARE = 25
"""Rows are few if they are less than one of so many."""
_GROWTH = 8
"""Until one side of a range is read whole, so many times more rows are tried."""
_COUNT_TYPE = """
SELECT count(*) FROM (SELECT 1 FROM search_artifact WHERE type = ? LIMIT ?)
"""


@dataclass(frozen=True, slots=True)
class MatchSet:
    """The matches of a listing: all artifacts of these types, or those in the bitmap."""

    types: Sequence[ArtifactType]
    count: int
    bitmap: Bitmap | None = None


Find: TypeAlias = Callable[[Listing], MatchSet | None]
"""Returns the matches of another listing with the same types and references."""


@dataclass(frozen=True, slots=True)
class MatchFinder:
    """Finds the matches of listings with the same types and references."""

    db: sqlite3.Connection
    links: Links
    columns: ValueColumns
    find_other: Find
    """Finds those that several listings share, once."""
    few: int
    """SQL begins with a range of times that has so few rows."""

    def find(self, listing: Listing) -> MatchSet | None:
        """Return the matches of a listing; None if there are more than MAX_COUNTED."""
        types = tuple(dict.fromkeys(listing.filter.types))
        if _is_unfiltered(listing):
            limit = MAX_COUNTED + 1
            counts = [self._read_int(_COUNT_TYPE, each.value, limit) for each in types]
            return MatchSet(types, sum(counts)) if sum(counts) <= MAX_COUNTED else None
        bitmap = self._find_in_times(listing)
        if bitmap is None:
            bitmap = self._find_with_memory(listing)
        if bitmap is None:
            found = matching_rows(self.db, listing, self.links, MAX_COUNTED + 1)
            bitmap = bitmaps.from_rows(found)
        count = bitmaps.count(bitmap)
        return MatchSet(types, count, bitmap) if count <= MAX_COUNTED else None

    def _find_with_memory(self, listing: Listing) -> Bitmap | None:
        """Find matches by the values that are kept in memory; None if these do not help.

        What meets the other conditions is found by SQL: among few rows, or else once for all
        listings with the same other conditions, as those of facets without their own filter.
        """
        others = Listing(without_tests(listing.filter), search=listing.search)
        if others.filter == listing.filter:
            return None
        tested = find_tested(self.db, listing.filter, self.columns)
        if tested is None or _is_unfiltered(others):
            return tested
        if self._are_few(tested):
            return self._find_among(others, self.links, tested)
        matches = self.find_other(others)
        if matches is None or matches.bitmap is None:
            return None
        return bitmaps.intersect(tested, matches.bitmap)

    def _find_in_times(self, listing: Listing) -> Bitmap | None:
        """Find matches of the listing without its ranges of times, and those in these.

        None if there are no ranges, or one has so few rows that SQL can begin with them.
        """
        rest, times = _split_times(listing)
        sides = [*time_sides(times.filter, TypeCondition.from_types(times.filter.types))]
        counts = [count_rows(self.db, each.inside, self.few) for each in sides]
        if min(counts, default=0) <= self.few:
            return None
        found = self._find_rest(rest)
        if found is None or self._are_few(found):
            return found and self._find_among(times, Links(), found)
        if not _is_unfiltered(rest):
            matches = self.find_other(times)
            if matches is not None and matches.bitmap is not None:
                return bitmaps.intersect(found, matches.bitmap)
        for each in sides:
            found = self._restrict(found, each)
        return found

    def _find_rest(self, rest: Listing) -> Bitmap | None:
        """Find the matches of the rest of a listing; None if there are too many."""
        if _is_unfiltered(Listing(without_tests(rest.filter), search=rest.search)):
            return find_tested(self.db, rest.filter, self.columns)
        matches = self.find_other(rest)
        return None if matches is None else matches.bitmap

    def _find_among(self, listing: Listing, links: Links, rows: Bitmap) -> Bitmap:
        """Find the matches of a listing among some rows."""
        among = [*bitmaps.to_rows(rows)]
        return bitmaps.from_rows(matching_rows(self.db, listing, links, len(among), among))

    def _restrict(self, rows: Bitmap, sides: Sides) -> Bitmap:
        """Return the rows inside a range; only the side that has fewer rows is read whole."""
        most = self.few or 1
        while True:
            for side, combine in zip(sides, (bitmaps.intersect, bitmaps.subtract), strict=True):
                if count_rows(self.db, side, most) <= most:
                    read = fetch_rows(self.db, side.sql, side.values)
                    return combine(rows, bitmaps.from_rows(read))
            most *= _GROWTH

    def _are_few(self, rows: Bitmap) -> bool:
        return bitmaps.count(rows) * _SHARE <= self._last_row

    @property
    def _last_row(self) -> int:
        return self._read_int("SELECT coalesce(max(row), 0) FROM search_artifact")

    def _read_int(self, statement: str, *values: object) -> int:
        (number,) = self.db.execute(statement, values).fetchone()
        return int(number)


def _is_unfiltered(listing: Listing) -> bool:
    return listing.filter == Filter(types=listing.filter.types) and not listing.words


def _split_times(listing: Listing) -> tuple[Listing, Listing]:
    """Return the listing without its ranges of times, and one that has these alone."""
    filter_ = listing.filter
    rest = replace(filter_, created_at=None, updated_at=None)
    times = Filter(
        types=filter_.types, created_at=filter_.created_at, updated_at=filter_.updated_at
    )
    return Listing(rest, search=listing.search), Listing(times)
