"""Counts what a request asks of the store."""

from contextvars import ContextVar
from dataclasses import dataclass, field
from threading import Lock


@dataclass(slots=True)
class Meter:
    """The store calls made while it is the current meter, from any thread.

    `round_trips` is the longest chain of calls of which each began after the one before it
    had ended: what the request had to wait for, one after another.
    """

    calls: int = 0
    round_trips: int = 0
    read_units: float = 0.0
    write_units: float = 0.0
    _lock: Lock = field(default_factory=Lock, repr=False)

    def wave(self) -> int:
        """The place in the chain of calls that begin together now."""
        with self._lock:
            return self.round_trips + 1

    def called(self, wave: int, *, read_units: float = 0.0, write_units: float = 0.0) -> None:
        """Count a call of a wave that has ended."""
        with self._lock:
            self.calls += 1
            self.round_trips = max(self.round_trips, wave)
            self.read_units += read_units
            self.write_units += write_units


current_meter: ContextVar[Meter] = ContextVar("current_meter")
"""The meter of the request at hand; calls outside of a request are not counted."""
