"""Listings of files with artifacts that cannot be read, whose pages are not full."""

from storage.artifacts.records import Artifact
from storage.search.listing import Listing
from storage.search.pages import Window
from storage.sqlite.store import SqliteStore


def read_readable(store: SqliteStore, wanted: Listing, first: int = 100) -> list[Artifact]:
    """All artifacts of the listing that can be read, page by page."""
    found: list[Artifact] = []
    after, has_next = None, True
    while has_next:
        page = store.page(wanted, Window(first, after=after))
        found += (entry.artifact for entry in page.entries)
        after, has_next = page.end, page.has_next
    return found
