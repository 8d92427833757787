"""The Store protocol on one SQLite file; also the oracle that DynamoDB is compared with."""

import sqlite3
import time
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

from storage.artifacts.names import normalise
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
    LookupField,
    NewArtifact,
    OnConflict,
    PartialArtifact,
    Registered,
    Target,
    WriteError,
)
from storage.artifacts.write_rules import (
    apply_patch,
    check_reference_limit,
    check_writable,
    id_taken_error,
    is_restored,
    make_artifact,
    place_after_owner,
    url_taken_error,
)
from storage.deadline import no_deadline
from storage.search.listing import Listing
from storage.search.paging import MAX_COUNTED, Page, count_matches, read_page
from storage.sqlite import check, lookups, rows
from storage.sqlite.database import Database
from storage.store import Inconsistency, Progress, ReverseLinkQuery

_BATCH = 1_000


class SqliteStore:
    """A registry in the file at `path`."""

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
        """The artifacts that have these ids."""
        with self._database.reading() as db:
            return lookups.by_ids(db, ids, projection)

    def resolve(
        self,
        targets: Sequence[Target],
        projection: Projection[AnyArtifact] = FULL_BY_DEFAULT,
    ) -> Mapping[Target, AnyArtifact]:
        """What the targets are now."""
        with self._database.reading() as db:
            found = {target: lookups.resolved(db, target, projection) for target in targets}
        return {target: artifact for target, artifact in found.items() if artifact}

    def page(
        self,
        listing: Listing,
        first: int,
        after: str | None = None,
        projection: Projection[AnyArtifact] = FULL_BY_DEFAULT,
    ) -> Page[AnyArtifact]:
        """The `first` artifacts of a listing behind `after`."""
        with self._database.reading() as db:
            read = projection.with_details(listing.details)
            fetch = partial(lookups.read_key_ranges, db, projection=read)
            return read_page(fetch, listing, first, after)

    def count(self, listing: Listing) -> int | None:
        """How many artifacts a listing has, up to 10,000."""
        with self._database.reading() as db:
            if listing.is_whole:
                return lookups.count_types(db, listing.filter.types, MAX_COUNTED)
            read = CORE_PROJECTION.with_details(listing.details)
            return count_matches(partial(lookups.read_key_ranges, db, projection=read), listing)

    def read_reverse_links(
        self,
        queries: Sequence[ReverseLinkQuery],
        projection: Projection[AnyArtifact] = FULL_BY_DEFAULT,
    ) -> Sequence[Page[AnyArtifact]]:
        """A page of models for each request."""
        with self._database.reading() as db:
            return [lookups.models_page(db, query, projection) for query in queries]

    def count_reverse_links(self, artifacts: Sequence[PartialArtifact]) -> Sequence[int | None]:
        """How many models each artifact has, up to 10,000."""
        with self._database.reading() as db:
            return [lookups.count_models(db, artifact, MAX_COUNTED) for artifact in artifacts]

    def register(
        self, new_artifacts: Sequence[NewArtifact], on_conflict: OnConflict
    ) -> Sequence[Registered | WriteError]:
        """Register the new_artifacts in their order, in one transaction."""
        with self._database.writing() as db:
            return [_register(db, new, on_conflict) for new in new_artifacts]

    def update(
        self,
        id: str,  # noqa: A002 - the registry's own word
        type: ArtifactType | None,  # noqa: A002 - likewise
        changes: ArtifactPatch,
        expected_version: int | None = None,
    ) -> Artifact | WriteError:
        """Change the fields that are given."""
        with self._database.writing() as db:
            artifact = lookups.by_ids(db, [id], FULL_PROJECTION).get(id)
            found = check_writable(artifact, id, type, expected_version)
            return found if isinstance(found, WriteError) else _update(db, found, changes)

    def delete(
        self,
        id: str,  # noqa: A002 - the registry's own word
        type: ArtifactType | None,  # noqa: A002 - likewise
        expected_version: int | None = None,
    ) -> Artifact | WriteError:
        """Delete an artifact and its references."""
        with self._database.writing() as db:
            artifact = lookups.by_ids(db, [id], FULL_PROJECTION).get(id)
            found = check_writable(artifact, id, type, expected_version)
            if isinstance(found, Artifact):
                db.execute("DELETE FROM artifact WHERE id = ?", (id,))
            return found

    def reset(self) -> Iterator[int]:
        """Delete every artifact, a thousand in a transaction.

        Between these it pauses for as long as each took: others are waiting to write.
        """
        while True:
            with no_deadline(), self._database.writing() as db:
                began = time.monotonic()
                count = db.execute(
                    "DELETE FROM artifact WHERE id IN (SELECT id FROM artifact LIMIT ?)",
                    (_BATCH,),
                ).rowcount
            took = time.monotonic() - began
            yield count
            if count < _BATCH:
                return
            time.sleep(took)

    def scan(self) -> Iterator[Artifact]:
        """Every artifact, a batch in memory at a time."""
        after = ("", "")
        while True:
            with self._database.reading() as db:
                found = lookups.named_after(db, after, _BATCH)
            if not found:
                return
            yield from found
            after = (found[-1].named_at.isoformat(timespec="microseconds"), found[-1].id)

    def check(self) -> Iterator[Inconsistency]:
        """All that is wrong with the file."""
        with self._database.reading() as db:
            yield from check.damage(db)
            yield from check.unreadable(db)
            yield from (violation for _, violation in check.stale(db))

    def repair(self, progress: Progress) -> int:
        """Write anew what is stale."""
        with self._database.writing() as db:
            found = [artifact for artifact, _ in check.stale(db)]
            for at, artifact in enumerate(found):
                progress("mending", at, len(found))
                rows.write(db, artifact)
        return len(found)

    def ping(self) -> None:
        """Raise StoreUnavailableError unless the file answers."""
        with self._database.reading() as db:
            db.execute("SELECT 1 FROM artifact LIMIT 1").fetchone()

    def close(self) -> None:
        """Close the connections."""
        self._database.close()


def _register(
    db: sqlite3.Connection, new: NewArtifact, on_conflict: OnConflict
) -> Registered | WriteError:
    owner = lookups.resolved(db, Target(new.type, LookupField.URL, new.url), FULL_PROJECTION)
    if owner is None:
        artifact = make_artifact(new)
        if lookups.by_ids(db, [artifact.id], CORE_PROJECTION):
            return id_taken_error(artifact.id)
        artifact = _joining(db, artifact)
        rows.write(db, artifact)
        return Registered(artifact=artifact, created=True)
    if on_conflict is OnConflict.REJECT:
        return url_taken_error(owner)
    if is_restored(owner, new):
        return Registered(artifact=owner, created=False)
    outcome = _update(db, owner, new.changes)
    if isinstance(outcome, WriteError):
        return outcome
    return Registered(artifact=outcome, created=False)


def _update(
    db: sqlite3.Connection, artifact: Artifact, changes: ArtifactPatch
) -> Artifact | WriteError:
    after = apply_patch(artifact, changes)
    if refused := check_reference_limit(artifact, after):
        return refused
    owner = lookups.resolved(
        db, Target(after.type, LookupField.URL, after.url), FULL_PROJECTION
    )
    if owner is not None and owner.id != after.id:
        return url_taken_error(owner)
    if after.named_at != artifact.named_at:
        after = _joining(db, after)
    rows.write(db, after)
    return after


def _joining(db: sqlite3.Connection, artifact: Artifact) -> Artifact:
    name = Target(artifact.type, LookupField.NAME, normalise(artifact.name))
    owner = lookups.resolved(db, name, CORE_PROJECTION)
    return place_after_owner(artifact, None if owner is None else owner.named_at)
