"""The time that a request may take to match patterns, in all of its calls together.

RE2 takes time in proportion to the length of a name and, for ambiguous patterns such as
`a[ab]{60}c`, also to that of the pattern: a name may take milliseconds.
"""

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from storage.deadline import seconds_left
from storage.errors import PatternTooSlowError, StoreUnavailableError

_SECONDS = 1.0
"""Matching 100,000 names of 25 characters takes a twentieth of it."""


class MatchingTime:
    """The time of one request, whose threads share it."""

    def __init__(self, seconds: float) -> None:
        self._left = seconds

    @property
    def is_over(self) -> bool:
        """True if there is no time left."""
        return self._left <= 0

    def stop(self) -> None:
        """End the time."""
        self._left = 0

    def match(self, search: Callable[[bytes], Any], text: bytes) -> bool:
        """Return whether a text has a match, and count the time.

        Raises:
            TimeoutError: There is none left.
        """
        if self._left <= 0:
            raise TimeoutError
        start = time.perf_counter()
        found = search(text)
        self._left -= time.perf_counter() - start
        return found is not None


current_matching_time: ContextVar[MatchingTime | None] = ContextVar(
    "current_matching_time", default=None
)
"""That of the current request; calls outside of a request take as long as they need."""


@contextmanager
def limit_matching(seconds: float = _SECONDS) -> Iterator[MatchingTime]:
    """Limit the time of a request, which this block is.

    After it nobody waits for a result: the client has a response, or has disconnected.
    """
    matching_time = MatchingTime(seconds)
    token = current_matching_time.set(matching_time)
    try:
        yield matching_time
    finally:
        matching_time.stop()
        current_matching_time.reset(token)


@contextmanager
def matching_errors() -> Iterator[None]:
    """Raise an error of a query that ran out of time while it matched a pattern.

    Raises:
        PatternTooSlowError: Matching took all of the request's time for it.
        StoreUnavailableError: The deadline has passed.
    """
    try:
        yield
    except sqlite3.OperationalError as error:
        if not str(error).startswith("user-defined function"):
            raise
        matching_time = current_matching_time.get()
        if matching_time is not None and matching_time.is_over:
            raise PatternTooSlowError from None
        if seconds_left() <= 0:
            raise StoreUnavailableError("matching a pattern took too long") from error
        raise
