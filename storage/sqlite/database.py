"""The file, its tables and its connections: one that writes, one that reads for each thread."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock, local

from storage.deadline import DEFAULT_SECONDS, seconds_left
from storage.errors import StoreSetupError, StoreUnavailableError
from storage.usage import current_usage

_VERSION = 1
_TABLES = """
CREATE TABLE IF NOT EXISTS artifact (
    id TEXT PRIMARY KEY,
    type TEXT NOT NULL,
    name TEXT NOT NULL,
    name_normalized TEXT NOT NULL,
    name_key TEXT NOT NULL,
    url TEXT NOT NULL,
    download_url TEXT,
    license TEXT,
    tags TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    created_key TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    named_at TEXT NOT NULL,
    rating TEXT,
    UNIQUE (type, url)
) STRICT;
CREATE UNIQUE INDEX IF NOT EXISTS artifact_by_name ON artifact (type, name_key);
CREATE UNIQUE INDEX IF NOT EXISTS artifact_by_creation ON artifact (type, created_key);
CREATE INDEX IF NOT EXISTS artifact_by_bearing
    ON artifact (type, name_normalized, named_at, id);
CREATE UNIQUE INDEX IF NOT EXISTS artifact_by_naming ON artifact (named_at, id);
CREATE TABLE IF NOT EXISTS reference (
    model_id TEXT NOT NULL REFERENCES artifact ON DELETE CASCADE,
    position INTEGER NOT NULL,
    kind TEXT NOT NULL,
    by TEXT NOT NULL,
    value TEXT NOT NULL,
    target TEXT NOT NULL,
    PRIMARY KEY (model_id, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS reference_by_target ON reference (kind, by, target, model_id);
"""


class Database:
    """Connections to the file at `path`, which is made where there is none.

    Raises:
        StoreSetupError: where the file is no registry of this version.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._threads = local()
        self._open: list[sqlite3.Connection] = []
        self._lock = Lock()
        try:
            self._writer = self._connect()
            self._prepare()
        except sqlite3.Error as error:
            raise StoreSetupError(f"SQLITE_PATH: {path} cannot be opened: {error}") from None

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """This thread's connection, on one unchanging view of the registry."""
        with _visible_failures():
            if (db := getattr(self._threads, "db", None)) is None:
                db = self._threads.db = self._connect()
            db.execute("BEGIN")
            try:
                yield db
            finally:
                db.execute("COMMIT")

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """The one connection that writes: all that is done with it takes effect, or nothing."""
        with _visible_failures(), self._turn():
            milliseconds = int(1_000 * max(seconds_left(), 0))
            self._writer.execute(f"PRAGMA busy_timeout = {milliseconds}")
            self._writer.execute("BEGIN IMMEDIATE")
            try:
                yield self._writer
                self._writer.execute("COMMIT")
            except BaseException:
                if self._writer.in_transaction:
                    self._writer.execute("ROLLBACK")
                raise

    def close(self) -> None:
        """Close every connection; nobody may be using one."""
        for db in self._open:
            db.close()

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Wait until nobody else of this process writes."""
        if not self._lock.acquire(timeout=max(seconds_left(), 0)):
            raise StoreUnavailableError("others are writing for too long")
        try:
            yield
        finally:
            self._lock.release()

    def _connect(self) -> sqlite3.Connection:
        db = sqlite3.connect(
            self._path, timeout=DEFAULT_SECONDS, isolation_level=None, check_same_thread=False
        )
        self._open.append(db)
        # FULL: what was acknowledged is on disk, even when the machine loses power.
        for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
            db.execute(f"PRAGMA {pragma}")
        return db

    def _prepare(self) -> None:
        (version,) = self._writer.execute("PRAGMA user_version").fetchone()
        if version not in (0, _VERSION):
            raise StoreSetupError(
                f"SQLITE_PATH: {self._path} was written by another version of the registry"
            )
        if version == 0:
            self._writer.executescript(_TABLES)
            self._writer.execute(f"PRAGMA user_version = {_VERSION}")


@contextmanager
def _visible_failures() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise StoreUnavailableError(str(error)) from error
    finally:
        if meter := current_usage.get(None):
            meter.record_call()
            meter.round_trips += 1
