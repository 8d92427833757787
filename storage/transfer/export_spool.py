"""Collects the lines of an export on disk, until the state of each artifact is known."""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from storage.temporary_database import open_temporary_database, temporary_file_errors

_TABLE = """
CREATE TABLE entry (id TEXT PRIMARY KEY, is_live INT, at TEXT, version INT, lines BLOB)
    WITHOUT ROWID;
CREATE INDEX entry_by_place ON entry (is_live, at, id);
"""
_PUT = "INSERT OR REPLACE INTO entry VALUES (?, ?, ?, ?, ?)"
_IN_ORDER = "SELECT lines FROM entry ORDER BY is_live, at, id"


@dataclass(frozen=True, slots=True)
class SpoolEntry:
    """An artifact, deleted or not, with its lines."""

    id: str
    version: int
    is_live: bool
    at: datetime
    """The time of its naming, or of its deletion."""
    lines: tuple[bytes, ...]


class ExportSpool:
    """The entries of an export by id."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def put(self, entries: Iterable[SpoolEntry]) -> None:
        """Add entries, or replace those with the same ids."""
        rows = (
            (
                each.id,
                each.is_live,
                each.at.isoformat(timespec="microseconds"),
                each.version,
                b"".join(each.lines),
            )
            for each in entries
        )
        with temporary_file_errors():  # not to be taken for errors of the store
            self._db.executemany(_PUT, rows)

    def remove(self, id: str) -> None:  # noqa: A002 - the registry's own word
        """Remove the entry with an id, if there is one."""
        self._db.execute("DELETE FROM entry WHERE id = ?", (id,))

    def get_version(self, id: str) -> int:  # noqa: A002 - the registry's own word
        """Return the version of the entry with an id, 0 if there is none."""
        row = self._db.execute("SELECT version FROM entry WHERE id = ?", (id,)).fetchone()
        return int(row[0]) if row else 0

    def read_lines(self) -> Iterator[bytes]:
        """Yield all lines: deleted artifacts by time, then artifacts by naming time."""
        for (lines,) in self._db.execute(_IN_ORDER):
            yield from lines.splitlines(keepends=True)


@contextmanager
def open_spool() -> Iterator[ExportSpool]:
    """Open an empty spool, which is deleted afterwards.

    Raises:
        StoreSetupError: if there is no room for it.
    """
    with open_temporary_database(_TABLE) as db:
        yield ExportSpool(db)
