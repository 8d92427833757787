"""Keeps on disk what a reading of a whole table found, so that memory does not grow with it."""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from storage.errors import StoreSetupError

_TABLES = """
PRAGMA journal_mode = OFF;
-- The items beside the artifacts, and what their attributes are.
CREATE TABLE item (key TEXT PRIMARY KEY, owner TEXT, bearers TEXT, reference TEXT,
                   model_id TEXT, attributes TEXT) WITHOUT ROWID;
-- What artifacts claim: the url that one has, the name that it bears, the references it makes.
CREATE TABLE url (key TEXT, id TEXT PRIMARY KEY, created_at TEXT, adopted INT) WITHOUT ROWID;
CREATE TABLE name (key TEXT, id TEXT PRIMARY KEY, place TEXT, adopted INT) WITHOUT ROWID;
CREATE TABLE reference (key TEXT PRIMARY KEY, model_id TEXT, value TEXT, adopted INT)
    WITHOUT ROWID;
-- Artifacts of the earlier backend, and those whose attributes contradict each other.
CREATE TABLE earlier (id TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE stale (id TEXT PRIMARY KEY, message TEXT) WITHOUT ROWID;
-- What only a person can decide, and whether it is an artifact all the same.
CREATE TABLE undecided (id TEXT PRIMARY KEY, message TEXT, readable INT) WITHOUT ROWID;
CREATE INDEX url_by_key ON url (key, created_at, length(id), id);
CREATE INDEX name_by_key ON name (key);
"""

Row = tuple[str, tuple[Any, ...]]
"""A table and the values of its columns."""


class ScanDatabase:
    """The tables above, to be written first and asked then."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def write(self, rows: Iterable[Row]) -> None:
        """Keep rows."""
        by_table: dict[str, list[tuple[Any, ...]]] = {}
        for table, values in rows:
            by_table.setdefault(table, []).append(values)
        for table, many in by_table.items():
            places = ", ".join("?" * len(many[0]))
            self._db.executemany(f"INSERT INTO {table} VALUES ({places})", many)  # noqa: S608 - ours

    def ask(self, query: str) -> Iterator[tuple[Any, ...]]:
        """The rows of a query, read as they are taken."""
        return self._db.execute(query)


@contextmanager
def opened() -> Iterator[ScanDatabase]:
    """An empty ledger in a file that nobody else sees, and that is gone afterwards.

    Raises:
        StoreSetupError: where there is no room for the file.
    """
    # What has no name SQLite keeps in memory while it is small, and then in a temporary file.
    db = sqlite3.connect("", isolation_level=None)
    try:
        db.executescript(_TABLES)
        db.execute("BEGIN")
        yield ScanDatabase(db)
    except sqlite3.OperationalError as error:
        raise StoreSetupError(
            "SQLITE_TMPDIR: what is read of the table needs a temporary file, which cannot be "
            f"written: {error}"
        ) from error
    finally:
        db.close()
