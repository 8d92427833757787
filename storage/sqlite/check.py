"""Finds what is wrong with a file, and repairs what the artifacts determine."""

import sqlite3
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial

from storage.artifacts.projection import FULL_PROJECTION
from storage.artifacts.rating import is_rating
from storage.artifacts.records import Artifact
from storage.errors import UndecodableError
from storage.search.differences import GONE, find_differences
from storage.sqlite import changes_check, rows, search_index
from storage.sqlite.fetch import fetch, fetch_one
from storage.sqlite.lookups import has_id
from storage.store import UNREADABLE_RATING, Inconsistency, Progress

Finding = tuple[Inconsistency, Callable[[sqlite3.Connection, datetime], None] | None]
"""An inconsistency and its repair; None if the artifacts do not determine what is right."""

_SELECT_REFERENCES = (
    f"SELECT {', '.join(rows.REFERENCE_COLUMNS)} FROM reference"  # noqa: S608 - constants
    " WHERE model_id = ? ORDER BY position"
)


def find_inconsistencies(db: sqlite3.Connection) -> Iterator[Inconsistency]:
    """Yield everything that is wrong with a file."""
    yield from _find_corruption(db)
    yield from (inconsistency for inconsistency, _ in _find_all(db))
    yield from _find_search_differences(db)


def has_stale_index(db: sqlite3.Connection) -> bool:
    """Return whether the search index must be built anew."""
    return any(True for _ in _find_search_differences(db))


def repair(
    db: sqlite3.Connection, now: datetime, progress: Progress, *, must_reindex: bool
) -> int:
    """Repair what the artifacts determine, and return the number of repairs."""
    repairs = [repair for _, repair in _find_all(db) if repair]
    if must_reindex:
        repairs.append(_rebuild_index)
    for done, repair_one in enumerate(repairs):
        progress("repairing", done, len(repairs))
        repair_one(db, now)
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
    row = rows.encode_artifact(artifact)
    select = f"SELECT {', '.join(row)} FROM artifact WHERE id = ?"  # noqa: S608 - constants
    stored_row = fetch_one(db, select, (artifact.id,))
    stored_references = list(fetch(db, _SELECT_REFERENCES, (artifact.id,)))
    if (
        stored_row != tuple(row.values())
        or stored_references != rows.encode_references(artifact)
    ):  # fmt: skip
        rewrite = partial(_rewrite, artifact=artifact)
        yield Inconsistency(artifact.id, "has stale columns"), rewrite


def _find_search_differences(db: sqlite3.Connection) -> Iterator[Inconsistency]:
    """Yield what the search index shows otherwise; unreadable artifacts may be in it."""
    for about, message in find_differences(db, search_index.scan_readable(db)):
        if message is not GONE or not has_id(db, about):
            yield Inconsistency(about, message)


def _rewrite(db: sqlite3.Connection, _: datetime, *, artifact: Artifact) -> None:
    rows.write_artifact(db, artifact)
    search_index.note_change(db)


def _rebuild_index(db: sqlite3.Connection, _: datetime) -> None:
    search_index.build_index(db)
