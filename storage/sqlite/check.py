"""What is wrong with a file: each row against what its artifact says it should be."""

import sqlite3
from collections.abc import Iterator

from storage.artifacts.projection import FULL_PROJECTION
from storage.artifacts.rating import is_rating
from storage.artifacts.records import Artifact
from storage.sqlite import rows
from storage.store import UNREADABLE_RATING, Inconsistency

_ROW = f"SELECT {', '.join(rows.COLUMNS)} FROM artifact WHERE id = ?"  # noqa: S608 - constants
_REFERENCES = (
    f"SELECT {', '.join(rows.REFERENCE_COLUMNS)} FROM reference"  # noqa: S608 - constants
    " WHERE model_id = ? ORDER BY position"
)


def damage(db: sqlite3.Connection) -> Iterator[Inconsistency]:
    """What SQLite itself finds wrong: unreadable pages, lost index entries, lost models."""
    for (message,) in db.execute("PRAGMA integrity_check"):
        if message != "ok":
            yield Inconsistency("the file", message, is_repairable=False)
    for _ in db.execute("PRAGMA foreign_key_check"):
        yield Inconsistency(
            "the file", "has a reference without its model", is_repairable=False
        )


def unreadable(db: sqlite3.Connection) -> Iterator[Inconsistency]:
    """Artifacts of which a part cannot be read."""
    for id_, text in db.execute("SELECT id, rating FROM artifact WHERE rating IS NOT NULL"):
        if not is_rating(text):
            yield Inconsistency(id_, UNREADABLE_RATING, is_repairable=False)


def stale(db: sqlite3.Connection) -> Iterator[tuple[Artifact, Inconsistency]]:
    """Artifacts whose derived columns do not say what the others do."""
    for row in db.execute(rows.select(FULL_PROJECTION)):
        artifact = rows.decode(row, FULL_PROJECTION)
        found = db.execute(_ROW, (artifact.id,)).fetchone()
        references = db.execute(_REFERENCES, (artifact.id,)).fetchall()
        right = rows.columns(artifact), rows.reference_columns(artifact)
        if (found, references) != right:
            yield artifact, Inconsistency(artifact.id, "has stale columns")
