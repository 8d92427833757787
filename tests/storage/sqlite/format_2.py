"""A file of format 2, and the statements with which the version that wrote it registers.

`registry-format-2.db` was made by that version from the export of format 1. The statements
are that version's text, not built from today's code.
"""

import sqlite3
from contextlib import closing
from pathlib import Path

from tests.storage.sqlite import format_1

FILE = Path(__file__).with_name("registry-format-2.db")
INSERT = format_1.INSERT.replace("created_key", "creation_key")
FIND_BY_URL = format_1.FIND_BY_URL


class OldCodeRefusedError(Exception):
    """The version of format 2 does not write to a file of another format."""


def connect(path: Path) -> sqlite3.Connection:
    """Open a file as the version of format 2 does."""
    db = sqlite3.connect(f"{path.as_uri()}?mode=rwc", uri=True, isolation_level=None)
    db.execute("PRAGMA trusted_schema = ON")
    db.create_function("knows_format_2", 0, lambda: 1, deterministic=True)
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
        db.execute(f"PRAGMA {pragma}")
    return db


def write(db: sqlite3.Connection, n: int) -> None:
    """Register dataset n, as the version of format 2 does."""
    db.execute("BEGIN IMMEDIATE")
    with db:
        (version,) = db.execute("PRAGMA user_version").fetchone()
        if version != 2:
            raise OldCodeRefusedError(f"the file now has format {version}")
        db.execute(INSERT, format_1.row(n))


def assert_has_all(path: Path) -> None:
    """Check that a file has all that the file of format 2 has."""
    with (
        closing(connect(path)) as db,
        closing(sqlite3.connect(f"{FILE.as_uri()}?immutable=1", uri=True)) as original,
    ):
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert list(db.iterdump()) == list(original.iterdump())
