"""Counts the calls of the store during a request."""

from contextvars import ContextVar
from dataclasses import dataclass, field
from threading import Lock

from storage.artifacts.records import PartialArtifact
from storage.artifacts.writes import Written
from storage.search.pages import Page

_SEQUENCES = list, tuple
_ARTIFACTS = PartialArtifact, Written
"""Constants, because a union would be made anew for each of a page's 200 links."""


@dataclass(slots=True)
class StoreUsage:
    """The calls of the store while this is the current usage.

    `round_trips` is the number of calls that were made one after another; calls that are made
    together count as one. `items_read` includes items of an index that were only counted;
    `items_returned` is the number of artifacts in the results.
    """

    calls: int = 0
    round_trips: int = 0
    read_units: float = 0.0
    write_units: float = 0.0
    items_read: int = 0
    items_returned: int = 0
    indexes: set[str] = field(default_factory=set)
    _lock: Lock = field(default_factory=Lock, repr=False)

    def record_call(
        self,
        *,
        read_units: float = 0.0,
        write_units: float = 0.0,
        items: int = 0,
        index: str | None = None,
    ) -> None:
        """Count a call and the items that it read through an index; safe from any thread."""
        with self._lock:
            self.calls += 1
            self.read_units += read_units
            self.write_units += write_units
            self.items_read += items
            if index is not None:
                self.indexes.add(index)

    def add(self, part: "StoreUsage", *, after: int) -> None:
        """Add the usage of another thread that began after so many round trips."""
        self.calls += part.calls
        self.round_trips = max(self.round_trips, after + part.round_trips)
        self.read_units += part.read_units
        self.write_units += part.write_units
        self.items_read += part.items_read
        self.items_returned += part.items_returned
        self.indexes |= part.indexes


def count_artifacts(result: object) -> int:
    """Return the number of artifacts in the result of a method of the store."""
    if isinstance(result, Page):
        return len(result.entries)
    if isinstance(result, _SEQUENCES):
        return sum(map(count_artifacts, result))
    return isinstance(result, _ARTIFACTS)


current_usage: ContextVar[StoreUsage] = ContextVar("current_usage")
"""The usage of the current request; calls outside of a request are not counted."""
