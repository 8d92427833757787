"""Until when a request may try: set by whoever serves it, kept by every call of the store."""

import time
from contextvars import ContextVar

DEFAULT_SECONDS = 5.0
"""For calls outside of a request, each on its own."""

current_deadline: ContextVar[float] = ContextVar("current_deadline")
"""A time of the monotonic clock."""


def seconds_left() -> float:
    """How long the request at hand may still try."""
    deadline = current_deadline.get(None)
    return DEFAULT_SECONDS if deadline is None else deadline - time.monotonic()
