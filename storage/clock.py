"""The clock of a store; tests inject their own."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Returns the time, in UTC and in whole milliseconds."""


def system_clock() -> datetime:
    """Return the time of this machine, in UTC and in whole milliseconds."""
    return to_milliseconds(datetime.now(UTC))


def to_milliseconds(time: datetime) -> datetime:
    """Return a time without what is below its milliseconds."""
    return time.replace(microsecond=time.microsecond // 1_000 * 1_000)
