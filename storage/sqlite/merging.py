"""A thread that merges the trigrams of the search index in small steps, beside the writes."""

import logging
import sqlite3
import time
from threading import Condition, Thread

from storage.errors import StoreRefusedError, StoreUnavailableError
from storage.search.writing import merge_words
from storage.sqlite.database import Database

_log = logging.getLogger(__name__)

_WRITES = 16
"""So many writes of this process make it look whether there is something to merge."""
_PAUSE = 0.05
"""Seconds for which it waits before the first step, so that there is more to merge."""
_PATIENCE = 0.05
"""Seconds for which a step waits for others that write, before it tries again."""
_PAGES = 32
"""About as many pages are written by a step, which takes a few milliseconds."""


class MergeThread:
    """Merges segments of trigrams, which each write adds, while the store is open.

    It fails no write, and they wait for one step at most.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._condition = Condition()
        self._writes = 0
        self._is_stopped = False
        self._thread = Thread(target=self._run, name="merge-trigrams", daemon=True)
        self._thread.start()

    def note_write(self) -> None:
        """Note that this process has written."""
        with self._condition:
            self._writes += 1
            if self._writes >= _WRITES:
                self._condition.notify()

    def stop(self) -> None:
        """Stop the thread, and wait until it has."""
        with self._condition:
            self._is_stopped = True
            self._condition.notify()
        self._thread.join()

    def _run(self) -> None:
        while self._wait_for_writes():
            seconds = _PAUSE
            while not self._is_stopped_within(seconds):
                start = time.monotonic()
                if not self._merge():
                    break
                seconds = time.monotonic() - start

    def _wait_for_writes(self) -> bool:
        """Wait until there are new writes, or return False when the thread is stopped."""
        with self._condition:
            self._condition.wait_for(lambda: self._is_stopped or self._writes >= _WRITES)
            self._writes = 0
            return not self._is_stopped

    def _is_stopped_within(self, seconds: float) -> bool:
        with self._condition:
            return self._condition.wait_for(lambda: self._is_stopped, seconds)

    def _merge(self) -> bool:
        """Take a step, and return whether another one may follow."""
        try:
            with self._database.maintaining(_PATIENCE) as db:
                return merge_words(db, _PAGES)
        except StoreRefusedError:
            return False
        except StoreUnavailableError:
            return True
        except sqlite3.Error as error:
            if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_BUSY:
                return True
            _log.warning("the search index could not be merged: %s", error)
            return False
