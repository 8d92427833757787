"""Databases in temporary files, for what commands sort or look up and memory cannot hold."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from storage.errors import StoreSetupError


@contextmanager
def open_temporary_database(tables: str) -> Iterator[sqlite3.Connection]:
    """Open a new database with these tables, in a transaction; it is deleted afterwards.

    SQLite keeps a database without a name in memory while it is small, and then in a temporary
    file that nobody else sees.

    Raises:
        StoreSetupError: if there is no room for the file.
    """
    db = sqlite3.connect("", isolation_level=None)
    try:
        with temporary_file_errors():
            db.executescript(f"PRAGMA journal_mode = OFF; {tables}")
            db.execute("BEGIN")
            yield db
    finally:
        db.close()


@contextmanager
def temporary_file_errors() -> Iterator[None]:
    """Raise errors of a temporary database as StoreSetupError."""
    try:
        yield
    except sqlite3.OperationalError as error:
        raise StoreSetupError(
            f"SQLITE_TMPDIR: a temporary file cannot be written: {error}"
        ) from error
