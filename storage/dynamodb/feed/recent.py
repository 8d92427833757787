"""Reads the log backward: the newest entries of every shard, and those before a position."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from storage.dynamodb.client.client import DynamoClient
from storage.dynamodb.feed.cursors import START, Cursor, Position, Positions
from storage.dynamodb.feed.heads import find_heads
from storage.dynamodb.feed.log_state import LogState
from storage.dynamodb.feed.merge import Window
from storage.dynamodb.feed.oldest import has_kept
from storage.dynamodb.feed.segments import SEGMENT_ENTRIES
from storage.dynamodb.feed.shards import PlacedEntry, decode_segment
from storage.dynamodb.schema.attributes import Item
from storage.dynamodb.schema.keys import segment_key

_MAX_SEGMENTS = 12
"""Segments of each shard that are read at once."""


def newest_positions(client: DynamoClient, state: LogState) -> Positions:
    """Return the positions after the newest entry of each shard."""
    heads = find_heads(client, state.log_epoch, state.shards)
    left = {shard: head for shard, head in heads.items() if head}
    found: dict[int, Position] = {}
    while left:
        keys = {s: segment_key(state.log_epoch, s, n) for s, n in left.items()}
        nexts = {s: segment_key(state.log_epoch, s, n + 1) for s, n in left.items()}
        items = client.get_items([*keys.values(), *nexts.values()])
        for shard, number in tuple(left.items()):
            found[shard] = Position(number, len(decode_segment(items.get(keys[shard]))))
            left[shard] = number + 1
            if nexts[shard] not in items:
                del left[shard]
    return tuple(found.get(shard, START) for shard in range(state.shards))


def read_windows(
    client: DynamoClient, cursor: Cursor, wanted: int, not_before: datetime | None
) -> list[Window]:
    """Return the entries before a cursor, of each shard at least as many as wanted.

    A shard ends before a segment that was lost, and is then not complete.
    """
    readers = [
        _BackwardReader(cursor.log_epoch, shard, position, not_before)
        for shard, position in enumerate(cursor.positions)
    ]
    count = min(wanted // SEGMENT_ENTRIES + 2, _MAX_SEGMENTS)
    while left := [r for r in readers if not r.has_ended and len(r.entries) < wanted]:
        items = client.get_items(key for reader in left for key in reader.keys(count))
        for reader in left:
            reader.take(items, count)
    return [Window(r.start, r.entries, len(r.entries), r.is_complete) for r in readers]


@dataclass(slots=True)
class _BackwardReader:
    """Reads the entries of a shard before a position."""

    log_epoch: int
    shard: int
    start: Position
    not_before: datetime | None
    entries: list[PlacedEntry] = field(default_factory=list)
    """The newest first."""
    is_complete: bool = False
    """True once the oldest segment that is kept was read."""
    is_interrupted: bool = False
    """True once a segment is missing of which earlier ones are kept: it was lost."""
    _number: int = 0
    """The next segment to read."""

    def __post_init__(self) -> None:
        self._number = self.start.number

    @property
    def has_ended(self) -> bool:
        """Return whether there is nothing more to read."""
        return self.is_complete or self.is_interrupted

    def keys(self, count: int) -> list[str]:
        """Return the keys of the next segments."""
        return [self._key(n) for n in self._numbers(count)]

    def take(self, items: Mapping[str, Item], count: int) -> None:
        """Take the segments that were read with `keys(count)`, up to one that is not there."""
        numbers = self._numbers(count)
        for number in numbers:
            item = items.get(self._key(number))
            if item is None:
                self._take_missing(items, numbers, number)
                return
            self._number = number - 1
            self.is_complete = self._take_segment(item, number) or self._number < 1
            if self.is_complete:
                return

    def _take_segment(self, item: Item, number: int) -> bool:
        """Take the entries of a segment; return whether all of them have expired."""
        entries = decode_segment(item)
        if number == self.start.number:
            entries = entries[: self.start.offset]
        for at in range(len(entries) - 1, -1, -1):
            self.entries.append(PlacedEntry(entries[at], Position(number, at)))
        times = [entry.at for entry in entries if entry]
        return bool(self.not_before and times and max(times) < self.not_before)

    def _take_missing(self, items: Mapping[str, Item], numbers: range, number: int) -> None:
        """Decide whether a segment has expired, as all before it, or was lost."""
        earlier = range(number - 1, numbers[-1] - 1, -1)
        if earlier or number == 1:
            is_kept = any(has_kept(items.get(self._key(n)), self.not_before) for n in earlier)
            self.is_interrupted = is_kept and not self._may_have_expired()
            self.is_complete = not self.is_interrupted
        elif number == numbers[0]:
            self.is_complete = True
        # Otherwise it is read again, together with earlier ones.

    def _may_have_expired(self) -> bool:
        """Return whether the segment before those that were read may have expired.

        It does at some time after the first entry of the next one.
        """
        first = self.entries[-1].entry if self.entries else None
        return bool(self.not_before and first and first.at < self.not_before)

    def _numbers(self, count: int) -> range:
        return range(self._number, max(self._number - count, 0), -1)

    def _key(self, number: int) -> str:
        return segment_key(self.log_epoch, self.shard, number)
