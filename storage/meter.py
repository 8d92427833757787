"""Counts what a request asks of the store."""

from contextvars import ContextVar
from dataclasses import dataclass, field
from threading import Lock


@dataclass(slots=True)
class Meter:
    """The calls of the store while it is the current meter.

    `round_trips` counts what had to be waited for, one after another; calls that are under
    way together are one.
    """

    calls: int = 0
    round_trips: int = 0
    read_units: float = 0.0
    write_units: float = 0.0
    _lock: Lock = field(default_factory=Lock, repr=False)

    def called(self, *, read_units: float = 0.0, write_units: float = 0.0) -> None:
        """Count a call, from any thread."""
        with self._lock:
            self.calls += 1
            self.read_units += read_units
            self.write_units += write_units

    def add(self, part: "Meter", *, after: int) -> None:
        """Add what was counted on another thread, begun after so many round trips."""
        self.calls += part.calls
        self.round_trips = max(self.round_trips, after + part.round_trips)
        self.read_units += part.read_units
        self.write_units += part.write_units


current_meter: ContextVar[Meter] = ContextVar("current_meter")
"""The meter of the request at hand; calls outside of a request are not counted."""
