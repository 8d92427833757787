"""Merges the shards of the log: by time, and each artifact's changes by version.

The clocks of writers may differ, so an entry's time only proposes its place. What is certain is
the order within a shard, and that the versions of one artifact were written one after another.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate

from storage.dynamodb.feed.cursors import Direction, Position, Positions
from storage.dynamodb.feed.segments import LogEntry
from storage.dynamodb.feed.shards import PlacedEntry

_SIGNS = {Direction.FORWARD: 1, Direction.BACKWARD: -1}


@dataclass(frozen=True, slots=True)
class Window:
    """The entries of a shard that were read from a position on, in the order of reading."""

    start: Position
    entries: Sequence[PlacedEntry]
    count: int
    """So many of the entries are merged; others only if these come after them."""
    is_complete: bool
    """False if the shard has more entries than were read."""


@dataclass(frozen=True, slots=True)
class MergedEntry:
    """An entry, and the positions in all shards after it."""

    entry: LogEntry | None
    positions: Positions


@dataclass(slots=True)
class Merge:
    """The merged entries of windows, as far as they are certain."""

    windows: Sequence[Window]
    direction: Direction = Direction.FORWARD
    _next: list[int] = field(default_factory=list)
    """The number of entries of each window that were merged."""
    _times: list[list[float]] = field(default_factory=list)
    """For each entry, the first time in the direction of it and of those after it.

    A writer whose clock is fast must not hold up the shard behind its entry.
    """
    _places: dict[str, list[tuple[int, int, int]]] = field(default_factory=dict)
    """By artifact: version, window and index of its unmerged entries, those to come last."""

    def __post_init__(self) -> None:
        sign = _SIGNS[self.direction]
        self._next = [0] * len(self.windows)
        for shard, window in enumerate(self.windows):
            entries = [placed.entry for placed in window.entries]
            times = [sign * e.at.timestamp() if e else math.inf for e in entries]
            self._times.append(list(accumulate(reversed(times), min))[::-1])
            for at, entry in enumerate(entries):
                if entry:
                    place = sign * entry.version, shard, at
                    self._places.setdefault(entry.artifact_id, []).append(place)
        for places in self._places.values():
            places.sort(reverse=True)

    def __iter__(self) -> Iterator[MergedEntry]:
        """Yield the entries in order."""
        while (shard := self._earliest()) is not None:
            yield from self._advance(shard)

    @property
    def positions(self) -> Positions:
        """The positions after what was merged."""
        return tuple(
            window.entries[at - 1].end if at else window.start
            for window, at in zip(self.windows, self._next, strict=True)
        )

    @property
    def has_more(self) -> bool:
        """True if the shards have more entries than were merged."""
        return any(
            not window.is_complete or at < len(window.entries)
            for window, at in zip(self.windows, self._next, strict=True)
        )

    def _earliest(self) -> int | None:
        """Return the shard whose next entry comes next; None at the end of what is certain."""
        earliest = None
        for shard, (window, at) in enumerate(zip(self.windows, self._next, strict=True)):
            if at >= len(window.entries) and not window.is_complete:
                return None
            if at < window.count and (
                earliest is None or self._time(shard) < self._time(earliest)
            ):
                earliest = shard
        return earliest

    def _time(self, shard: int) -> float:
        return self._times[shard][self._next[shard]]

    def _advance(self, shard: int) -> Iterator[MergedEntry]:
        """Yield a shard's next entry, after all that must come before it."""
        stack = [(shard, self._next[shard])]
        seen = set(stack)
        while stack:
            shard, at = stack[-1]
            if self._next[shard] > at:
                stack.pop()
                continue
            entry = self.windows[shard].entries[self._next[shard]].entry
            before = self._predecessor(entry)
            if before is not None and before not in seen:
                seen.add(before)
                stack.append(before)
                continue
            self._next[shard] += 1
            yield MergedEntry(entry, self.positions)

    def _predecessor(self, entry: LogEntry | None) -> tuple[int, int] | None:
        """Return where the artifact's first unmerged entry is, if it is of another version."""
        places = self._places[entry.artifact_id] if entry else []
        while places and self._next[places[-1][1]] > places[-1][2]:
            places.pop()
        if entry is None or not places or abs(places[-1][0]) == entry.version:
            return None
        return places[-1][1:]
