"""Decides when a copy must be polled before it is read; concurrent readers share a poll."""

from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Event, Lock

from storage.deadline import seconds_left
from storage.errors import StoreUnavailableError


@dataclass(slots=True)
class _Poll:
    """A poll that is under way, or has ended."""

    copy: object
    began: float
    writes: int
    """The number of writes of this process that came before it."""
    has_ended: Event = field(default_factory=Event)
    has_succeeded: bool = False
    error: StoreUnavailableError | None = None


class Freshness:
    """Tracks how fresh the copies of a process are; any number of threads may share it."""

    def __init__(self, max_age: float, monotonic: Callable[[], float]) -> None:
        self._max_age = max_age
        self._monotonic = monotonic
        self._started = monotonic()
        self._writes = 0
        self._last: _Poll | None = None
        """The last poll that succeeded."""
        self._running: _Poll | None = None
        self._lock = Lock()

    @property
    def age(self) -> float:
        """Seconds since the last poll that succeeded began; without one, since the start."""
        last = self._last
        return self._monotonic() - (last.began if last else self._started)

    def note_write(self) -> None:
        """Let readers after this poll first: a write may have taken effect."""
        with self._lock:
            self._writes += 1

    def refresh(
        self, copy: object, poll: Callable[[], object], *, is_ahead: bool = False
    ) -> None:
        """Poll a copy if that is due, or share the poll of another thread that began in time.

        `is_ahead`: the reader has seen changes that the copy may not have yet.

        Raises:
            StoreUnavailableError: if the poll failed, or did not end within the deadline.
        """
        writes, arrived = self._writes, self._monotonic()
        oldest = arrived if is_ahead else arrived - self._max_age
        while True:
            with self._lock:
                if self._suffices(self._last, copy, oldest, writes):
                    return
                running = self._running
                if running is None:
                    mine = self._running = _Poll(copy, self._monotonic(), self._writes)
                    break
                is_shared = self._suffices(running, copy, oldest, writes)
            if not running.has_ended.wait(max(seconds_left(), 0)):
                raise StoreUnavailableError("the search index was not up to date in time")
            if is_shared and running.error is not None:
                # Not the same object: several threads raise it.
                raise type(running.error)(*running.error.args) from running.error
        self._run(mine, poll)

    @staticmethod
    def _suffices(poll: _Poll | None, copy: object, oldest: float, writes: int) -> bool:
        """Return whether a poll that succeeds shows a reader what it must see.

        That is what was written before the reader came: if writes after that counted, too,
        readers beside many writes would wait for each other's polls.
        """
        if poll is None or poll.copy is not copy:
            return False
        return poll.began > oldest and poll.writes >= writes

    def _run(self, mine: _Poll, poll: Callable[[], object]) -> None:
        try:
            poll()
            mine.has_succeeded = True
        except StoreUnavailableError as error:
            mine.error = error
            raise
        finally:
            with self._lock:
                self._running = None
                if mine.has_succeeded:
                    self._last = mine
            mine.has_ended.set()
