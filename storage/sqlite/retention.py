"""Reads and sets the retention of changes and deleted artifacts, and removes expired ones."""

import sqlite3
from datetime import UTC, datetime, timedelta

_PURGED_PER_WRITE = 10
_RETENTION = "retention"
_PURGE_CHANGES = """
DELETE FROM change
 WHERE seq IN (SELECT seq FROM change WHERE (seq > 0) = ? AND retained_from < ?
                ORDER BY retained_from LIMIT ?)
"""
_PURGE_DELETED = """
DELETE FROM deleted WHERE id IN (SELECT id FROM deleted WHERE at < ? ORDER BY at LIMIT ?)
"""
_COUNT_EXPIRED = """
SELECT (SELECT count(*) FROM change WHERE (seq > 0) = 1 AND retained_from < ?1)
     + (SELECT count(*) FROM change WHERE (seq > 0) = 0 AND retained_from < ?1)
     + (SELECT count(*) FROM deleted WHERE at < ?1)
"""


def read_setting(db: sqlite3.Connection, name: str) -> str | None:
    """Return the value of a setting of the file."""
    row = db.execute("SELECT value FROM setting WHERE name = ?", (name,)).fetchone()
    return None if row is None else str(row[0])


def write_setting(db: sqlite3.Connection, name: str, value: str | None) -> None:
    """Write the value of a setting of the file; None removes it."""
    if value is None:
        db.execute("DELETE FROM setting WHERE name = ?", (name,))
    else:
        db.execute("INSERT OR REPLACE INTO setting VALUES (?, ?)", (name, value))


def read_retention(db: sqlite3.Connection) -> timedelta | None:
    """Return how long changes and deleted artifacts are kept; None for ever."""
    seconds = read_setting(db, _RETENTION)
    return None if seconds is None else timedelta(seconds=float(seconds))


def write_retention(db: sqlite3.Connection, retention: timedelta | None) -> None:
    """Set how long changes and deleted artifacts are kept; None for ever."""
    write_setting(db, _RETENTION, None if retention is None else str(retention.total_seconds()))


def encode_time(time: datetime) -> str:
    """Return a time as text, so that texts compare like times."""
    return time.isoformat(timespec="milliseconds")


def read_cutoff(db: sqlite3.Connection, now: datetime) -> str:
    """Return the time before which changes and deleted artifacts are expired, as text."""
    retention = read_retention(db)
    if retention is None or retention > now - datetime.min.replace(tzinfo=UTC):
        return ""
    return encode_time(now - retention)


def count_expired(db: sqlite3.Connection, cutoff: str) -> int:
    """Return the number of expired changes and deleted artifacts."""
    (count,) = db.execute(_COUNT_EXPIRED, (cutoff,)).fetchone()
    return int(count)


def purge_expired(db: sqlite3.Connection, now: datetime, limit: int = _PURGED_PER_WRITE) -> int:
    """Remove some of the expired changes and deleted artifacts, and return their number."""
    if not (cutoff := read_cutoff(db, now)):
        return 0
    in_feed = db.execute(_PURGE_CHANGES, (1, cutoff, limit)).rowcount
    imported = db.execute(_PURGE_CHANGES, (0, cutoff, limit)).rowcount
    deleted = db.execute(_PURGE_DELETED, (cutoff, limit)).rowcount
    return in_feed + imported + deleted
