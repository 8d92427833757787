"""Keeps what a table scan found in a temporary file, so that memory does not grow with it."""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from storage.temporary_database import open_temporary_database

_TABLES = """
-- Side items as they are: uniqueness and reference items, with all their attributes.
CREATE TABLE item (key TEXT PRIMARY KEY, owner TEXT, last_since TEXT, is_older INT,
                   reference TEXT, model_id TEXT, attributes TEXT) WITHOUT ROWID;
-- Side items as the artifacts need them: for their urls, names and references.
CREATE TABLE url (key TEXT, id TEXT PRIMARY KEY, created_at TEXT, is_backfilled INT)
    WITHOUT ROWID;
CREATE TABLE name (key TEXT, id TEXT PRIMARY KEY, place TEXT, is_backfilled INT)
    WITHOUT ROWID;
CREATE TABLE reference (key TEXT PRIMARY KEY, model_id TEXT, value TEXT, is_backfilled INT)
    WITHOUT ROWID;
-- Histories: the versions of artifacts, of changes and of deletions, and what the log has.
CREATE TABLE artifact (id TEXT PRIMARY KEY, version INT, digests TEXT) WITHOUT ROWID;
CREATE TABLE change (id TEXT, version INT, kind TEXT, is_expired INT, digests TEXT,
                     PRIMARY KEY (id, version) ON CONFLICT IGNORE) WITHOUT ROWID;
CREATE VIEW newest AS
    SELECT id, max(version) AS version FROM change WHERE NOT is_expired GROUP BY id;
CREATE TABLE deleted (id TEXT PRIMARY KEY, version INT, is_expired INT) WITHOUT ROWID;
CREATE TABLE logged (id TEXT, version INT,
                     PRIMARY KEY (id, version) ON CONFLICT IGNORE) WITHOUT ROWID;
-- Artifacts that are not migrated yet, and those whose attributes contradict each other.
CREATE TABLE legacy (id TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE stale (id TEXT PRIMARY KEY, message TEXT) WITHOUT ROWID;
-- What only a person can decide, and whether it can be read as an artifact all the same.
CREATE TABLE undecided (id TEXT PRIMARY KEY, message TEXT, is_readable INT) WITHOUT ROWID;
CREATE INDEX url_by_key ON url (key, created_at, length(id), id);
CREATE INDEX name_by_key ON name (key);
"""

Row = tuple[str, tuple[Any, ...]]
"""A table and the values of its columns."""


class ScanDatabase:
    """The tables above; they are written first and queried then."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def insert(self, rows: Iterable[Row]) -> None:
        """Insert rows."""
        by_table: dict[str, list[tuple[Any, ...]]] = {}
        for table, values in rows:
            by_table.setdefault(table, []).append(values)
        for table, many in by_table.items():
            places = ", ".join("?" * len(many[0]))
            self._db.executemany(f"INSERT INTO {table} VALUES ({places})", many)  # noqa: S608 - ours

    def select(self, query: str) -> Iterator[tuple[Any, ...]]:
        """Return the rows of a query, read as they are consumed."""
        return self._db.execute(query)


@contextmanager
def open_scan_database() -> Iterator[ScanDatabase]:
    """Open an empty database in a temporary file, which is deleted afterwards.

    Raises:
        StoreSetupError: if there is no room for the file.
    """
    with open_temporary_database(_TABLES) as db:
        yield ScanDatabase(db)
