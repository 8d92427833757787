"""Keeps the current copy of a table open, and has it built if there is none."""

import logging
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Lock

from storage.callbacks import Progress
from storage.clock import Clock
from storage.deadline import seconds_left
from storage.dynamodb.client.client import DynamoClient
from storage.dynamodb.feed.identity import read_table_identity
from storage.dynamodb.feed.log_state import read_log_state
from storage.dynamodb.search.building import build
from storage.dynamodb.search.copy_file import CopyFile
from storage.dynamodb.search.copy_folder import CopyFolder
from storage.dynamodb.search.polling import CopyOutdatedError
from storage.errors import SearchNotReadyError
from storage.search.background_build import BackgroundBuild

_log = logging.getLogger(__name__)

_TIDY_SECONDS = 3_600.0
_WAIT_SECONDS = 2.0
"""A listing waits so long for a copy that is being built."""


@dataclass(slots=True, eq=False)
class OpenCopy:
    """A file that is open, and its readers; the last one closes it after it was replaced."""

    file: CopyFile
    identity: str
    """The identity of its table."""
    since: float
    """The time when it was opened, by the monotonic clock."""
    lock: sqlite3.Connection | None = None
    """Keeps others from removing its directory."""
    readers: int = 0
    is_current: bool = True

    def close_if_unused(self) -> None:
        """Close the file unless it is read, or may be read again."""
        if not self.is_current and not self.readers:
            self.file.close()
            if self.lock is not None:
                self.lock.close()


class CurrentCopy:
    """The current copy of one table; any number of threads may share it."""

    def __init__(
        self,
        client: DynamoClient,
        root: Path,
        clock: Clock,
        monotonic: Callable[[], float],
    ) -> None:
        self._client = client
        self._root = root
        self._clock = clock
        self._monotonic = monotonic
        self._folder: CopyFolder | None = None
        self._open: OpenCopy | None = None
        self._tidied = 0.0
        """The time of the last search for copies that nobody uses any more."""
        self._lock = Lock()
        self._building = BackgroundBuild(monotonic)

    @property
    def folder(self) -> CopyFolder:
        """The directory of the copies of the table in its present epoch.

        Raises:
            StoreUnavailableError: if the table does not answer.
        """
        folder = self._folder
        if folder is None:
            identity = read_table_identity(self._client)
            epoch = read_log_state(self._client).epoch
            folder = self._folder = CopyFolder(self._root, identity, epoch)
        return folder

    @property
    def progress(self) -> float | None:
        """The part that is done of the build that runs in this process."""
        return self._building.progress

    @property
    def retry_after(self) -> int:
        """Seconds until there will be a copy, as far as that is known."""
        return self._building.retry_after

    @property
    def size(self) -> int | None:
        """The bytes of the current copy; None if there is none, or it is not known yet."""
        if self._folder is None or self._folder.current() is None:
            return None
        opened = self._open
        return opened.file.size if opened else 0

    @contextmanager
    def reading(self) -> Iterator[OpenCopy]:
        """Give the current copy, to be read and polled; it stays open meanwhile.

        Raises:
            SearchNotReadyError: if it is not built in time.
            StoreUnavailableError: if the table does not answer.
        """
        opened = self._acquire()
        try:
            yield opened
        finally:
            with self._lock:
                opened.readers -= 1
                opened.close_if_unused()

    def build(self, progress: Progress) -> int:
        """Build a copy that replaces the current one, and return its number of artifacts."""
        return self._build(progress, replaces=self.folder.current())

    def drop(self, opened: OpenCopy, reason: str) -> None:
        """Replace a copy that cannot be continued: by one of a new epoch, or one built anew."""
        with self._lock:
            if self._open is not opened:
                return
            _log.warning("the search index is built anew: %s", reason)
            old, self._folder = self._folder, None
            self._retire()
        try:
            if old is not None:
                old.drop(opened.file.path)
        except (OSError, sqlite3.Error) as error:
            _log.error("a search index in %s cannot be removed: %s", self._root, error)
            raise SearchNotReadyError(self.retry_after) from error

    def discard(self, reason: str) -> None:
        """Have the copy that is open built anew."""
        if opened := self._open:
            self.drop(opened, reason)

    def close(self) -> None:
        """Close the copy, and stop the build that runs in this process."""
        self._building.close()
        with self._lock:
            self._retire()

    def _acquire(self) -> OpenCopy:
        end = time.monotonic() + min(_WAIT_SECONDS, max(seconds_left(), 0))
        while (opened := self._open_current()) is None:
            done = self._building.start(partial(self._build, replaces=None))
            left = end - time.monotonic()
            if done is None or left <= 0 or not done.wait(left):
                raise SearchNotReadyError(self._building.retry_after)
        return opened

    def _build(self, progress: Progress, *, replaces: Path | None) -> int:
        folder = self.folder
        try:
            return build(self._client, folder, progress, replaces=replaces, clock=self._clock)
        except CopyOutdatedError:
            with self._lock:
                self._folder = None
            raise

    def _open_current(self) -> OpenCopy | None:
        """Return the current copy for one more reader; None if there is none."""
        folder = self.folder
        path = folder.current()
        with self._lock:
            if self._open and self._open.file.path != path:
                self._retire()
            if path is None:
                return None
            if self._open is None:
                lock = self._tidy(folder)
                self._open = OpenCopy(CopyFile(path), folder.identity, self._monotonic(), lock)
            elif self._monotonic() - self._tidied > _TIDY_SECONDS:
                self._tidy(folder, is_open=True)
            self._open.readers += 1
            return self._open

    def _tidy(self, folder: CopyFolder, *, is_open: bool = False) -> sqlite3.Connection | None:
        """Remove what nobody uses any more, and return the lock of a copy that is opened.

        A full disk may prevent it, which listings need not know.
        """
        self._tidied = self._monotonic()
        try:
            lock = None if is_open else folder.share()
            folder.remove_abandoned()
        except (OSError, sqlite3.Error):
            return None
        return lock

    def _retire(self) -> None:
        if self._open is not None:
            opened, self._open = self._open, None
            opened.is_current = False
            opened.close_if_unused()
