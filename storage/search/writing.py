"""Writes artifacts to the search index, within transactions of the caller's."""

import sqlite3
from collections.abc import Iterable, Sequence
from functools import cache

from storage.artifacts.records import Artifact
from storage.search.artifact_rows import (
    ALL_TABLES,
    ARTIFACTS,
    TAGS,
    TEXTS,
    Row,
    Table,
    encode,
)
from storage.search.chunk_versions import note_rows
from storage.search.schema import create_tables, drop_tables

_INSERT_WORDS = "INSERT INTO search_words (rowid, name, other) VALUES (?, ?, ?)"
_DELETE_WORDS = (
    "INSERT INTO search_words (search_words, rowid, name, other) VALUES ('delete', ?, ?, ?)"
)
"""Not from a SELECT: SQLite begins a savepoint for it, and then FTS5 writes a segment each."""
_KEPT_VALUES = {"type", "license", "created_by", "is_rated"}
"""The columns of artifacts, besides tags, that `value_columns` keeps in memory."""
_COMMAND = "INSERT INTO search_words (search_words, rank) VALUES (?, ?)"


def write_artifact(db: sqlite3.Connection, artifact: Artifact) -> int:
    """Write an artifact in place of the one with its id, and return its row.

    What did not change is not written: a rating touches no text.
    """
    row = find_row(db, artifact.id)
    if row is None:
        return _insert(db, artifact)
    for table, rows in encode(artifact):
        stored = read_rows(db, table, row)
        if table is ARTIFACTS:
            _update_artifact(db, row, stored[0], rows[0])
        elif stored != rows:
            _delete_rows(db, table, [(row,)])
            _insert_rows(db, table, row, rows)
            if table is TAGS:
                note_rows(db, [row])
    return row


def remove_artifact(db: sqlite3.Connection, id_: str) -> None:
    """Remove the artifact with this id, if there is one."""
    row = find_row(db, id_)
    if row is not None:
        remove_rows(db, [(row,)])


def remove_rows(db: sqlite3.Connection, rows: Sequence[tuple[int]]) -> None:
    """Remove the artifacts in these rows."""
    for table in ALL_TABLES:
        _delete_rows(db, table, rows)
    note_rows(db, (row for (row,) in rows))


def remove_all(db: sqlite3.Connection) -> None:
    """Remove all artifacts."""
    for table in ALL_TABLES:
        db.execute(f"DELETE FROM {table.name}")  # noqa: S608 - a constant
    db.execute("DELETE FROM search_chunk")
    db.execute(_COMMAND, ("delete-all", None))


def rebuild(db: sqlite3.Connection, artifacts: Iterable[Artifact]) -> int:
    """Create the tables anew, of whatever version they were, and fill them.

    Returns the number of artifacts.
    """
    drop_tables(db)
    create_tables(db)
    count = 0
    for artifact in artifacts:
        _insert(db, artifact)
        count += 1
    finish_build(db)
    return count


def finish_build(db: sqlite3.Connection) -> None:
    """Merge all trigrams, so that searches after a build are fast."""
    db.execute(_COMMAND, ("optimize", None))


def merge_words(db: sqlite3.Connection, pages: int) -> bool:
    """Merge segments of the trigrams, about as many pages; return whether more may be left."""
    before = db.total_changes
    db.execute(_COMMAND, ("merge", pages))
    return db.total_changes - before > 1  # the command itself counts as a change


def find_row(db: sqlite3.Connection, id_: str) -> int | None:
    """Return the row of the artifact with this id."""
    found = db.execute("SELECT row FROM search_artifact WHERE id = ?", (id_,)).fetchone()
    return None if found is None else int(found[0])


def read_rows(db: sqlite3.Connection, table: Table, row: int) -> list[Row]:
    """Return the rows of an artifact in a table, as `encode` does."""
    return db.execute(_select(table), (row,)).fetchall()


def _insert(db: sqlite3.Connection, artifact: Artifact) -> int:
    row = None
    for table, rows in encode(artifact):
        row = _insert_rows(db, table, row, rows)
    note_rows(db, [row or 0])
    return row or 0


def _insert_rows(
    db: sqlite3.Connection, table: Table, row: int | None, rows: Sequence[Row]
) -> int | None:
    """Insert rows of an artifact, and return its row, which ARTIFACTS assigns."""
    statement = _insert_into(table)
    for values in rows:
        cursor = db.execute(statement, (row, *values))
        row = cursor.lastrowid if row is None else row
        if table is TEXTS:
            db.execute(_INSERT_WORDS, (row, *values))
    return row


def _delete_rows(db: sqlite3.Connection, table: Table, rows: Sequence[tuple[int]]) -> None:
    if table is TEXTS:
        texts = [(row, *text) for (row,) in rows for text in read_rows(db, TEXTS, row)]
        db.executemany(_DELETE_WORDS, texts)
    db.executemany(f"DELETE FROM {table.name} WHERE row = ?", rows)  # noqa: S608 - a constant


def _update_artifact(db: sqlite3.Connection, row: int, old: Row, new: Row) -> None:
    """Write the columns that changed, so that only their indexes do."""
    changed = [n for n, value in enumerate(new) if value != old[n]]
    if changed:
        columns = tuple(ARTIFACTS.columns[n] for n in changed)
        db.execute(_update(columns), (*(new[n] for n in changed), row))
        if not _KEPT_VALUES.isdisjoint(columns):
            note_rows(db, [row])


@cache
def _update(columns: tuple[str, ...]) -> str:
    assignments = ", ".join(f"{column} = ?" for column in columns)
    return f"UPDATE search_artifact SET {assignments} WHERE row = ?"  # noqa: S608 - constants


@cache
def _select(table: Table) -> str:
    columns = ", ".join(table.columns)
    return (
        f"SELECT {columns} FROM {table.name}"  # noqa: S608 - constants only
        f" WHERE row = ? ORDER BY {table.key}"
    )


@cache
def _insert_into(table: Table) -> str:
    columns, places = ", ".join(table.columns), ", ?" * len(table.columns)
    return f"INSERT INTO {table.name} (row, {columns}) VALUES (?{places})"  # noqa: S608 - constants
