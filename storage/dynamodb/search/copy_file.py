"""The file of one copy: an SQLite database with the search index and the artifacts' items."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from threading import Lock

from storage.deadline import DEFAULT_SECONDS, seconds_left
from storage.dynamodb.search import copy_tables
from storage.dynamodb.search.copy_tables import CopyPosition
from storage.errors import StoreUnavailableError
from storage.search import connections
from storage.search.matching_time import matching_errors
from storage.search.schema import create_tables

__all__ = ["CopyFile", "CopyPosition", "create_copy"]


class CopyFile:
    """A build of a copy, which exists; any number of threads and processes may share it.

    The methods, and what is done with their connections, may raise sqlite3.Error.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._idle: list[sqlite3.Connection] = []
        """Connections that read, and that no thread uses now; the last one is used next."""
        self._writer: sqlite3.Connection | None = None
        self._lock = Lock()
        self._write_lock = Lock()
        self._is_closed = False

    read_cursor = staticmethod(copy_tables.read_cursor)
    write_cursor = staticmethod(copy_tables.write_cursor)
    put_item = staticmethod(copy_tables.put_item)
    put_deleted = staticmethod(copy_tables.put_deleted)
    read_items = staticmethod(copy_tables.read_items)

    @property
    def size(self) -> int:
        """The bytes that it takes on the disk."""
        size = 0
        for suffix in ("", "-wal"):
            with suppress(FileNotFoundError):
                size += Path(f"{self.path}{suffix}").stat().st_size
        return size

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Give a connection that sees one state of the copy."""
        with self._lock:
            db = self._idle.pop() if self._idle else None
        if db is None:
            db = _connect(self.path)
            connections.prepare(db)
        try:
            db.execute("BEGIN")
            try:
                with matching_errors():
                    yield db
            finally:
                db.execute("COMMIT")
        finally:
            self._give_back(db)

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Give the connection that writes, in a transaction that is rolled back on errors.

        Raises:
            StoreUnavailableError: if other threads of this process write until the deadline.
        """
        if not self._write_lock.acquire(timeout=max(seconds_left(), 0)):
            raise StoreUnavailableError("other writes to the search index took too long")
        try:
            if self._writer is None:
                self._writer = _connect(self.path)
            self._writer.execute(f"PRAGMA busy_timeout = {int(1_000 * max(seconds_left(), 0))}")
            self._writer.execute("BEGIN IMMEDIATE")
            with self._writer:
                yield self._writer
        finally:
            self._write_lock.release()

    def close(self) -> None:
        """Close all connections; those that are in use, once they no longer are."""
        with self._lock:
            self._is_closed = True
            idle, self._idle = self._idle, []
        for db in idle:
            db.close()
        with self._write_lock:
            if self._writer is not None:
                self._writer.close()
                self._writer = None

    def _give_back(self, db: sqlite3.Connection) -> None:
        with self._lock:
            if not self._is_closed:
                self._idle.append(db)
                return
        db.close()


@contextmanager
def create_copy(path: Path, identity: str, start: CopyPosition) -> Iterator[sqlite3.Connection]:
    """Create the file of a copy without artifacts, and give a connection to fill it.

    Nothing can be rolled back: if the block fails, the file is of no use.
    """
    with closing(_connect(path, "rwc")) as db:
        for pragma in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -32000"):
            db.execute(f"PRAGMA {pragma}")
        db.execute("BEGIN")
        create_tables(db)
        copy_tables.create_copy_tables(db, identity)
        copy_tables.write_cursor(db, start)
        db.execute("COMMIT")
        yield db
        db.execute("PRAGMA journal_mode = WAL")


def _connect(path: Path, mode: str = "rw") -> sqlite3.Connection:
    """Connect to a file; only the mode `rwc` creates it."""
    db = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}",
        uri=True,
        timeout=DEFAULT_SECONDS,
        isolation_level=None,
        check_same_thread=False,
    )
    # Only a copy: what a power failure takes away is in the log of the table.
    for pragma in ("synchronous = NORMAL", "cache_size = -16384"):
        db.execute(f"PRAGMA {pragma}")
    return db


def count_artifacts(db: sqlite3.Connection) -> int:
    """Return the number of artifacts of a copy."""
    return int(db.execute("SELECT count(*) FROM search_artifact").fetchone()[0])
