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


def note_rows(db: sqlite3.Connection, rows: Iterable[int]) -> None:
    """Give new versions to the chunks of rows whose values change."""
    db.executemany(_NOTE, [(chunk,) for chunk in {row // CHUNK for row in rows}])


def read_versions(db: sqlite3.Connection) -> dict[int, int]:
    """Return the versions of all chunks that may have rows."""
    return dict(db.execute("SELECT chunk, version FROM search_chunk"))
