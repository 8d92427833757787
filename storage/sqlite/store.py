"""The store in one SQLite file; tests compare the DynamoDB store with it."""

import time
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

from storage.artifacts.projection import (
    CORE_PROJECTION,
    FULL_BY_DEFAULT,
    FULL_PROJECTION,
    AnyArtifact,
    Projection,
)
from storage.artifacts.records import (
    Artifact,
    ArtifactPatch,
    ArtifactType,
    NewArtifact,
    OnConflict,
    PartialArtifact,
    Registered,
    Target,
    WriteError,
)
from storage.artifacts.write_rules import (
    check_writable,
)
from storage.deadline import no_deadline
from storage.search.listing import Listing
from storage.search.paging import MAX_COUNTED, Page, count_matches, read_page
from storage.sqlite import check, lookups, rows, writes
from storage.sqlite.database import Database
from storage.store import Inconsistency, Progress, ReverseLinkQuery

_BATCH = 1_000


class SqliteStore:
    """A registry in the SQLite file at `path`."""

    def __init__(self, path: Path) -> None:
        self._database = Database(path)
        self._name = path.name

    @property
    def name(self) -> str:
        """The file's name."""
        return self._name

    def get(
        self, ids: Sequence[str], projection: Projection[AnyArtifact] = FULL_BY_DEFAULT
    ) -> Mapping[str, AnyArtifact]:
        """Return the artifacts that have these ids, by id."""
        with self._database.reading() as db:
            return lookups.get_by_ids(db, ids, projection)

    def resolve(
        self,
        targets: Sequence[Target],
        projection: Projection[AnyArtifact] = FULL_BY_DEFAULT,
    ) -> Mapping[Target, AnyArtifact]:
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
        requests: Sequence[ReverseLinkQuery],
        projection: Projection[AnyArtifact] = FULL_BY_DEFAULT,
    ) -> Sequence[Page[AnyArtifact]]:
        """Return a page of models for each query."""
        with self._database.reading() as db:
            return [lookups.read_models(db, query, projection) for query in requests]

    def count_reverse_links(self, artifacts: Sequence[PartialArtifact]) -> Sequence[int | None]:
        """Return the number of models of each artifact, None if it is above 10,000."""
        with self._database.reading() as db:
            return [lookups.count_models(db, artifact, MAX_COUNTED) for artifact in artifacts]

    def register(
        self, drafts: Sequence[NewArtifact], on_conflict: OnConflict
    ) -> Sequence[Registered | WriteError]:
        """Register artifacts in their order, in one transaction."""
        with self._database.writing() as db:
            return [writes.register(db, draft, on_conflict) for draft in drafts]

    def update(
        self,
        id: str,  # noqa: A002 - the registry's own word
        type: ArtifactType | None,  # noqa: A002 - likewise
        changes: ArtifactPatch,
        expected_version: int | None = None,
    ) -> Artifact | WriteError:
        """Change the given fields of an artifact."""
        with self._database.writing() as db:
            artifact = lookups.get_by_ids(db, [id], FULL_PROJECTION).get(id)
            outcome = check_writable(artifact, id, type, expected_version)
            if isinstance(outcome, WriteError):
                return outcome
            return writes.update(db, outcome, changes)

    def delete(
        self,
        id: str,  # noqa: A002 - the registry's own word
        type: ArtifactType | None,  # noqa: A002 - likewise
        expected_version: int | None = None,
    ) -> Artifact | WriteError:
        """Delete an artifact and its references."""
        with self._database.writing() as db:
            artifact = lookups.get_by_ids(db, [id], FULL_PROJECTION).get(id)
            outcome = check_writable(artifact, id, type, expected_version)
            if isinstance(outcome, Artifact):
                db.execute("DELETE FROM artifact WHERE id = ?", (id,))
            return outcome

    def reset(self) -> Iterator[int]:
        """Delete every artifact, a thousand in each transaction; yield how many each deleted.

        Between transactions it sleeps for as long as each took, so that others can write.
        """
        while True:
            with no_deadline(), self._database.writing() as db:
                start = time.monotonic()
                count = db.execute(
                    "DELETE FROM artifact WHERE id IN (SELECT id FROM artifact LIMIT ?)",
                    (_BATCH,),
                ).rowcount
            seconds = time.monotonic() - start
            yield count
            if count < _BATCH:
                return
            time.sleep(seconds)

    def scan(self) -> Iterator[Artifact]:
        """Yield every artifact; one batch is in memory at a time."""
        after = ("", "")
        while True:
            with self._database.reading() as db:
                batch = lookups.read_by_naming_time(db, after, _BATCH)
            if not batch:
                return
            yield from batch
            after = (batch[-1].named_at.isoformat(timespec="microseconds"), batch[-1].id)

    def check(self) -> Iterator[Inconsistency]:
        """Yield everything that is wrong with the file."""
        with self._database.reading() as db:
            yield from check.find_corruption(db)
            yield from check.find_unreadable_ratings(db)
            yield from (inconsistency for _, inconsistency in check.find_stale_rows(db))

    def repair(self, progress: Progress) -> int:
        """Write the rows with stale columns again, and return their number."""
        with self._database.writing() as db:
            stale = [artifact for artifact, _ in check.find_stale_rows(db)]
            for done, artifact in enumerate(stale):
                progress("repairing", done, len(stale))
                rows.write_artifact(db, artifact)
        return len(stale)

    def ping(self) -> None:
        """Raise StoreUnavailableError if the file cannot be read."""
        with self._database.reading() as db:
            db.execute("SELECT 1 FROM artifact LIMIT 1").fetchone()

    def close(self) -> None:
        """Close the connections."""
        self._database.close()
