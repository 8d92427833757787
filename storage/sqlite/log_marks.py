"""The mark by which a file and its write-ahead log are recognized as belonging together.

A file has one mark: a random identity, and a step that every transaction that changes rows
increases by one. A log begins when everything before is in the file, so the file's step is at
least that before the log's first one, and at most its last one. A copy gets another identity.
"""

import sqlite3
from dataclasses import dataclass
from secrets import token_bytes

FIRST_STEP = 2**40
"""SQLite stores integers of this size in six bytes, up to more steps than will ever be."""
_PREFIX = b"MLrg-log"
_TABLE = """
CREATE TABLE IF NOT EXISTS log_mark (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    file BLOB NOT NULL,
    step INTEGER NOT NULL
) STRICT
"""
_ROW = """
INSERT INTO log_mark VALUES (1, ?, ?) ON CONFLICT DO UPDATE SET step = step + 1
"""
_HAS_TABLE = "SELECT 1 FROM sqlite_schema WHERE name = 'log_mark'"
_LEAF_OF_ONE_ROW = b"\x0d", b"\x00\x01"
"""The type of the page and its number of cells; see https://sqlite.org/fileformat2.html."""
_CELL = b"\x22\x01\x04\x00\x3c\x05" + _PREFIX
"""Sizes and types of the row, and how its values begin."""
_IDENTITY_BYTES, _STEP_BYTES = 16, 6


@dataclass(frozen=True, slots=True)
class Mark:
    """A mark as it is in a file or in its log."""

    identity: bytes
    step: int


def has_mark(db: sqlite3.Connection) -> bool:
    """Return whether the file has a mark."""
    return db.execute(_HAS_TABLE).fetchone() is not None


def create_mark(db: sqlite3.Connection) -> None:
    """Give the file a mark; if it has one, take the next step."""
    db.execute(_TABLE)
    db.execute(_ROW, (_PREFIX + token_bytes(_IDENTITY_BYTES), FIRST_STEP))


def take_step(db: sqlite3.Connection) -> None:
    """Take the next step, at the end of a transaction."""
    db.execute("UPDATE log_mark SET step = step + 1")


def renew_mark(db: sqlite3.Connection) -> None:
    """Give a copy a mark of its own, if the file has one."""
    if has_mark(db):
        db.execute("DELETE FROM log_mark")
        create_mark(db)


def read_mark(db: sqlite3.Connection) -> Mark | None:
    """Return the mark of the file; None if it has none."""
    if not has_mark(db):
        return None
    ((file, step),) = db.execute("SELECT file, step FROM log_mark")
    return Mark(file.removeprefix(_PREFIX), step)


def find_mark(page: bytes) -> Mark | None:
    """Return the mark in a page; None if the page is another one.

    The texts of artifacts cannot pass for it: they are in pages of other types or rows.
    """
    if (page[:1], page[3:5]) != _LEAF_OF_ONE_ROW:
        return None
    start = int.from_bytes(page[8:10], "big")
    if not page.startswith(_CELL, start):
        return None
    identity = start + len(_CELL)
    step = identity + _IDENTITY_BYTES
    return Mark(page[identity:step], int.from_bytes(page[step : step + _STEP_BYTES], "big"))
