"""Reads one shard of the log forward: its entries after a position, segment by segment."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from storage.dynamodb.feed.cursors import START, Position
from storage.dynamodb.feed.segments import SEGMENT_ENTRIES, LogEntry, decode_entry
from storage.dynamodb.schema.attributes import Item
from storage.dynamodb.schema.keys import segment_key
from storage.errors import CursorExpiredError, UndecodableError

_SUCCESSORS = 2
"""Segments after a full one that are read with it."""


@dataclass(frozen=True, slots=True)
class PlacedEntry:
    """An entry and the position after it; None is one that cannot be decoded."""

    entry: LogEntry | None
    end: Position


def decode_segment(item: Item | None) -> list[LogEntry | None]:
    """Return the entries of a segment; None in place of one that cannot be decoded."""
    rows = item.get("entries", {}).get("L", ()) if item else ()
    return [_decode_or_none(row.get("S", "")) for row in rows]


def _decode_or_none(text: str) -> LogEntry | None:
    try:
        return decode_entry(text)
    except UndecodableError:
        return None


@dataclass(slots=True)
class ShardReader:
    """Reads the entries of a shard after a position."""

    log_epoch: int
    shard: int
    start: Position
    entries: list[PlacedEntry] = field(default_factory=list)
    is_complete: bool = False
    """True once the newest segment was read."""
    _number: int = 0
    """The segment to read next, or to read again."""
    _offset: int = 0
    _is_doubtful: bool = False

    def __post_init__(self) -> None:
        self._number, self._offset = self.start.number, self.start.offset

    def keys(self, count: int) -> list[str]:
        """Return the keys of the next segments; of a full one that was read, its successors'.

        The segment of the last entry that was read is read again: it may have got more. The
        second successor tells whether the first is gone.
        """
        if self._offset >= SEGMENT_ENTRIES:
            count += _SUCCESSORS
        return [self._key(self._number + n) for n in range(count)]

    def take(self, items: Mapping[str, Item], count: int) -> None:
        """Take the segments that were read with `keys(count)`.

        Raises:
            CursorExpiredError: if segments after the position are gone.
        """
        for key in self.keys(count):
            is_current = key == self._key(self._number)
            item = items.get(key)
            if item is None:
                if is_current and self._is_begun(items):
                    continue
                self._take_missing(items, is_current=is_current)
                return
            if not is_current:
                if self._offset < SEGMENT_ENTRIES and not self._is_doubtful:
                    # The one before was read earlier, and has got more since.
                    self.is_complete, self._is_doubtful = False, True
                    return
                self._number, self._offset = self._number + 1, 0
                self._is_doubtful = False
            self._take_segment(item)
            self.is_complete = self._offset < SEGMENT_ENTRIES

    def drop_expired(self, not_before: datetime, *, is_error: bool) -> None:
        """Leave out entries that are no longer kept, up to the first that is.

        Raises:
            CursorExpiredError: if there are any, and that is an error.
        """
        while self.entries and _is_before(self.entries[0], not_before):
            if is_error:
                raise CursorExpiredError("changes after this cursor are no longer kept")
            self.start = self.entries.pop(0).end

    def _key(self, number: int) -> str:
        return segment_key(self.log_epoch, self.shard, number)

    def _take_segment(self, item: Item) -> None:
        entries = decode_segment(item)
        for at in range(self._offset, len(entries)):
            self.entries.append(PlacedEntry(entries[at], Position(self._number, at + 1)))
        self._offset = max(self._offset, len(entries))

    def _is_begun(self, items: Mapping[str, Item]) -> bool:
        """Return whether all of the current segment was read, and there is a next one."""
        return self._offset >= SEGMENT_ENTRIES and self._key(self._number + 1) in items

    def _take_missing(self, items: Mapping[str, Item], *, is_current: bool) -> None:
        """Decide whether a segment has not been begun yet, or is gone.

        The newest segment never expires. Its successor may be begun between two reads of one
        call: so what seems to be gone is read again.
        """
        if is_current:
            is_gone = Position(self._number, self._offset) != START
        else:
            has_expiry = "expires_at" in items.get(self._key(self._number), {})
            is_gone = has_expiry or self._key(self._number + _SUCCESSORS) in items
        if is_gone and (is_current or self._is_doubtful):
            raise CursorExpiredError("changes after this cursor are no longer kept")
        self.is_complete = not is_gone
        self._is_doubtful = is_gone


def _is_before(placed: PlacedEntry, not_before: datetime) -> bool:
    return placed.entry is not None and placed.entry.at < not_before
