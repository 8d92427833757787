"""Writes those rows of the search index anew that differ from the artifacts.

It compares without keeping others from writing, and writes in steps.
"""

import sqlite3
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

from storage.artifacts.projection import FULL_PROJECTION
from storage.artifacts.records import Artifact
from storage.callbacks import Progress
from storage.search.artifact_rows import ALL_TABLES, ARTIFACTS, encode
from storage.search.chunk_versions import note_all
from storage.search.writing import find_row, read_rows, remove_artifact, write_artifact
from storage.sqlite import lookups, rows
from storage.sqlite.database import Database
from storage.sqlite.index_filling import STAGE, count_after, find_last, select_after
from storage.sqlite.search_index import note_change
from storage.sqlite.write_steps import STEP_SECONDS, take_steps

_T = TypeVar("_T")
_STRAYS = """
SELECT row FROM {} AS rows
 WHERE NOT EXISTS (SELECT 1 FROM search_artifact AS a WHERE a.row = rows.row)
"""
_GONE = """
SELECT id FROM search_artifact AS a
 WHERE NOT EXISTS (SELECT 1 FROM artifact WHERE artifact.id = a.id)
"""


def refresh_rows(database: Database, progress: Progress) -> None:
    """Write what differs anew, and remove what is no longer there."""
    with database.writing() as db:
        note_all(db)
        note_change(db)
    _remove_strays(database)
    with database.reading() as db:
        gone = [id_ for (id_,) in db.execute(_GONE)]
        total, done = count_after(db, b""), 0
        last = find_last(db)
    _refresh(database, gone)
    place: bytes | None = b""
    # Artifacts that are registered meanwhile are in the index.
    while place is not None and place < last:
        progress(STAGE, min(done, total), total)
        with database.reading() as db:
            place, count, stale = _compare_some(db, place)
        _refresh(database, stale)
        done += count


def _compare_some(db: sqlite3.Connection, place: bytes) -> tuple[bytes | None, int, list[str]]:
    """Return the place after some artifacts, their number, and the ids of those that differ.

    The place is None after the last ones.
    """
    found = list(select_after(db, place))
    stale = [row[0] for _, row in found if _differs(db, row[0], row)]
    return found[-1][0] if found else None, len(found), stale


def _differs(db: sqlite3.Connection, id_: str, stored: tuple[object, ...]) -> bool:
    artifact = rows.decode_row(stored, FULL_PROJECTION)
    row = find_row(db, id_)
    if row is None or not isinstance(artifact, Artifact):
        return (row is None) == isinstance(artifact, Artifact)
    return any(read_rows(db, table, row) != expected for table, expected in encode(artifact))


def _refresh(database: Database, ids: list[str]) -> None:
    """Write the rows of artifacts as they are now."""

    def write(db: sqlite3.Connection, id_: str) -> None:
        artifact = lookups.get_by_ids(db, [id_], FULL_PROJECTION).get(id_)
        if isinstance(artifact, Artifact):
            write_artifact(db, artifact)
        else:
            remove_artifact(db, id_)

    _write_all(database, ids, write)


def _remove_strays(database: Database) -> None:
    """Remove rows of no artifact, in whose place others could not be added."""
    for table in ALL_TABLES:
        if table is ARTIFACTS:
            continue
        select = _STRAYS.format(table.name)
        with database.reading() as db:
            strays = [row for (row,) in db.execute(select)]
        delete = f"DELETE FROM {table.name} WHERE row IN ({select} AND row = ?)"  # noqa: S608 - constants

        def remove(db: sqlite3.Connection, row: int, delete: str = delete) -> None:
            db.execute(delete, (row,))

        _write_all(database, strays, remove)


def _write_all(
    database: Database, values: Sequence[_T], write: Callable[[sqlite3.Connection, _T], None]
) -> None:
    left = iter(values)

    def step(db: sqlite3.Connection) -> bool:
        end = time.monotonic() + STEP_SECONDS
        for value in left:
            write(db, value)
            if time.monotonic() > end:
                return True
        note_change(db)
        return False

    if values:
        take_steps(database, step)
