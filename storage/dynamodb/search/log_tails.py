"""Tells whether a log is still the one that was read: the entry before each position is kept.

A table that was restored in place to an earlier time gets other entries at the same positions.
"""

import sqlite3
from collections.abc import Mapping, Sequence

import orjson

from storage.dynamodb.feed.cursors import Position
from storage.dynamodb.feed.segments import LogEntry, encode_entry
from storage.dynamodb.feed.shards import ShardReader, decode_segment
from storage.dynamodb.schema.attributes import Item
from storage.dynamodb.schema.keys import segment_key
from storage.errors import CursorExpiredError

Tails = Sequence[str]
"""For each shard, the entry before its position; empty if it is not known."""
_READ = "SELECT value FROM search_setting WHERE name = 'tails'"
_WRITE = "INSERT OR REPLACE INTO search_setting (name, value) VALUES ('tails', ?)"


def read_tails(db: sqlite3.Connection) -> Tails:
    """Return the entries before a copy's positions."""
    row = db.execute(_READ).fetchone()
    return list(orjson.loads(row[0])) if row else []


def write_tails(db: sqlite3.Connection, tails: Tails) -> None:
    """Keep the entries before a copy's positions, in the caller's transaction."""
    db.execute(_WRITE, (orjson.dumps(tails).decode(),))


def check_tails(
    positions: Sequence[Position], log_epoch: int, tails: Tails, items: Mapping[str, Item]
) -> Tails:
    """Compare the segments at positions with the entries that were there; return these.

    Raises:
        CursorExpiredError: if the log ends before a position, or has other entries.
    """
    known = [*tails, *[""] * (len(positions) - len(tails))]
    found = [
        _tail(position, items.get(segment_key(log_epoch, shard, position.number)))
        for shard, position in enumerate(positions)
    ]
    for old, new in zip(known, found, strict=True):
        if old and new and old != new:
            raise CursorExpiredError("the log has other entries than when it was read")
    return [new or old for old, new in zip(known, found, strict=True)]


def next_tails(tails: Tails, readers: Sequence[ShardReader]) -> Tails:
    """Return the entries before the positions after those that were read."""
    known = [*tails, *[""] * (len(readers) - len(tails))]
    return [
        _encode(reader.entries[-1].entry) if reader.entries else old
        for old, reader in zip(known, readers, strict=True)
    ]


def _tail(position: Position, segment: Item | None) -> str:
    """Return the entry before a position; empty if there is none, or it cannot be told."""
    if segment is None or position.offset == 0:
        return ""
    entries = decode_segment(segment)
    if len(entries) < position.offset:
        raise CursorExpiredError("the log ends before a position that was read")
    return _encode(entries[position.offset - 1])


def _encode(entry: LogEntry | None) -> str:
    return encode_entry(entry) if entry else ""
