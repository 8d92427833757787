"""Reads the feed: changes in the order in which they were committed.

Every change is in the log as soon as its write is acknowledged: its entry is written in the
write's own transaction, and read consistently.
"""

from dataclasses import replace
from functools import cached_property, partial
from itertools import islice

from storage.change_queries import ALL_CHANGES, ChangeFilter, FeedPage
from storage.clock import Clock
from storage.dynamodb.client.client import DynamoClient
from storage.dynamodb.feed.changes import ChangeReader
from storage.dynamodb.feed.cursors import (
    START,
    Cursor,
    Direction,
    Positions,
    decode_cursor,
)
from storage.dynamodb.feed.heads import find_heads
from storage.dynamodb.feed.identity import read_table_identity
from storage.dynamodb.feed.log_state import LogState, decode_log_state, read_log_state
from storage.dynamodb.feed.merge import Merge, Window
from storage.dynamodb.feed.oldest import find_oldest
from storage.dynamodb.feed.pages import CHUNK, PageBuilder
from storage.dynamodb.feed.recent import newest_positions, read_windows
from storage.dynamodb.feed.shards import ShardReader
from storage.dynamodb.schema.keys import SCHEMA_KEY
from storage.errors import CursorExpiredError

_WINDOW_SEGMENTS = 12
"""Segments of each shard that are read at once after the first ones."""
_WINDOW_ENTRIES = 100
"""Entries of a shard that are enough: eight shards have about as many as a page looks at."""


class FeedReader:
    """The changes of one table; any number of threads may share it."""

    def __init__(self, client: DynamoClient, clock: Clock) -> None:
        self._client = client
        self._clock = clock

    @cached_property
    def identity(self) -> str:
        """The table's identity; it is read once, best when the store is opened."""
        return read_table_identity(self._client)

    def read_feed(self, after: str | None, first: int, filter_: ChangeFilter) -> FeedPage:
        """Return changes after a cursor, or from the oldest that is kept.

        Raises:
            InvalidCursorError: if the cursor is not one of the feed.
            CursorExpiredError: if changes after the cursor are no longer kept.
        """
        cursor = self._oldest() if after is None else self._decode(after, Direction.FORWARD)
        state, readers = self._read_shards(cursor)
        not_before = state.not_before(self._clock)
        if not_before is not None:
            for reader in readers:
                reader.drop_expired(not_before, is_error=after is not None)
        start = tuple(reader.start for reader in readers)
        changes = ChangeReader(self._client, not_before)
        page = PageBuilder(changes, filter_, first, partial(_to_text, cursor), start)
        merge = self._merge(readers, page)
        has_more = page.fill(iter(merge))
        return page.to_page(has_more=has_more or merge.has_more)

    def cursor(self) -> str:
        """Return the cursor after the newest change."""
        state = read_log_state(self._client)
        positions = newest_positions(self._client, state)
        return self._new_cursor(Direction.FORWARD, state, positions).encode()

    def read_recent(self, before: str | None, first: int, filter_: ChangeFilter) -> FeedPage:
        """Return changes before a cursor, or the newest, from the newest on.

        Raises:
            InvalidCursorError: if the cursor is not one of recent changes.
            CursorExpiredError: if the registry was reset after it, or changes before it were
                lost.
        """
        state = read_log_state(self._client)
        if before is None:
            positions = newest_positions(self._client, state)
            cursor = self._new_cursor(Direction.BACKWARD, state, positions)
        else:
            cursor = self._decode(before, Direction.BACKWARD)
            cursor.require_current(state)
        not_before = state.not_before(self._clock)
        wanted = first if filter_ == ALL_CHANGES else _WINDOW_ENTRIES
        windows = read_windows(self._client, cursor, wanted, not_before)
        changes = ChangeReader(self._client, not_before)
        page = PageBuilder(changes, filter_, first, partial(_to_text, cursor), cursor.positions)
        merge = Merge(windows, Direction.BACKWARD)
        has_more = page.fill(iter(merge)) or merge.has_more
        if has_more and page.end == cursor.positions:
            raise CursorExpiredError("changes before this cursor were lost")
        return page.to_page(has_more=has_more)

    def _oldest(self) -> Cursor:
        state = read_log_state(self._client)
        positions = find_oldest(self._client, state, state.not_before(self._clock))
        return self._new_cursor(Direction.FORWARD, state, positions)

    def _new_cursor(
        self, direction: Direction, state: LogState, positions: Positions
    ) -> Cursor:
        return Cursor(direction, self.identity, state.epoch, state.log_epoch, positions)

    def _decode(self, text: str, direction: Direction) -> Cursor:
        return decode_cursor(text, direction, self.identity)

    def _read_shards(self, cursor: Cursor) -> tuple[LogState, list[ShardReader]]:
        """Read the entries after a cursor, in every shard up to its end or a window's size."""
        readers = [
            ShardReader(cursor.log_epoch, shard, position)
            for shard, position in enumerate(cursor.positions)
        ]
        items = self._client.get_items([SCHEMA_KEY, *_keys(readers, 1)])
        state = decode_log_state(items.get(SCHEMA_KEY))
        cursor.require_current(state)
        for reader in readers:
            reader.take(items, 1)
        readers += [
            ShardReader(cursor.log_epoch, shard, START)
            for shard in range(len(readers), state.shards)
        ]
        self._read_windows(readers)
        self._check_unbegun(state, readers)
        return state, readers

    def _read_windows(self, readers: list[ShardReader]) -> None:
        while left := [
            r for r in readers if not r.is_complete and len(r.entries) < _WINDOW_ENTRIES
        ]:
            items = self._client.get_items(_keys(left, _WINDOW_SEGMENTS))
            for reader in left:
                reader.take(items, _WINDOW_SEGMENTS)

    def _merge(self, readers: list[ShardReader], page: PageBuilder) -> Merge:
        """Merge shards that were not read at the same time.

        One may show a change whose predecessor, committed in between, another one does not
        show yet. So their ends are read again, together with the first changes of the page;
        what is new there is merged only as a predecessor.
        """
        seen = [
            Window(r.start, tuple(r.entries), len(r.entries), r.is_complete) for r in readers
        ]
        first = list(islice(Merge(seen), CHUNK))
        left = [reader for reader in readers if reader.is_complete and first]
        if left:
            items = page.reader.load(page.to_read(first), _keys(left, 1))
            for reader in left:
                reader.take(items, 1)
        while left := [reader for reader in left if not reader.is_complete]:
            items = self._client.get_items(_keys(left, _WINDOW_SEGMENTS))
            for reader in left:
                reader.take(items, _WINDOW_SEGMENTS)
        return Merge(
            [replace(w, entries=r.entries) for w, r in zip(seen, readers, strict=True)]
        )

    def _check_unbegun(self, state: LogState, readers: list[ShardReader]) -> None:
        """Check that shards that seem to have no entry have not lost their first segments."""
        unbegun = [r.shard for r in readers if r.start == START and not r.entries]
        if unbegun and state.retention is not None:
            heads = find_heads(self._client, state.log_epoch, state.shards)
            if any(heads[shard] > START.number for shard in unbegun):
                raise CursorExpiredError("changes after this cursor are no longer kept")


def _keys(readers: list[ShardReader], count: int) -> list[str]:
    return [key for reader in readers for key in reader.keys(count)]


def _to_text(cursor: Cursor, positions: Positions) -> str:
    return replace(cursor, positions=positions).encode()
