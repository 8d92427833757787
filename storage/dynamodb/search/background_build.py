"""Builds a copy in a thread of its own, one at a time."""

import logging
import math
import sqlite3
from collections.abc import Callable
from threading import Event, Lock, Thread

from storage.dynamodb.search.polling import CopyOutdatedError
from storage.errors import StoreSetupError, StoreUnavailableError
from storage.store import Progress

_log = logging.getLogger(__name__)

_PAUSE = 5.0
"""Seconds after a build that failed until the next one begins."""
_LONGEST_WAIT = 60
_FIRST_ESTIMATE = 5
"""Seconds after which a listing may be repeated while nothing is known of the progress."""

Build = Callable[[Progress], int]


class CancelledBuildError(Exception):
    """The process is closing its store."""


class BackgroundBuild:
    """The builds of one process; any number of threads may share it."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._lock = Lock()
        self._done: Event | None = None
        """Of the build that runs."""
        self._thread: Thread | None = None
        self._began = 0.0
        self._failed_at = -math.inf
        self._progress: float | None = None
        self._is_closed = False

    @property
    def progress(self) -> float | None:
        """The part of the running build that is done; None if none is running."""
        return self._progress

    @property
    def retry_after(self) -> int:
        """Seconds until the running build has ended, as far as that is known."""
        part = self._progress
        if not part:
            return _FIRST_ESTIMATE
        passed = self._monotonic() - self._began
        return min(max(math.ceil(passed * (1 - part) / part), 1), _LONGEST_WAIT)

    def start(self, build: Build) -> Event | None:
        """Start a build, unless one runs; return what tells of its end.

        None if one has just failed: it is too early for another.
        """
        with self._lock:
            if self._done is not None:
                return self._done
            if self._is_closed or self._monotonic() - self._failed_at < _PAUSE:
                return None
            self._done, self._progress, self._began = Event(), 0.0, self._monotonic()
            self._thread = Thread(
                target=self._run, args=(build, self._done), name="search-build", daemon=True
            )
            self._thread.start()
            return self._done

    def close(self) -> None:
        """Cancel the running build, and wait until it has ended."""
        with self._lock:
            self._is_closed = True
            thread = self._thread
        if thread is not None:
            thread.join()

    def _run(self, build: Build, done: Event) -> None:
        try:
            count = build(self._note)
            seconds = self._monotonic() - self._began
            _log.info("the search index was built: %d artifacts in %.1f s", count, seconds)
        except CancelledBuildError:
            pass
        except CopyOutdatedError as error:
            _log.warning("the search index is built anew: %s", error)
        except (StoreUnavailableError, StoreSetupError, sqlite3.Error, OSError) as error:
            _log.error("the search index could not be built: %s", error)
            self._failed_at = self._monotonic()
        except Exception:  # noqa: BLE001 - a thread has nobody else to tell it to
            _log.exception("the search index could not be built")
            self._failed_at = self._monotonic()
        finally:
            with self._lock:
                self._done, self._thread, self._progress = None, None, None
            done.set()

    def _note(self, _stage: str, count: int, total: int) -> None:
        if self._is_closed:
            raise CancelledBuildError
        self._progress = count / total if total else 0.0
