"""Versions of chunks of rows, by which readers know which values they have to read again."""

import sqlite3
from collections.abc import Iterable

CHUNK = 4_096
"""The number of rows in a chunk: reading the tags of so many takes about 6 ms."""
_NOTE = """
INSERT INTO search_chunk (chunk, version) VALUES (?, random())
    ON CONFLICT (chunk) DO UPDATE SET version = excluded.version
"""
"""Random, so that no version ever returns, in no file."""
_WITHOUT_VERSION = """
SELECT DISTINCT row / ? FROM search_artifact EXCEPT SELECT chunk FROM search_chunk LIMIT 1
"""


def note_rows(db: sqlite3.Connection, rows: Iterable[int]) -> None:
    """Give new versions to the chunks of rows whose values change."""
    db.executemany(_NOTE, [(chunk,) for chunk in {row // CHUNK for row in rows}])


def read_versions(db: sqlite3.Connection) -> dict[int, int]:
    """Return the versions of all chunks that may have rows."""
    return dict(db.execute("SELECT chunk, version FROM search_chunk"))


def note_all(db: sqlite3.Connection) -> None:
    """Give new versions to all chunks, whatever versions they had."""
    (last,) = db.execute("SELECT max(row) FROM search_artifact").fetchone()
    note_rows(db, range(0, (last or 0) + 1, CHUNK))


def lacks_versions(db: sqlite3.Connection) -> bool:
    """Return whether artifacts are in chunks without a version, so that readers miss them."""
    return db.execute(_WITHOUT_VERSION, (CHUNK,)).fetchone() is not None
