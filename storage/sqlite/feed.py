"""The feed of changes in the order of their commits, and its cursors."""

import sqlite3
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

import orjson

from storage.artifacts.changes import Change
from storage.change_queries import MAX_FEED_ENTRIES, ChangeFilter, FeedPage
from storage.errors import CursorExpiredError, InvalidCursorError, UndecodableError
from storage.sqlite.changes import MAX_PAGE_BYTES, SELECT_CHANGES, decode_change
from storage.sqlite.fetch import fetch, fetch_one
from storage.sqlite.retention import read_setting

_SELECT = SELECT_CHANGES.replace("SELECT ", "SELECT seq, ")
_FORWARD = f"{_SELECT} WHERE seq > ? ORDER BY seq LIMIT {MAX_FEED_ENTRIES + 1}"
_BACKWARD = (
    f"{_SELECT} WHERE seq < ? AND seq > 0 ORDER BY seq DESC LIMIT {MAX_FEED_ENTRIES + 1}"
)
_OLDEST = "SELECT min(seq) FROM change WHERE seq > 0"
_OLDEST_SINCE = """
SELECT seq FROM change WHERE (seq > 0) = 1 AND retained_from >= ?
 ORDER BY retained_from, seq LIMIT 1
"""
_NEWEST = "SELECT seq FROM sqlite_sequence WHERE name = 'change'"

_LAST_SEQ = 2**63 - 1
"""The highest integer that SQLite has."""
_AFTER, _BEFORE = "after", "before"
"""Cursors of the feed, and of the recent changes."""
_Identity = tuple[str | None, str | None]
"""The identity of the file, and its epoch."""
_Origin = tuple[str, str | None, str | None]
"""The kind of a cursor, and the identity of its file."""


@dataclass(frozen=True, slots=True)
class _Position:
    """A position in the feed, and the change at it, which tells apart copies of the file."""

    seq: int
    artifact_id: str = ""
    version: int = 0
    at: str = ""


def read_feed(
    db: sqlite3.Connection, after: str | None, first: int, filter_: ChangeFilter, cutoff: str
) -> FeedPage:
    """Return the changes after a cursor, the oldest first."""
    oldest = _oldest_kept_seq(db, cutoff)
    position = _Position(oldest - 1) if after is None else _decode_cursor(db, after, _AFTER)
    if position.seq < oldest - 1:
        raise CursorExpiredError("changes after the cursor are no longer kept")
    reader = _PageReader((_AFTER, *_identity(db)), first, filter_, position)
    with closing(fetch(db, _FORWARD, (position.seq,))) as rows:
        for row in rows:
            if not reader.add(row):
                return reader.page(has_more=True)
    return reader.page(has_more=False)


def read_recent_changes(
    db: sqlite3.Connection, before: str | None, first: int, filter_: ChangeFilter, cutoff: str
) -> FeedPage:
    """Return the changes before a cursor, the newest first."""
    oldest, newest = _oldest_kept_seq(db, cutoff), newest_seq(db)
    position = _Position(newest + 1) if before is None else _decode_cursor(db, before, _BEFORE)
    reader = _PageReader((_BEFORE, *_identity(db)), first, filter_, position)
    with closing(fetch(db, _BACKWARD, (position.seq,))) as rows:
        for row in rows:
            if row[0] < oldest:
                break
            if not reader.add(row):
                return reader.page(has_more=True)
    return reader.page(has_more=False)


def newest_cursor(db: sqlite3.Connection) -> str:
    """Return the cursor after the newest change."""
    seq = newest_seq(db)
    row = fetch_one(db, f"{_SELECT} WHERE seq = ?", (seq,))
    position = _to_position(row) if row else _Position(seq)
    return _encode_cursor((_AFTER, *_identity(db)), position)


def newest_seq(db: sqlite3.Connection) -> int:
    """Return the position of the newest change that there ever was in the feed; or 0."""
    row = db.execute(_NEWEST).fetchone()
    return max(row[0], 0) if row else 0


def _oldest_kept_seq(db: sqlite3.Connection, cutoff: str) -> int:
    """Return the position of the oldest change that is kept, or the next one if none is."""
    row = db.execute(_OLDEST_SINCE, (cutoff,)) if cutoff else db.execute(_OLDEST)
    (seq,) = row.fetchone() or (None,)
    return newest_seq(db) + 1 if seq is None else int(seq)


@dataclass(slots=True)
class _PageReader:
    """Collects a page of changes from rows, and bounds what it looks at."""

    origin: _Origin
    first: int
    filter_: ChangeFilter
    position: _Position
    _changes: list[Change] = field(default_factory=list)
    _cursors: list[str] = field(default_factory=list)
    _seen: int = 0
    _size: int = 0

    def add(self, row: tuple[Any, ...]) -> bool:
        """Add the change of a row if it matches; return False if the page is full before."""
        is_full = len(self._changes) == self.first or self._seen == MAX_FEED_ENTRIES
        if is_full or self._size > MAX_PAGE_BYTES:
            return False
        self._seen += 1
        self._size += len(row[-1])
        self.position = _to_position(row)
        change = decode_change(row)
        if not isinstance(change, UndecodableError) and self.filter_.matches(change):
            self._changes.append(change)
            self._cursors.append(_encode_cursor(self.origin, self.position))
        return True

    def page(self, *, has_more: bool) -> FeedPage:
        """Return the page of what was added."""
        cursor = _encode_cursor(self.origin, self.position)
        return FeedPage(tuple(self._changes), tuple(self._cursors), cursor, has_more)


def _to_position(row: Sequence[Any]) -> _Position:
    seq, id_, version, _, _, _, at, *_ = row
    return _Position(seq, id_, version, at)


def _encode_cursor(origin: _Origin, position: _Position) -> str:
    values = [
        *origin, position.seq, position.artifact_id, position.version, position.at,
    ]  # fmt: skip
    return urlsafe_b64encode(orjson.dumps(values)).decode().rstrip("=")


def _decode_cursor(db: sqlite3.Connection, cursor: str, kind: str) -> _Position:
    """Return the position of a cursor.

    Raises:
        InvalidCursorError: if it is not a cursor of this kind.
        CursorExpiredError: if it is one of another file, of before a reset, or of changes that
            this file does not have, because an older copy of it was restored.
    """
    try:
        values = orjson.loads(urlsafe_b64decode(f"{cursor}=="))
    except ValueError:
        raise InvalidCursorError(cursor) from None
    match values:
        case [str(), str(identity), str(epoch), int(seq), str(id_), int(version), str(at)] if (
            0 <= seq <= _LAST_SEQ
        ):
            position = _Position(seq, id_, version, at)
        case _:
            raise InvalidCursorError(cursor)
    if _encode_cursor((kind, identity, epoch), position) != cursor:
        raise InvalidCursorError(cursor)
    if (identity, epoch) != _identity(db) or not _is_known(db, position):
        raise CursorExpiredError("the cursor is of a store that was reset or replaced")
    return position


def _is_known(db: sqlite3.Connection, position: _Position) -> bool:
    """Return whether the file has the change at a position, or had it until it was removed."""
    row = fetch_one(db, f"{_SELECT} WHERE seq = ?", (position.seq,))
    if row is not None and position.artifact_id:
        return _to_position(row) == position
    end = newest_seq(db) if position.artifact_id else newest_seq(db) + 1
    return position.seq <= end


def _identity(db: sqlite3.Connection) -> _Identity:
    return read_setting(db, "identity"), read_setting(db, "epoch")
