"""The listings of a file from its search index, and their counts."""

import sqlite3
from collections.abc import Iterator, Sequence
from functools import partial
from secrets import token_hex

from storage.artifacts.projection import FULL_PROJECTION, AnyArtifact, Projection
from storage.artifacts.records import Artifact
from storage.errors import UndecodableError
from storage.search import paging
from storage.search.counting import ListingCounts
from storage.search.facets import FacetRequest, FacetValue
from storage.search.links import Links, find_links
from storage.search.listing import Listing
from storage.search.pages import Entry, Page, Window
from storage.sqlite import feed, lookups, rows
from storage.sqlite.fetch import fetch

StateToken = tuple[str, str | None]
"""Differs after every change of the artifacts."""

_STATE = "state"


def scan_readable(db: sqlite3.Connection) -> Iterator[Artifact]:
    """Yield all artifacts that can be read."""
    for row in fetch(db, rows.select_artifacts(FULL_PROJECTION)):
        artifact = rows.decode_row(row, FULL_PROJECTION)
        if not isinstance(artifact, UndecodableError):
            yield artifact


def read_state(db: sqlite3.Connection) -> StateToken:
    """Return a token that differs after every change of the artifacts by any process."""
    select = "SELECT value FROM search_setting WHERE name = ?"
    (state,) = db.execute(select, (_STATE,)).fetchone() or (None,)
    return feed.newest_cursor(db), state


def note_change(db: sqlite3.Connection) -> None:
    """Note a change of the artifacts or of the index that is not in the feed."""
    db.execute("INSERT OR REPLACE INTO search_setting VALUES (?, ?)", (_STATE, token_hex(8)))


def read_page(
    db: sqlite3.Connection,
    listing: Listing,
    window: Window,
    projection: Projection[AnyArtifact],
) -> Page[AnyArtifact]:
    """Read a part of a listing; artifacts that cannot be read are left out."""
    found = paging.read_page(db, listing, resolve_links(db, listing), window)
    artifacts = lookups.get_by_ids(db, [id_ for _, id_ in found.entries], projection)
    entries = [
        Entry(position, artifact)
        for position, id_ in found.entries
        if (artifact := artifacts.get(id_)) and not isinstance(artifact, UndecodableError)
    ]
    start, end = (found.entries[0][0], found.entries[-1][0]) if found.entries else (None, None)
    return Page(tuple(entries), start, end, found.has_next, found.has_previous)


def resolve_links(db: sqlite3.Connection, listing: Listing) -> Links:
    """Resolve the references that a filter names."""
    return find_links(listing.filter, partial(lookups.resolve_targets, db))


class ListingCounter:
    """Counts listings, and keeps the results while no artifact changes; for all threads."""

    def __init__(self) -> None:
        self._counts = ListingCounts()

    def count(self, db: sqlite3.Connection, listing: Listing) -> int | None:
        """Return the number of artifacts of a listing; see `Store.count`."""
        return self._counts.count(db, read_state(db), listing, resolve_links(db, listing))

    def count_facets(
        self, db: sqlite3.Connection, listing: Listing, requests: Sequence[FacetRequest]
    ) -> Sequence[Sequence[FacetValue] | None]:
        """Return the most frequent values for each request; see `Store.count_facets`."""
        links = resolve_links(db, listing)
        return self._counts.count_facets(db, read_state(db), listing, links, requests)
