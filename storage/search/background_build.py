"""Builds a search index in a thread of its own, one at a time, and pauses after failures."""

import logging
import math
from collections.abc import Callable
from threading import Event, Lock, Thread

from storage.errors import StoreSetupError, StoreUnavailableError

_log = logging.getLogger(__name__)

_FIRST_PAUSE = 5.0
"""Seconds after a build that failed until the next one begins; doubled with each failure."""
_MAX_PAUSE = 300.0
_LONGEST_WAIT = 60
_FIRST_ESTIMATE = 5
"""Seconds after which a listing may be repeated while nothing is known of the progress."""

Build = Callable[[Callable[[str, int, int], None]], int]
"""Builds an index, reports its progress, which may raise, and returns how much it has."""


class CancelledBuildError(Exception):
    """The process is closing its store."""


class AbandonedBuildError(Exception):
    """The build is of no use any more; the message says why. Another one may begin at once."""


class BackgroundBuild:
    """The builds of one process; any number of threads may share it."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._lock = Lock()
        self._done: Event | None = None
        """Of the build that runs."""
        self._thread: Thread | None = None
        self._began = 0.0
        self._next = -math.inf
        """The time from which a build may begin again."""
        self._pause = _FIRST_PAUSE
        self._failure = ""
        self._progress: float | None = None
        self._is_closed = False

    @property
    def progress(self) -> float | None:
        """The part of the running build that is done; None if none is running."""
        return self._progress

    @property
    def retry_after(self) -> int:
        """Seconds until the running build has ended, or the next begins, as far as known."""
        part = self._progress
        if part is None:
            return max(math.ceil(min(self._next - self._monotonic(), _LONGEST_WAIT)), 1)
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
            if self._is_closed or self._monotonic() < self._next:
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
            self._pause, self._failure = _FIRST_PAUSE, ""
        except CancelledBuildError:
            pass
        except AbandonedBuildError as error:
            _log.warning("the search index is built anew: %s", error)
        except (StoreUnavailableError, StoreSetupError) as error:
            self._note_failure(str(error))
        except Exception as error:  # noqa: BLE001 - a thread has nobody else to tell it to
            self._note_failure(repr(error), error)
        finally:
            with self._lock:
                self._done, self._thread, self._progress = None, None, None
            done.set()

    def _note_failure(self, failure: str, unexpected: Exception | None = None) -> None:
        """Pause, longer each time, and log the cause once until it changes."""
        self._next = self._monotonic() + self._pause
        if failure != self._failure:
            self._failure = failure
            _log.error(
                "the search index could not be built: %s; it is tried again after %.0f s, and"
                " then less and less often",
                failure,
                self._pause,
                exc_info=unexpected,
            )
        self._pause = min(2 * self._pause, _MAX_PAUSE)

    def _note(self, _stage: str, count: int, total: int) -> None:
        if self._is_closed:
            raise CancelledBuildError
        self._progress = count / total if total else 0.0
