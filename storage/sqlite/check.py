"""Finds what is wrong with a file, and repairs what the artifacts determine."""

import sqlite3
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial

from storage.artifacts.projection import FULL_PROJECTION
from storage.artifacts.rating import is_rating
from storage.artifacts.records import Artifact
from storage.callbacks import Progress
from storage.errors import UndecodableError
from storage.inconsistencies import (
    CONTENT_VERSION_AHEAD,
    UNFINISHED_RESET,
    UNREADABLE_RATING,
    Inconsistency,
)
from storage.search.differences import GONE, find_differences
from storage.sqlite import changes_check, lookups, reference_rows, reset, rows, search_index
from storage.sqlite.database import Database
from storage.sqlite.fetch import fetch, fetch_one
from storage.sqlite.write_steps import STEP_SECONDS, take_steps

Finding = tuple[Inconsistency, Callable[[sqlite3.Connection, datetime], None] | None]
"""An inconsistency and its repair; None if the artifacts do not determine what is right."""

_SELECT_REFERENCES = (
    f"SELECT {', '.join(reference_rows.REFERENCE_COLUMNS)} FROM reference"  # noqa: S608 - constants
    " WHERE model_id = ? ORDER BY position"
)


def find_inconsistencies(db: sqlite3.Connection) -> Iterator[Inconsistency]:
    """Yield everything that is wrong with a file."""
    yield from _find_corruption(db)
    yield from (inconsistency for inconsistency, _ in _find_all(db))
    yield from _find_search_differences(db)
    if reset.is_unfinished(db):
        yield Inconsistency("the file", UNFINISHED_RESET, is_repairable=False)


def has_stale_index(db: sqlite3.Connection) -> bool:
    """Return whether the search index must be built anew."""
    return any(True for _ in _find_search_differences(db))


def repair(database: Database, now: datetime, progress: Progress) -> int:
    """Repair what the artifacts determine, except the index, and return the number of repairs.

    Others can write meanwhile: each repair looks again at what it changes.
    """
    with database.reading() as db:
        repairs = [repair for _, repair in _find_all(db) if repair]
    left, done = iter(repairs), 0

    def step(db: sqlite3.Connection) -> bool:
        nonlocal done
        end = time.monotonic() + STEP_SECONDS
        for repair_one in left:
            repair_one(db, now)
            done += 1
            if time.monotonic() > end:
                return True
        return False

    if repairs:
        take_steps(database, step, lambda: progress("repairing", done, len(repairs)))
    return len(repairs)


def _find_all(db: sqlite3.Connection) -> Iterator[Finding]:
    for row in fetch(db, rows.select_artifacts(FULL_PROJECTION)):
        artifact = rows.decode_row(row, FULL_PROJECTION)
        if isinstance(artifact, UndecodableError):
            yield Inconsistency(row[0], "cannot be read", is_repairable=False), None
        else:
            yield from _check_artifact(db, artifact)
    yield from changes_check.find_inconsistencies(db)


def _find_corruption(db: sqlite3.Connection) -> Iterator[Inconsistency]:
    """Yield what SQLite itself finds: unreadable pages, lost index entries, lost models."""
    for (message,) in db.execute("PRAGMA integrity_check"):
        if message != "ok":
            yield Inconsistency("the file", message, is_repairable=False)
    for _ in db.execute("PRAGMA foreign_key_check"):
        yield Inconsistency(
            "the file", "has a reference without its model", is_repairable=False
        )


def _check_artifact(db: sqlite3.Connection, artifact: Artifact) -> Iterator[Finding]:
    """Yield an unreadable rating, and columns that differ from what the others imply."""
    if artifact.rating and not is_rating(artifact.rating.text):
        yield Inconsistency(artifact.id, UNREADABLE_RATING, is_repairable=False), None
    if artifact.content_version > artifact.version:
        yield Inconsistency(artifact.id, CONTENT_VERSION_AHEAD, is_repairable=False), None
    row = rows.encode_artifact(artifact)
    select = f"SELECT {', '.join(row)} FROM artifact WHERE id = ?"  # noqa: S608 - constants
    stored_row = fetch_one(db, select, (artifact.id,))
    stored_references = list(fetch(db, _SELECT_REFERENCES, (artifact.id,)))
    if (
        stored_row != tuple(row.values())
        or stored_references != reference_rows.encode_references(artifact)
    ):  # fmt: skip
        rewrite = partial(_rewrite, id_=artifact.id)
        yield Inconsistency(artifact.id, "has stale columns"), rewrite


def _find_search_differences(db: sqlite3.Connection) -> Iterator[Inconsistency]:
    """Yield what the search index shows otherwise; unreadable artifacts may be in it."""
    for about, message in find_differences(db, search_index.scan_readable(db)):
        if message is not GONE or not lookups.has_id(db, about):
            yield Inconsistency(about, message)


def _rewrite(db: sqlite3.Connection, _: datetime, *, id_: str) -> None:
    artifact = lookups.get_by_ids(db, [id_], FULL_PROJECTION).get(id_)
    if isinstance(artifact, Artifact):
        rows.write_artifact(db, artifact)
        search_index.note_change(db)
