"""Stores changes, and reads the histories of artifacts."""

import sqlite3
from contextlib import closing
from datetime import datetime
from typing import Any

from storage.artifacts.changes import (
    Change,
    ChangeKind,
    decode_field_changes,
    encode_field_changes,
)
from storage.artifacts.records import ArtifactType
from storage.change_queries import HistoryPage, HistoryQuery
from storage.errors import UndecodableError
from storage.sqlite.fetch import check_texts, fetch
from storage.sqlite.retention import encode_time
from storage.sqlite.values import decode_actor, decode_time, decode_version, encode_actor

MAX_PAGE_BYTES = 1_000_000
"""About the most bytes of changes on one page; one change always fits."""
_READ_COLUMNS = "artifact_id, version, type, name, kind, at, by, request_id, fields"
SELECT_CHANGES = f"SELECT {_READ_COLUMNS} FROM change"  # noqa: S608 - constants only
_VALUES = f"(seq, {_READ_COLUMNS}, retained_from) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_INSERT = f"INSERT OR REPLACE INTO change {_VALUES}"
_INSERT_OLDER = f"INSERT OR IGNORE INTO change {_VALUES}"
_HISTORY = f"{SELECT_CHANGES} WHERE artifact_id = ? AND version <= ? ORDER BY version DESC"


def write_change(db: sqlite3.Connection, change: Change, now: datetime) -> None:
    """Store a change as the newest of the feed."""
    retained_from = max(change.at, now)
    db.execute(_INSERT, (None, *_encode(change), encode_time(retained_from)))


def write_older_change(db: sqlite3.Connection, change: Change) -> None:
    """Store an older change of an artifact if it is absent; it is not in the feed."""
    (lowest,) = db.execute("SELECT min(seq) FROM change").fetchone()
    seq = min(lowest or 0, 0) - 1
    db.execute(_INSERT_OLDER, (seq, *_encode(change), encode_time(change.at)))


def read_history(db: sqlite3.Connection, query: HistoryQuery, cutoff: str) -> HistoryPage:
    """Return a page of an artifact's changes; it ends where one is missing or expired.

    One that cannot be read is left out.
    """
    changes: list[Change] = []
    size, expected = 0, query.version
    with closing(fetch(db, _HISTORY, (query.artifact_id, query.version))) as rows:
        for row in rows:
            if row[1] != expected or row[5] < cutoff:
                break
            size += len(row[-1])
            if len(changes) == query.first or (changes and size > MAX_PAGE_BYTES):
                return HistoryPage(tuple(changes), has_next=True)
            change = decode_change(row)
            if not isinstance(change, UndecodableError):
                changes.append(change)
            expected -= 1
    return HistoryPage(tuple(changes), has_next=False)


def decode_change(row: tuple[Any, ...]) -> Change | UndecodableError:
    """Return the change of a row that ends with the columns of SELECT_CHANGES."""
    id_, version, type_, name, kind, at, by, request_id, fields = row[-9:]
    try:
        check_texts(row)
        return Change(
            artifact_id=id_,
            type=ArtifactType(type_),
            name=name,
            version=decode_version(version),
            kind=ChangeKind(kind),
            at=decode_time(at),
            by=decode_actor(by),
            request_id=request_id,
            fields=decode_field_changes(fields),
        )
    except (ValueError, TypeError) as error:
        return UndecodableError(f"version {version} of {id_} cannot be read: {error!r}")


def _encode(change: Change) -> tuple[Any, ...]:
    """Return the values of a change in the order of the columns that are read."""
    return (
        change.artifact_id,
        change.version,
        change.type.value,
        change.name,
        change.kind.value,
        encode_time(change.at),
        encode_actor(change.by),
        change.request_id,
        encode_field_changes(change),
    )
