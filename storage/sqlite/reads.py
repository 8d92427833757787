"""The reads of the store: artifacts, listings, links and changes."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial

from storage.artifacts.projection import (
    CORE_PROJECTION,
    FULL_BY_DEFAULT,
    AnyArtifact,
    Projection,
)
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
from storage.search.listing import Listing
from storage.search.paging import MAX_COUNTED, Page, count_matches, read_page
from storage.sqlite import changes, feed, lookups
from storage.sqlite.database import Database
from storage.sqlite.retention import read_cutoff, read_retention
from storage.store import ReverseLinkQuery


class SqliteReads:
    """The methods of the store that only read."""

    _database: Database
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
            found = {t: lookups.resolve_target(db, t, projection) for t in targets}
        return {target: artifact for target, artifact in found.items() if artifact}

    def page(
        self,
        listing: Listing,
        first: int,
        after: str | None = None,
        projection: Projection[AnyArtifact] = FULL_BY_DEFAULT,
    ) -> Page[AnyArtifact]:
        """Return the first artifacts of a listing after a position."""
        with self._database.reading() as db:
            fetch = partial(
                lookups.read_key_ranges, db, projection=projection.with_details(listing.details)
            )
            return read_page(fetch, listing, first, after)

    def count(self, listing: Listing) -> int | None:
        """Return the number of artifacts in a listing, None if it is above 10,000."""
        with self._database.reading() as db:
            if listing.is_whole:
                return lookups.count_types(db, listing.filter.types, MAX_COUNTED)
            return count_matches(
                partial(
                    lookups.read_key_ranges,
                    db,
                    projection=CORE_PROJECTION.with_details(listing.details),
                ),
                listing,
            )

    def read_reverse_links(
        self,
        queries: Sequence[ReverseLinkQuery],
        projection: Projection[AnyArtifact] = FULL_BY_DEFAULT,
    ) -> Sequence[Page[AnyArtifact]]:
        """Return a page of models for each query."""
        with self._database.reading() as db:
            return [lookups.read_models(db, query, projection) for query in queries]

    def count_reverse_links(self, artifacts: Sequence[PartialArtifact]) -> Sequence[int | None]:
        """Return the number of models of each artifact, None if it is above 10,000."""
        with self._database.reading() as db:
            return [lookups.count_models(db, artifact, MAX_COUNTED) for artifact in artifacts]

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
        """Raise StoreUnavailableError if the file cannot be read."""
        with self._database.reading() as db:
            db.execute("SELECT 1 FROM artifact LIMIT 1").fetchone()
