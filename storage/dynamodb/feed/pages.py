"""Makes a page of changes from merged log entries, within limits of entries and bytes."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice

from storage.artifacts.changes import Change
from storage.change_queries import ALL_CHANGES, MAX_FEED_ENTRIES, ChangeFilter, FeedPage
from storage.dynamodb.feed.changes import ChangeReader
from storage.dynamodb.feed.cursors import Positions
from storage.dynamodb.feed.merge import MergedEntry
from storage.dynamodb.feed.segments import LogEntry
from storage.dynamodb.reads.history import MAX_PAGE_BYTES

CHUNK = 100
"""The most changes that are read at once."""


@dataclass(slots=True)
class PageBuilder:
    """A page that is being made."""

    reader: ChangeReader
    filter_: ChangeFilter
    first: int
    to_cursor: Callable[[Positions], str]
    end: Positions
    """The positions after the last entry that was looked at."""
    _changes: list[Change] = field(default_factory=list)
    _cursors: list[str] = field(default_factory=list)
    _looked_at: int = 0
    _bytes: int = 0

    def is_full(self) -> bool:
        """Return whether nothing more may be looked at."""
        return (
            len(self._changes) >= self.first
            or self._looked_at >= MAX_FEED_ENTRIES
            or self._bytes > MAX_PAGE_BYTES
        )

    def fill(self, merged: Iterator[MergedEntry]) -> bool:
        """Take entries until the page is full; return whether there are more."""
        while not self.is_full():
            chunk = list(islice(merged, self._chunk_size()))
            if not chunk:
                return False
            self.reader.load(self.to_read(chunk))
            for each in chunk:
                if self.is_full():
                    return True
                self._take(each)
        return next(merged, None) is not None

    def to_read(self, chunk: Iterable[MergedEntry]) -> list[LogEntry]:
        """Return the entries whose changes have to be read."""
        return [each.entry for each in chunk if each.entry and self._may_match(each.entry)]

    def _chunk_size(self) -> int:
        left = MAX_FEED_ENTRIES - self._looked_at
        if self.filter_ == ALL_CHANGES:
            left = min(left, self.first - len(self._changes))
        return min(left, CHUNK)

    def to_page(self, *, has_more: bool) -> FeedPage:
        """Return the page."""
        cursor = self.to_cursor(self.end)
        return FeedPage(tuple(self._changes), tuple(self._cursors), cursor, has_more)

    def _may_match(self, entry: LogEntry) -> bool:
        ids = self.filter_.artifact_ids
        return ids is None or entry.artifact_id in ids

    def _take(self, merged: MergedEntry) -> None:
        self.end = merged.positions
        self._looked_at += 1
        for entry in self.to_read([merged]):
            change = self.reader.find(entry)
            if change and self.filter_.matches(change):
                self._bytes += self.reader.size(entry)
                self._changes.append(change)
                self._cursors.append(self.to_cursor(self.end))
