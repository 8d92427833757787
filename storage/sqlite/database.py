"""The connections to a file: one that writes, and one that reads for each thread."""

import logging
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from os.path import realpath
from pathlib import Path
from threading import Lock, local

from storage.deadline import DEFAULT_SECONDS, seconds_left
from storage.errors import StoreRefusedError, StoreUnavailableError
from storage.search.connections import prepare
from storage.search.matching_time import matching_errors
from storage.sqlite.failures import store_errors
from storage.sqlite.file_format import check_file, read_format, refusal, setup_errors
from storage.sqlite.file_systems import find_network_file_system
from storage.sqlite.log_marks import take_step
from storage.sqlite.open_file import OpenFile
from storage.sqlite.read_only_files import ReadOnlyFile, is_read_only
from storage.sqlite.schema import allow_deletes, check_format
from storage.sqlite.upgrade import check_current, prepare_file
from storage.sqlite.writer_queue import WriterQueue

_log = logging.getLogger(__name__)
_RETRY_SECONDS = 0.02
_NO_LOG = (
    "is on a file system without the shared memory that SQLite's write-ahead log needs; move it"
    " to a local disk"
)
_NETWORK_WARNING = (
    "the file %s is on a network file system (%s), where SQLite can lose writes if several"
    " machines use it; move it to a local disk, or use STORE=dynamodb"
)


class Database:
    """Connections to the file at `path`, which is created if there is none.

    A file that cannot be written is opened for reading alone.

    Raises:
        StoreSetupError: if the file is not a registry, or cannot be opened or upgraded.
    """

    def __init__(self, path: Path) -> None:
        self._path = Path(realpath(path))
        self._threads = local()
        self._open: list[sqlite3.Connection] = []
        self._lock = Lock()
        self._read_only: ReadOnlyFile | None = None
        self._queue: WriterQueue | None = None
        with setup_errors(self._path):
            check_file(self._path)
            try:
                if is_read_only(self._path):
                    self._open_read_only()
                else:
                    self._writer = self._open_writer()
                    self._file = OpenFile(self._path)
                    self._queue = WriterQueue(self._file.log)
            except BaseException:
                self.close()
                raise
        if file_system := find_network_file_system(self._path):
            _log.warning(_NETWORK_WARNING, self._path, file_system)

    @property
    def path(self) -> Path:
        """The absolute path of the file, without symbolic links."""
        return self._path

    @property
    def is_read_only(self) -> bool:
        """Whether the file cannot be written."""
        return self._read_only is not None

    def check_in_place(self) -> None:
        """Check that nobody removed or replaced the file since it was opened.

        Raises:
            StoreRefusedError: if somebody did.
        """
        if not self._read_only:
            self._file.check_in_place()

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Yield this thread's connection, in a transaction that sees one state of the file."""
        with store_errors(), matching_errors():
            if (db := getattr(self._threads, "db", None)) is None:
                db = self._threads.db = self.connect_reader()
                # With 16 MB of cache, listings of 100,000 artifacts take up to a third less
                # time than with 2 MB.
                db.execute("PRAGMA cache_size = -16384")
                prepare(db)
            if db.in_transaction:  # within a snapshot
                yield db
                return
            db.execute("BEGIN")
            try:
                yield db
            finally:
                db.execute("COMMIT")
            if self._read_only:
                self._read_only.check_unchanged()

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Yield the connection that writes, in a transaction that is rolled back on errors."""
        with store_errors(), self._transaction(seconds_left()) as db:
            yield db

    @contextmanager
    def maintaining(self, seconds: float) -> Iterator[sqlite3.Connection]:
        """Do as `writing`, but wait only so long for others, and raise errors as they are.

        Raises:
            sqlite3.Error: if SQLite fails, or another process writes for so long.
            StoreUnavailableError: if another thread writes for so long.
            StoreRefusedError: if the file was upgraded.
        """
        with self._transaction(seconds) as db:
            yield db

    def connect_reader(self) -> sqlite3.Connection:
        """Return a new connection that reads, which is closed with the others."""
        if self._read_only:
            return self._connect(self._read_only.uri)
        self.check_in_place()
        return self._connect(f"{self._path.as_uri()}?mode=rw")

    def close(self) -> None:
        """Close all connections; none of them may be in use."""
        while self._open:
            self._open.pop().close()
        if self._queue:
            self._queue.close()
            self._queue = None
        if self._read_only:
            self._read_only.close()

    @contextmanager
    def _transaction(self, seconds: float) -> Iterator[sqlite3.Connection]:
        """Yield the connection that writes, after waiting at most so long for others."""
        if self._read_only:
            raise StoreRefusedError(f"the file {self._path} cannot be written")
        end = time.monotonic() + seconds
        with self._only_writer(seconds):
            milliseconds = int(1_000 * max(end - time.monotonic(), 0))
            self._writer.execute(f"PRAGMA busy_timeout = {milliseconds}")
            self._writer.execute("BEGIN IMMEDIATE")
            with self._writer:
                check_format(self._writer)
                self._file.check_in_place()
                changes = self._writer.total_changes
                yield self._writer
                if self._writer.total_changes != changes:
                    take_step(self._writer)
            self._file.bound_log(self._writer)

    @contextmanager
    def _only_writer(self, seconds: float) -> Iterator[None]:
        """Wait for the turn of this thread, and of this process."""
        end = time.monotonic() + seconds
        if not self._lock.acquire(timeout=max(seconds, 0)):
            raise StoreUnavailableError("other writes took too long")
        try:
            queue = self._queue
            if queue is None:
                raise StoreUnavailableError("the file is closed")
            if not queue.enter(max(end - time.monotonic(), 0)):
                raise StoreUnavailableError("writes of other processes took too long")
            try:
                yield
            finally:
                queue.leave()
        finally:
            self._lock.release()

    def _open_read_only(self) -> None:
        self._read_only = ReadOnlyFile(self._path)
        db = self._connect(self._read_only.uri)
        check_current(db, self._path)
        _log.warning("the file %s cannot be written; it is opened to be read", self._path)

    def _open_writer(self) -> sqlite3.Connection:
        """Connect the writer, and retry while another process creates or upgrades the file.

        SQLite does not wait for all locks: not for the one that changes the journal mode.
        """
        end = time.monotonic() + DEFAULT_SECONDS
        while True:
            try:
                return self._connect_writer()
            except sqlite3.OperationalError as error:
                is_busy = error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
                if not is_busy or time.monotonic() > end:
                    raise
            self.close()
            time.sleep(_RETRY_SECONDS)

    def _connect_writer(self) -> sqlite3.Connection:
        db = self._connect(f"{self._path.as_uri()}?mode=rwc")
        allow_deletes(db)
        # Once more: the file that was checked may not be the one that was opened.
        read_format(db, self._path)
        (mode,) = db.execute("PRAGMA journal_mode = WAL").fetchone()
        if mode != "wal":
            raise refusal(self._path, _NO_LOG)
        prepare_file(db, self._path)
        return db

    def _connect(self, uri: str) -> sqlite3.Connection:
        db = sqlite3.connect(
            uri,
            uri=True,
            timeout=DEFAULT_SECONDS,
            isolation_level=None,
            check_same_thread=False,
        )
        self._open.append(db)
        # FULL: an acknowledged write is on disk, even if the machine loses power.
        for pragma in ("synchronous = FULL", "foreign_keys = ON"):
            db.execute(f"PRAGMA {pragma}")
        return db
