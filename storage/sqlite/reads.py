"""The reads of the store: artifacts, listings, links and changes."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from storage.artifacts.projection import FULL_BY_DEFAULT, AnyArtifact, Projection
from storage.artifacts.records import Artifact, PartialArtifact, Target
from storage.change_queries import (
    ALL_CHANGES,
    ChangeFilter,
    FeedPage,
    HistoryPage,
    HistoryQuery,
)
from storage.clock import Clock
from storage.errors import UndecodableError
from storage.reverse_links import ReverseLinkQuery
from storage.search.facets import FacetRequest, FacetValue
from storage.search.listing import Listing
from storage.search.pages import Page, Window
from storage.search.state import SearchState
from storage.sqlite import changes, feed, lookups, search_index
from storage.sqlite.database import Database
from storage.sqlite.index_builds import IndexBuilds
from storage.sqlite.retention import read_cutoff, read_retention

_MAX_LINKS_COUNTED = 10_000


class SqliteReads:
    """The methods of the store that only read."""

    _database: Database
    _counter: search_index.ListingCounter
    _index: IndexBuilds
    _clock: Clock

    def get(
        self, ids: Sequence[str], projection: Projection[AnyArtifact] = FULL_BY_DEFAULT
    ) -> Mapping[str, AnyArtifact | UndecodableError]:
        """Return the artifacts that have these ids, by id."""
        with self._database.reading() as db:
            return lookups.get_by_ids(db, ids, projection)

    def resolve(
        self,
        targets: Sequence[Target],
        projection: Projection[AnyArtifact] = FULL_BY_DEFAULT,
    ) -> Mapping[Target, AnyArtifact | UndecodableError]:
        """Return the artifacts that the targets resolve to now."""
        with self._database.reading() as db:
            return lookups.resolve_targets(db, targets, projection)

    def page(
        self,
        listing: Listing,
        window: Window,
        projection: Projection[AnyArtifact] = FULL_BY_DEFAULT,
    ) -> Page[AnyArtifact]:
        """Return a part of a listing."""
        with self._index.reading() as db:
            return search_index.read_page(db, listing, window, projection)

    def count(self, listing: Listing) -> int | None:
        """Return the number of artifacts of a listing, None if it is above MAX_COUNTED."""
        with self._index.reading() as db:
            return self._counter.count(db, listing)

    def count_facets(
        self, listing: Listing, requests: Sequence[FacetRequest]
    ) -> Sequence[Sequence[FacetValue] | None]:
        """Return the most frequent values for each request."""
        with self._index.reading() as db:
            return self._counter.count_facets(db, listing, requests)

    def search_state(self) -> SearchState:
        """Return the state of the search index, which changes with the artifacts."""
        return self._index.state

    def read_reverse_links(
        self,
        queries: Sequence[ReverseLinkQuery],
        projection: Projection[AnyArtifact] = FULL_BY_DEFAULT,
    ) -> Sequence[Page[AnyArtifact]]:
        """Return a page of models for each query."""
        with self._database.reading() as db:
            return lookups.read_models(db, queries, projection)

    def count_reverse_links(self, artifacts: Sequence[PartialArtifact]) -> Sequence[int | None]:
        """Return the number of models of each artifact, None if it is above 10,000."""
        with self._database.reading() as db:
            return [lookups.count_models(db, each, _MAX_LINKS_COUNTED) for each in artifacts]

    def find_successor(self, artifact: PartialArtifact) -> Artifact | None:
        """Return the namesake that would own the artifact's name if it were deleted."""
        with self._database.reading() as db:
            return lookups.find_successor(db, artifact)

    def read_history(self, queries: Sequence[HistoryQuery]) -> Sequence[HistoryPage]:
        """Return a page of changes for each query, the newest first."""
        with self._database.reading() as db:
            cutoff = read_cutoff(db, self._clock())
            return [changes.read_history(db, query, cutoff) for query in queries]

    def read_feed(
        self, after: str | None, first: int, filter_: ChangeFilter = ALL_CHANGES
    ) -> FeedPage:
        """Return the changes after a cursor, in the order of their commits."""
        with self._database.reading() as db:
            cutoff = read_cutoff(db, self._clock())
            return feed.read_feed(db, after, first, filter_, cutoff)

    def feed_cursor(self) -> str:
        """Return the cursor after the newest change."""
        with self._database.reading() as db:
            return feed.newest_cursor(db)

    def read_recent_changes(
        self, before: str | None, first: int, filter_: ChangeFilter = ALL_CHANGES
    ) -> FeedPage:
        """Return the changes before a cursor, the newest first."""
        with self._database.reading() as db:
            cutoff = read_cutoff(db, self._clock())
            return feed.read_recent_changes(db, before, first, filter_, cutoff)

    def get_retention(self) -> timedelta | None:
        """Return how long changes and deleted artifacts are kept; None for ever."""
        with self._database.reading() as db:
            return read_retention(db)

    def ping(self) -> None:
        """Raise StoreUnavailableError if the file cannot be read, or is another one."""
        self._database.check_in_place()
        with self._database.reading() as db:
            for table in ("artifact", "search_artifact"):
                db.execute(f"SELECT 1 FROM {table} LIMIT 1").fetchone()  # noqa: S608 - constants
