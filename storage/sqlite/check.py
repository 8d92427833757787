"""Finds what is wrong with a file: corruption, unreadable ratings, stale derived columns."""

import sqlite3
from collections.abc import Iterator

from storage.artifacts.projection import FULL_PROJECTION
from storage.artifacts.rating import is_rating
from storage.artifacts.records import Artifact
from storage.sqlite import rows
from storage.store import UNREADABLE_RATING, Inconsistency

_SELECT_ROW = f"SELECT {', '.join(rows.COLUMNS)} FROM artifact WHERE id = ?"  # noqa: S608 - constants
_SELECT_REFERENCES = (
    f"SELECT {', '.join(rows.REFERENCE_COLUMNS)} FROM reference"  # noqa: S608 - constants
    " WHERE model_id = ? ORDER BY position"
)


def find_corruption(db: sqlite3.Connection) -> Iterator[Inconsistency]:
    """Yield what SQLite itself finds: unreadable pages, lost index entries, lost models."""
    for (message,) in db.execute("PRAGMA integrity_check"):
        if message != "ok":
            yield Inconsistency("the file", message, is_repairable=False)
    for _ in db.execute("PRAGMA foreign_key_check"):
        yield Inconsistency(
            "the file", "has a reference without its model", is_repairable=False
        )


def find_unreadable_ratings(db: sqlite3.Connection) -> Iterator[Inconsistency]:
    """Yield the artifacts whose stored rating cannot be decoded."""
    for id_, text in db.execute("SELECT id, rating FROM artifact WHERE rating IS NOT NULL"):
        if not is_rating(text):
            yield Inconsistency(id_, UNREADABLE_RATING, is_repairable=False)


def find_stale_rows(db: sqlite3.Connection) -> Iterator[tuple[Artifact, Inconsistency]]:
    """Yield the artifacts whose derived columns differ from what the others imply."""
    for row in db.execute(rows.select_artifacts(FULL_PROJECTION)):
        artifact = rows.decode_row(row, FULL_PROJECTION)
        stored_row = db.execute(_SELECT_ROW, (artifact.id,)).fetchone()
        stored_references = db.execute(_SELECT_REFERENCES, (artifact.id,)).fetchall()
        if (
            stored_row != rows.encode_artifact(artifact)
            or stored_references != rows.encode_references(artifact)
        ):  # fmt: skip
            yield artifact, Inconsistency(artifact.id, "has stale columns")
