"""Builds the trigrams of the search index anew, in steps between which others can write.

A second table is filled in the order of rows, while the first one serves. What others change
in rows that it has already, triggers change in it, too. At the end it takes the place of the
first one, in one short transaction; until then it is of no use to anybody, and the next build
begins with another.
"""

import sqlite3
import time
from collections.abc import Callable, Iterable
from contextlib import closing
from secrets import token_hex

from storage.callbacks import Progress
from storage.errors import StoreUnavailableError
from storage.search.schema import WORDS, create_words
from storage.sqlite.database import Database
from storage.sqlite.index_place import NEW_WORDS, OLD_WORDS, WORDS_TRIGGERS, drop_spares
from storage.sqlite.search_index import note_change
from storage.sqlite.write_steps import STEP_SECONDS, take_steps

_STAGE = "indexing words"
_BUILD, _ROW = "words_build", "words_row"
"""Settings: what tells this build from another, and the last row that the new table has."""
_HAS_ROW = f"<= (SELECT CAST(value AS INTEGER) FROM search_setting WHERE name = '{_ROW}')"  # noqa: S608 - a constant
_CREATE_TRIGGERS = (
    f"""
    CREATE TRIGGER {WORDS_TRIGGERS[0]} AFTER INSERT ON search_text WHEN new.row {_HAS_ROW} BEGIN
        INSERT INTO {NEW_WORDS} (rowid, name, other) VALUES (new.row, new.name, new.other);
    END
    """,  # noqa: S608 - constants
    f"""
    CREATE TRIGGER {WORDS_TRIGGERS[1]} AFTER DELETE ON search_text WHEN old.row {_HAS_ROW} BEGIN
        INSERT INTO {NEW_WORDS} ({NEW_WORDS}, rowid, name, other)
        VALUES ('delete', old.row, old.name, old.other);
    END
    """,  # noqa: S608 - constants
)
_INSERT = f"INSERT INTO {NEW_WORDS} (rowid, name, other) VALUES (?, ?, ?)"  # noqa: S608 - a constant
_SELECT = "SELECT row, name, other FROM search_text WHERE row > ? ORDER BY row"
_LAST_ROW = "SELECT coalesce(max(row), 0) FROM search_text"
_READ = "SELECT value FROM search_setting WHERE name = ?"
_WRITE = "INSERT OR REPLACE INTO search_setting VALUES (?, ?)"
_FORGET = "DELETE FROM search_setting WHERE name IN (?, ?)"
_MERGED_PAGES = 64
"""About as many pages of trigrams are merged with each step, each of which adds a segment."""


def rebuild_words(database: Database, progress: Progress) -> None:
    """Build the trigrams of all texts of the index anew.

    Raises:
        StoreUnavailableError: if the file cannot be written, or another build began meanwhile.
    """
    build, row, last_row = token_hex(8), 0, 0
    with database.writing() as db:
        _begin(db, build)

    def step(db: sqlite3.Connection) -> bool:
        nonlocal row, last_row
        _require(db, build)
        row = _add_some(db)
        last_row = _read_last_row(db)
        return row < last_row

    def report() -> None:
        progress(_STAGE, row, max(row, last_row))

    take_steps(database, step, report)
    optimize_words(database, NEW_WORDS, report, lambda db: _require(db, build))
    with database.writing() as db:
        _require(db, build)
        # Rows may have been added since.
        while _add_some(db) < _read_last_row(db):
            pass
        _replace(db)
    with database.writing() as db:
        db.execute(f"DROP TABLE IF EXISTS {OLD_WORDS}")


def optimize_words(
    database: Database,
    table: str,
    report: Callable[[], None],
    check: Callable[[sqlite3.Connection], None] = lambda _: None,
) -> None:
    """Merge all segments of a table of trigrams, so that searches are fast.

    `check` may raise to stop, if the table is no longer the one to merge.
    """
    # FTS5: a negative number puts all segments on one level, so that all will be merged.
    pages = -_MERGED_PAGES
    # Those who write much meanwhile would keep it busy for ever.
    with database.reading() as db:
        check(db)
        left = 10 + _count_pages(db, table) * 4 // _MERGED_PAGES

    def step(db: sqlite3.Connection) -> bool:
        nonlocal pages, left
        check(db)
        has_more = _merge(db, table, pages)
        pages, left = _MERGED_PAGES, left - 1
        return has_more and left > 0

    take_steps(database, step, report)


def _count_pages(db: sqlite3.Connection, table: str) -> int:
    count = f"SELECT count(*) FROM {table}_data"  # noqa: S608 - a constant
    return int(db.execute(count).fetchone()[0])


def merge_some(db: sqlite3.Connection, table: str) -> None:
    """Merge some segments of a table of trigrams."""
    _merge(db, table, _MERGED_PAGES)


def _merge(db: sqlite3.Connection, table: str, pages: int) -> bool:
    """Merge about so many pages, and return whether there may be more to merge."""
    before = db.total_changes
    command = f"INSERT INTO {table} ({table}, rank) VALUES ('merge', ?)"  # noqa: S608 - constants
    db.execute(command, (pages,))
    return db.total_changes - before > 1  # the command itself counts as a change


def _begin(db: sqlite3.Connection, build: str) -> None:
    drop_spares(db)
    create_words(db, NEW_WORDS)
    db.executemany(_WRITE, [(_BUILD, build), (_ROW, "0")])
    for statement in _CREATE_TRIGGERS:
        db.execute(statement)


def _require(db: sqlite3.Connection, build: str) -> None:
    if db.execute(_READ, (_BUILD,)).fetchone() != (build,):
        raise StoreUnavailableError("another process builds the search index anew")


def _add_some(db: sqlite3.Connection) -> int:
    """Add the texts of some more rows to the new table, and return the last row it has."""
    (row,) = db.execute(_READ, (_ROW,)).fetchone()
    row = _add(db, int(row), time.monotonic() + STEP_SECONDS)
    db.execute(_WRITE, (_ROW, str(row)))
    merge_some(db, NEW_WORDS)
    return row


def _add(db: sqlite3.Connection, row: int, end: float) -> int:
    with closing(db.execute(_SELECT, (row,))) as texts:
        for text in _until(texts, end):
            db.execute(_INSERT, text)
            row = text[0]
    return row


def _until(rows: Iterable[tuple[int, str, str]], end: float) -> Iterable[tuple[int, str, str]]:
    for row in rows:
        yield row
        if time.monotonic() > end:
            return


def _read_last_row(db: sqlite3.Connection) -> int:
    return int(db.execute(_LAST_ROW).fetchone()[0])


def _replace(db: sqlite3.Connection) -> None:
    """Put the new table into the place of the other one, which is to be dropped."""
    for trigger in WORDS_TRIGGERS:
        db.execute(f"DROP TRIGGER {trigger}")
    db.execute(f"ALTER TABLE {WORDS} RENAME TO {OLD_WORDS}")
    db.execute(f"ALTER TABLE {NEW_WORDS} RENAME TO {WORDS}")
    db.execute(_FORGET, (_BUILD, _ROW))
    note_change(db)
