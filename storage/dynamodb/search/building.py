"""Builds a copy from the table, beside the current one."""

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

from storage.callbacks import Progress
from storage.clock import Clock, system_clock
from storage.deadline import no_deadline
from storage.dynamodb.client.client import DynamoClient
from storage.dynamodb.feed.log_state import read_log_state
from storage.dynamodb.maintenance.batches import retry_for
from storage.dynamodb.search.artifact_ids import scan_ids
from storage.dynamodb.search.copy_file import CopyFile, count_artifacts, create_copy
from storage.dynamodb.search.copy_folder import CopyFolder
from storage.dynamodb.search.copy_tables import ATTRIBUTES, CopyPosition, put_item
from storage.dynamodb.search.log_start import find_start
from storage.dynamodb.search.polling import CopyOutdatedError, poll
from storage.errors import SearchIndexError
from storage.search.writing import finish_build

_WAITING, _READING, _INDEXING = "waiting", "reading ids", "indexing"
"""The stages of a build; how long the first two take is not known."""
_BATCH = 400
"""Artifacts that are read together, in calls of 100, and written in one transaction."""
_PAUSE_SECONDS = 0.1
_PUT_ID = "INSERT OR IGNORE INTO id_to_read VALUES (?)"
_NEXT_IDS = "SELECT id FROM id_to_read WHERE id > ? ORDER BY id LIMIT ?"
_T = TypeVar("_T")


def build(
    client: DynamoClient,
    folder: CopyFolder,
    progress: Progress,
    *,
    replaces: Path | None,
    clock: Clock = system_clock,
) -> int:
    """Build a copy, catch up with the log, publish it, and return its number of artifacts.

    It waits until no other process builds. If another build than `replaces` is current then,
    nothing is built. `progress` is called for every batch and while it waits, and may raise to
    cancel the build. Whatever fails, the current build stays, and nothing is left of this one.

    Raises:
        StoreUnavailableError: if the table does not answer.
        SearchIndexError: if the disk is full, or fails.
        StoreSetupError: if the directory cannot be used.
        CopyOutdatedError: if the table is not in the epoch of the folder (any more).
    """
    task = _Build(client, folder, progress, clock)
    with disk_failures(folder.root), no_deadline(), folder.building(task.check_cancelled):
        current = folder.current()
        if current is not None and current != replaces:
            return _count(current)
        folder.remove_others()
        try:
            path = folder.new_path()
            task.fill(path)
            count = task.catch_up(path)
            folder.publish(path)
        finally:
            folder.remove_others()
        folder.remove_outdated()
        return count


@contextmanager
def disk_failures(root: Path) -> Iterator[None]:
    """Raise errors of the files of copies as SearchIndexError, which says where and why."""
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        cause = error.strerror if isinstance(error, OSError) else str(error)
        message = f"the search index in {root} cannot be written: {cause}"
        raise SearchIndexError(message) from error


@dataclass(frozen=True, slots=True)
class _Build:
    """One build, from noting the log's positions on."""

    client: DynamoClient
    folder: CopyFolder
    progress: Progress
    clock: Clock

    def check_cancelled(self) -> None:
        """Give the progress, which may raise, while there is none."""
        self.progress(_WAITING, 0, 0)

    def fill(self, path: Path) -> None:
        """Create the file, with what the index and the artifacts' items say."""
        start = self._find_start()
        with create_copy(path, self.folder.identity, start) as db:
            db.execute("CREATE TABLE id_to_read (id TEXT PRIMARY KEY) STRICT, WITHOUT ROWID")
            total = self._read_ids(db)
            done = 0
            for ids in _batches(db):
                items = self._retry(partial(self.client.get_items, ids, ATTRIBUTES))
                db.execute("BEGIN")
                for item in items.values():
                    put_item(db, item)
                db.execute("COMMIT")
                done += len(ids)
                self.progress(_INDEXING, done, total)
            db.execute("DROP TABLE id_to_read")
            finish_build(db)

    def catch_up(self, path: Path) -> int:
        """Apply what was written meanwhile, and return the number of artifacts."""
        file = CopyFile(path)
        try:
            self._retry(partial(poll, self.client, file, is_new=True))
            with file.reading() as db:
                return count_artifacts(db)
        finally:
            file.close()

    def _find_start(self) -> CopyPosition:
        state = self._retry(partial(read_log_state, self.client))
        if state.epoch != self.folder.epoch:
            raise CopyOutdatedError("the registry was reset")
        positions = self._retry(partial(find_start, self.client, state, self.clock()))
        return CopyPosition(state.epoch, state.log_epoch, positions)

    def _read_ids(self, db: sqlite3.Connection) -> int:
        """Write the ids that the index has into the file, and return their number."""
        count = 0
        db.execute("BEGIN")
        for ids in scan_ids(self.client, self._retry):
            db.executemany(_PUT_ID, ((id_,) for id_ in ids))
            count += len(ids)
            self.progress(_READING, count, 0)
        db.execute("COMMIT")
        return int(db.execute("SELECT count(*) FROM id_to_read").fetchone()[0])

    def _retry(self, call: Callable[[], _T]) -> _T:
        return retry_for(call, self._sleep)

    def _sleep(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self.check_cancelled()
            time.sleep(min(left, _PAUSE_SECONDS))


def _batches(db: sqlite3.Connection) -> Iterator[list[str]]:
    last = ""
    while ids := [id_ for (id_,) in db.execute(_NEXT_IDS, (last, _BATCH))]:
        yield ids
        last = ids[-1]


def _count(path: Path) -> int:
    file = CopyFile(path)
    try:
        with file.reading() as db:
            return count_artifacts(db)
    finally:
        file.close()
