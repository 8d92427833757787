"""Finds all matches of a listing, in a form in which their values can be counted."""

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from storage.artifacts.records import ArtifactType
from storage.search import bitmaps
from storage.search.bitmaps import Bitmap
from storage.search.links import Links
from storage.search.listing import Filter, Listing
from storage.search.pages import MAX_COUNTED
from storage.search.paging import matching_rows
from storage.search.value_columns import ValueColumns
from storage.search.value_tests import find_tested, without_tests

_FEW = 25
"""Rows are few if they are less than one of so many."""
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


def find_matches(
    db: sqlite3.Connection, listing: Listing, links: Links, columns: ValueColumns, find: Find
) -> MatchSet | None:
    """Return the matches of a listing; None if there are more than MAX_COUNTED."""
    types = tuple(dict.fromkeys(listing.filter.types))
    if _is_unfiltered(listing):
        limit = MAX_COUNTED + 1
        counts = [db.execute(_COUNT_TYPE, (each.value, limit)).fetchone()[0] for each in types]
        return MatchSet(types, sum(counts)) if sum(counts) <= MAX_COUNTED else None
    bitmap = _find_with_memory(db, listing, links, columns, find)
    if bitmap is None:
        bitmap = bitmaps.from_rows(matching_rows(db, listing, links, MAX_COUNTED + 1))
    count = bitmaps.count(bitmap)
    return MatchSet(types, count, bitmap) if count <= MAX_COUNTED else None


def _is_unfiltered(listing: Listing) -> bool:
    return listing.filter == Filter(types=listing.filter.types) and not listing.words


def _find_with_memory(
    db: sqlite3.Connection, listing: Listing, links: Links, columns: ValueColumns, find: Find
) -> Bitmap | None:
    """Find matches by the values that are kept in memory; None if these do not help.

    What meets the other conditions is found by SQL: among few rows, or else once for all
    listings with the same other conditions, as those of facets without their own filter.
    """
    others = Listing(without_tests(listing.filter), search=listing.search)
    if others.filter == listing.filter:
        return None
    tested = find_tested(db, listing.filter, columns)
    if tested is None or _is_unfiltered(others):
        return tested
    (last,) = db.execute("SELECT max(row) FROM search_artifact").fetchone()
    if bitmaps.count(tested) * _FEW <= (last or 0):
        among = [*bitmaps.to_rows(tested)]
        return bitmaps.from_rows(matching_rows(db, others, links, len(among), among))
    matches = find(others)
    if matches is None or matches.bitmap is None:
        return None
    return bitmaps.intersect(tested, matches.bitmap)
