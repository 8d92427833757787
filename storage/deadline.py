"""The deadline of a request: the server sets it, and every call of the store keeps it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

DEFAULT_SECONDS = 4.5
"""The time for each call outside of a request."""

_deadline: ContextVar[float | None] = ContextVar("deadline", default=None)
"""A time of the monotonic clock."""


@contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """Set the deadline of the current request to so many seconds from now."""
    token = _deadline.set(time.monotonic() + seconds)
    try:
        yield
    finally:
        _deadline.reset(token)


@contextmanager
def no_deadline() -> Iterator[None]:
    """Let a command take as long as it needs; each of its calls is still bounded."""
    token = _deadline.set(None)
    try:
        yield
    finally:
        _deadline.reset(token)


def seconds_left() -> float:
    """Return the time that is left until the deadline."""
    end = _deadline.get()
    return DEFAULT_SECONDS if end is None else end - time.monotonic()
