"""Counts what a request asks of the store."""

from contextvars import ContextVar
from dataclasses import dataclass, field
from threading import Lock

from storage.artifacts.records import PartialArtifact, Registered
from storage.search.paging import Page

_SEVERAL = list, tuple
_ONE = PartialArtifact, Registered
"""Kept: a union in their place would be made anew for each of a page's 200 links."""


@dataclass(slots=True)
class StoreUsage:
    """The calls of the store while it is the current meter.

    `round_trips` counts what had to be waited for, one after another; calls that are under
    way together are one. `items_read` is what the store went through, items of an index that
    were merely counted included; `items_returned` are the artifacts that came of them.
    """

    calls: int = 0
    round_trips: int = 0
    read_units: float = 0.0
    write_units: float = 0.0
    items_read: int = 0
    items_returned: int = 0
    indexes: set[str] = field(default_factory=set)
    _lock: Lock = field(default_factory=Lock, repr=False)

    def called(
        self,
        *,
        read_units: float = 0.0,
        write_units: float = 0.0,
        items: int = 0,
        index: str | None = None,
    ) -> None:
        """Count a call, from any thread, and what was read by it, through which index."""
        with self._lock:
            self.calls += 1
            self.read_units += read_units
            self.write_units += write_units
            self.items_read += items
            if index is not None:
                self.indexes.add(index)

    def add(self, part: "StoreUsage", *, after: int) -> None:
        """Add what was counted on another thread, begun after so many round trips."""
        self.calls += part.calls
        self.round_trips = max(self.round_trips, after + part.round_trips)
        self.read_units += part.read_units
        self.write_units += part.write_units
        self.items_read += part.items_read
        self.items_returned += part.items_returned
        self.indexes |= part.indexes


def artifacts_in(answer: object) -> int:
    """How many artifacts a store answered with."""
    if isinstance(answer, Page):
        return len(answer.entries)
    if isinstance(answer, _SEVERAL):
        return sum(map(artifacts_in, answer))
    return isinstance(answer, _ONE)


current_usage: ContextVar[StoreUsage] = ContextVar("current_meter")
"""The meter of the request at hand; calls outside of a request are not counted."""
