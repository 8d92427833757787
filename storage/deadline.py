"""Until when a request may try: set by whoever serves it, kept by every call of the store."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

DEFAULT_SECONDS = 4.5
"""For calls outside of a request, each on its own."""

_deadline: ContextVar[float | None] = ContextVar("deadline", default=None)
"""A time of the monotonic clock."""


@contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """Give the request at hand so long to try."""
    token = _deadline.set(time.monotonic() + seconds)
    try:
        yield
    finally:
        _deadline.reset(token)


@contextmanager
def no_deadline() -> Iterator[None]:
    """Let a long command take the time it needs; each of its calls still is bounded."""
    token = _deadline.set(None)
    try:
        yield
    finally:
        _deadline.reset(token)


def seconds_left() -> float:
    """How long the request at hand may still try."""
    end = _deadline.get()
    return DEFAULT_SECONDS if end is None else end - time.monotonic()
