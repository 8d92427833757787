"""Watches that a path is still that of the file which was opened, and bounds the file's log."""

import os
import sqlite3
import time
from contextlib import suppress
from pathlib import Path

from storage.errors import StoreRefusedError

_MAX_LOG_BYTES = 16 * 1024 * 1024
"""SQLite's own checkpoints start the log over only when nobody reads, which may be never."""
_WAIT_MILLISECONDS = 200
"""A checkpoint keeps writes waiting for so long until those who read the log have finished."""
_SECONDS_BETWEEN_TRIES = 5.0
"""Exports and checks may read for minutes."""


class OpenFile:
    """The file at a path as it was opened, with its write-ahead log."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.log = path.with_name(f"{path.name}-wal")
        """The write-ahead log, which exists as long as the file is open."""
        self._paths = (self._path, self.log)
        self._identity = self._identify()
        self._next_try = 0.0

    def check_in_place(self) -> None:
        """Check that nobody removed or replaced the file or its log.

        Raises:
            StoreRefusedError: if somebody did: what is written now would be lost.
        """
        if self._identify() != self._identity:
            raise StoreRefusedError(
                f"the file {self._path} or its write-ahead log was removed or replaced while "
                "it was open; nothing more is written to it: put it back or restart the process"
            )

    def bound_log(self, db: sqlite3.Connection) -> None:
        """Start the log over if it is long, once no reader needs it any more.

        Others can read meanwhile; those who begin then do not need the log. It fails no write,
        for they are committed.
        """
        now = time.monotonic()
        with suppress(OSError, sqlite3.Error):
            if now >= self._next_try and os.stat(self.log).st_size > _MAX_LOG_BYTES:  # noqa: PTH116 - half the time
                self._next_try = now + _SECONDS_BETWEEN_TRIES
                db.execute(f"PRAGMA busy_timeout = {_WAIT_MILLISECONDS}")
                is_busy, *_ = db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
                self._next_try = self._next_try if is_busy else now

    def _identify(self) -> list[tuple[int, int] | None]:
        return [_identify(path) for path in self._paths]


def _identify(path: Path) -> tuple[int, int] | None:
    try:
        status = os.stat(path)  # noqa: PTH116 - half the time
    except OSError:
        return None
    return status.st_dev, status.st_ino
