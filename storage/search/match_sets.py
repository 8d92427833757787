"""Finds all matches of a listing, in a form in which their values can be counted."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

import orjson

from storage.artifacts.records import ArtifactType
from storage.search.links import Links
from storage.search.listing import Filter, Listing
from storage.search.pages import MAX_COUNTED
from storage.search.paging import matching_rows

_FEW = 10
"""The rows of matches are few if the table has more than so many times as many."""
_COUNT_TYPE = """
SELECT count(*) FROM (SELECT 1 FROM search_artifact WHERE type = ? LIMIT ?)
"""


@dataclass(frozen=True, slots=True)
class MatchSet:
    """The matches of a listing: all artifacts of these types, or some of them.

    Some are given by their rows, as a JSON array, if they are few, and else by a bitmap, which
    has a byte for each row of the table from the first on, 1 for a match.
    """

    types: Sequence[ArtifactType]
    count: int
    rows: str | None = None
    bitmap: bytes | None = None


def find_matches(db: sqlite3.Connection, listing: Listing, links: Links) -> MatchSet | None:
    """Return the matches of a listing; None if there are more than MAX_COUNTED."""
    types = tuple(dict.fromkeys(listing.filter.types))
    limit = MAX_COUNTED + 1
    if listing.filter == Filter(types=listing.filter.types) and not listing.words:
        counts = [db.execute(_COUNT_TYPE, (each.value, limit)).fetchone()[0] for each in types]
        return MatchSet(types, sum(counts)) if sum(counts) <= MAX_COUNTED else None
    rows = matching_rows(db, listing, links, limit)
    if len(rows) > MAX_COUNTED:
        return None
    (last,) = db.execute("SELECT max(row) FROM search_artifact").fetchone()
    if len(rows) * _FEW < (last or 0):
        return MatchSet(types, len(rows), rows=orjson.dumps(sorted(rows)).decode())
    return MatchSet(types, len(rows), bitmap=_to_bitmap(rows))


def _to_bitmap(rows: Sequence[int]) -> bytes:
    bitmap = bytearray(max(rows, default=0))
    for row in rows:
        bitmap[row - 1] = 1
    return bytes(bitmap)
