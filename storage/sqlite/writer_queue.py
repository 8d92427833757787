"""Lets processes that write to one file take turns in about the order in which they came.

SQLite's own waiting is by chance: one that writes without pauses keeps others out for seconds.
"""

import os
import sys
from contextlib import suppress
from pathlib import Path
from threading import Event, Lock, Thread

if sys.platform != "win32":
    import fcntl


class WriterQueue:
    """The queue for a file; one thread of a process at a time may use it.

    It locks the write-ahead log, which exists as long as the file is open, and on which SQLite
    itself has no locks: closing the file would release SQLite's.
    """

    def __init__(self, log: Path) -> None:
        self._descriptor = os.open(log, os.O_RDONLY)
        self._mutex = Lock()
        self._waiting: Event | None = None
        """Set when the thread that waits for the lock has got it."""
        self._is_wanted = False
        self._is_closed = False

    def enter(self, seconds: float) -> bool:
        """Wait for the turn, at most so long, and return whether it came.

        If it did not, the place in the queue is kept for the next call.
        """
        with self._mutex:
            self._is_wanted = True
            if self._waiting is None and self._lock(wait=False):
                return True
            granted = self._waiting = self._waiting or self._start_to_wait()
        has_turn = granted.wait(seconds)
        with self._mutex:
            has_turn = has_turn or granted.is_set()
            if has_turn:
                self._waiting = None
            self._is_wanted = has_turn
        return has_turn

    def leave(self) -> None:
        """End the turn."""
        with self._mutex:
            self._unlock()

    def close(self) -> None:
        """Close the log; a thread that still waits ends with its turn."""
        with self._mutex:
            self._is_wanted = False
            self._is_closed = True
            os.close(self._descriptor)

    def _start_to_wait(self) -> Event:
        granted = Event()
        # A daemon, because a process that is stopped while it writes never ends its turn.
        Thread(target=self._wait, args=(granted,), name="writer-queue", daemon=True).start()
        return granted

    def _wait(self, granted: Event) -> None:
        self._lock(wait=True)
        with self._mutex:
            if self._is_wanted:
                granted.set()
            else:
                self._waiting = None
                self._unlock()

    def _lock(self, *, wait: bool) -> bool:
        """Return False if others have the lock; True also where there are no such locks."""
        if sys.platform == "win32":
            return True
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            return False
        except OSError:
            return True
        return True

    def _unlock(self) -> None:
        # Closing the log has ended the turn; its descriptor may be another file's by now.
        if sys.platform != "win32" and not self._is_closed:
            with suppress(OSError):
                fcntl.flock(self._descriptor, fcntl.LOCK_UN)
