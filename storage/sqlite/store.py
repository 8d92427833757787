"""The store in one SQLite file; tests compare the DynamoDB store with it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from sqlite3 import Connection

from storage.artifacts.changes import ANONYMOUS, Attribution
from storage.artifacts.projection import FULL_PROJECTION
from storage.artifacts.records import Artifact, ArtifactType
from storage.artifacts.url_prefixes import check_both_urls
from storage.artifacts.write_errors import check_writable
from storage.artifacts.write_rules import Stamp
from storage.artifacts.writes import (
    ArtifactPatch,
    Deleted,
    NewArtifact,
    OnConflict,
    WriteError,
    Written,
)
from storage.callbacks import Progress, ignore_unreadable
from storage.change_queries import DeletedArtifact, ImportedHistory
from storage.clock import Clock, system_clock
from storage.errors import UndecodableError
from storage.inconsistencies import Inconsistency
from storage.sqlite import check, imports, lookups, writes
from storage.sqlite.database import Database
from storage.sqlite.deleted import read_deleted, scan_deleted
from storage.sqlite.index_builds import IndexBuilds, rebuild
from storage.sqlite.merging import MergeThread
from storage.sqlite.reads import SqliteReads
from storage.sqlite.reset import reset
from storage.sqlite.retention import count_expired, purge_expired, read_cutoff, write_retention
from storage.sqlite.search_index import ListingCounter

_BATCH = 1_000


class SqliteStore(SqliteReads):
    """A registry in the SQLite file at `path`."""

    def __init__(self, path: Path, *, clock: Clock = system_clock) -> None:
        self._database = Database(path)
        self._counter = ListingCounter()
        self._index = IndexBuilds(self._database)
        self._merging = MergeThread(self._database)
        self._name = path.name
        self._clock = clock

    @property
    def name(self) -> str:
        """The file's name."""
        return self._name

    def register(
        self,
        new_artifacts: Sequence[NewArtifact],
        on_conflict: OnConflict,
        attribution: Attribution = ANONYMOUS,
    ) -> Sequence[Written | WriteError]:
        """Register artifacts in their order, in one transaction."""
        with self._writing() as db:
            return [
                writes.register(db, new, on_conflict, Stamp(self._clock(), attribution))
                for new in new_artifacts
            ]

    def update(
        self,
        id: str,  # noqa: A002 - the registry's own word
        type: ArtifactType | None,  # noqa: A002 - likewise
        changes: ArtifactPatch,
        expected_version: int | None = None,
        attribution: Attribution = ANONYMOUS,
    ) -> Written | WriteError:
        """Change the given fields of an artifact."""
        with self._writing() as db:
            artifact = lookups.get_by_ids(db, [id], FULL_PROJECTION).get(id)
            if isinstance(artifact, UndecodableError):
                raise artifact
            if artifact and (error := check_both_urls(attribution, artifact, changes)):
                return error
            checked = check_writable(artifact, id, type, expected_version)
            if isinstance(checked, WriteError):
                return checked
            return writes.update(db, checked, changes, Stamp(self._clock(), attribution))

    def delete(
        self,
        id: str,  # noqa: A002 - the registry's own word
        type: ArtifactType | None,  # noqa: A002 - likewise
        expected_version: int | None = None,
        attribution: Attribution = ANONYMOUS,
    ) -> Deleted | WriteError:
        """Delete an artifact and its references."""
        with self._writing() as db:
            stamp = Stamp(self._clock(), attribution)
            return writes.delete(db, id, type, expected_version, stamp)

    def restore(
        self,
        id: str,  # noqa: A002 - the registry's own word
        attribution: Attribution = ANONYMOUS,
    ) -> Written | WriteError:
        """Restore a deleted artifact, which takes its name anew."""
        with self._writing() as db:
            return writes.restore(db, id, Stamp(self._clock(), attribution))

    def reset(self) -> Iterator[int]:
        """Delete everything, a thousand rows in each transaction; see `reset`."""
        return reset(self._database)

    def import_history(
        self, entries: Sequence[tuple[NewArtifact, ImportedHistory]], on_conflict: OnConflict
    ) -> Sequence[Written | WriteError]:
        """Register exported artifacts with their histories, in one transaction."""
        with self._writing() as db:
            return [
                imports.import_history(db, new, history, on_conflict, Stamp(self._clock()))
                for new, history in entries
            ]

    def set_retention(self, retention: timedelta | None, progress: Progress) -> None:
        """Set how long changes and deleted artifacts are kept, and remove what expired."""
        with self._database.writing() as db:
            write_retention(db, retention)
            total = count_expired(db, read_cutoff(db, self._clock()))
        done = 0
        while done < total:
            progress("removing what expired", done, total)
            with self._database.writing() as db:
                removed = purge_expired(db, self._clock(), _BATCH)
            done = done + removed if removed else total
        progress("removing what expired", total, total)

    def scan(
        self, on_unreadable: Callable[[UndecodableError], None] = ignore_unreadable
    ) -> Iterator[Artifact]:
        """Yield every artifact that can be read; one batch is in memory at a time."""
        after: tuple[str | bytes, str | bytes] = ("", "")
        while True:
            with self._database.reading() as db:
                batch = lookups.read_by_naming_time(db, after, _BATCH)
            if not batch:
                return
            for _, artifact in batch:
                if isinstance(artifact, UndecodableError):
                    on_unreadable(artifact)
                else:
                    yield artifact
            after = batch[-1][0]

    def scan_deleted(self) -> Iterator[DeletedArtifact]:
        """Yield every deleted artifact that can be restored."""
        after: str | bytes = ""
        while True:
            with self._database.reading() as db:
                cutoff = read_cutoff(db, self._clock())
                batch = list(scan_deleted(db, after, _BATCH, cutoff))
            if not batch:
                return
            yield from (each for _, each in batch if isinstance(each, DeletedArtifact))
            after = batch[-1][0]

    def get_deleted(self, ids: Sequence[str]) -> Mapping[str, DeletedArtifact]:
        """Return the deleted artifacts with these ids that can be restored."""
        with self._database.reading() as db:
            cutoff = read_cutoff(db, self._clock())
            found = {id_: read_deleted(db, id_, cutoff) for id_ in ids}
        return {id_: each for id_, each in found.items() if isinstance(each, DeletedArtifact)}

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Let this thread's reads see one state of the file."""
        with self._database.reading():
            yield

    def check(self) -> Iterator[Inconsistency]:
        """Yield everything that is wrong with the file."""
        self._index.complete(lambda *_: None)
        with self._database.reading() as db:
            yield from check.find_inconsistencies(db)

    def repair(self, progress: Progress) -> int:
        """Repair what the artifacts determine, and return the number of repairs."""
        self._index.complete(progress)
        # Looking at everything takes long; others can write meanwhile.
        with self._database.reading() as db:
            must_reindex = check.has_stale_index(db)
        count = check.repair(self._database, self._clock(), progress)
        if must_reindex:
            rebuild(self._database, progress)
        return count + must_reindex

    def reindex(self, progress: Progress) -> int:
        """Build the search index anew; others can write meanwhile."""
        return rebuild(self._database, progress)

    @property
    def path(self) -> Path:
        """The absolute path of the file."""
        return self._database.path

    @property
    def is_read_only(self) -> bool:
        """Whether the file cannot be written, and writes are refused."""
        return self._database.is_read_only

    def close(self) -> None:
        """Stop the threads, and close the connections."""
        self._index.close()
        self._merging.stop()
        self._database.close()

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        """Yield the connection that writes, and remove a little of what expired."""
        with self._database.writing() as db:
            yield db
            purge_expired(db, self._clock())
        self._merging.note_write()
