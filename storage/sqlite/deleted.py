"""Deleted artifacts: what restoring them needs, and the versions of their deletions."""

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from itertools import chain
from typing import Any

import orjson

from storage.artifacts.projection import FULL_PROJECTION
from storage.artifacts.records import Artifact
from storage.change_queries import DeletedArtifact
from storage.errors import UndecodableError
from storage.sqlite.fetch import check_texts, fetch, fetch_one, stored_text
from storage.sqlite.reference_rows import encode_references
from storage.sqlite.retention import encode_time
from storage.sqlite.rows import decode_row, encode_artifact, selected_fields
from storage.sqlite.values import LAST_VERSION, decode_time, decode_version

_FIELDS = selected_fields(FULL_PROJECTION.details)


def write_deleted(
    db: sqlite3.Connection,
    id_: str,
    version: int,
    at: datetime,
    artifact: Artifact | None,
) -> None:
    """Note that an artifact was deleted; None for one that could not be read."""
    db.execute(
        "INSERT OR REPLACE INTO deleted (id, version, at, artifact) VALUES (?, ?, ?, ?)",
        (id_, version, encode_time(at), artifact and _encode(artifact)),
    )


def remove_deleted(db: sqlite3.Connection, id_: str) -> None:
    """Forget that an artifact was deleted, because it exists again."""
    db.execute("DELETE FROM deleted WHERE id = ?", (id_,))


def last_version(db: sqlite3.Connection, id_: str) -> int:
    """Return the highest version that an artifact had in its changes or when deleted; or 0.

    Versions that have no next one are damaged, and are not counted.
    """
    (version,) = db.execute(
        "SELECT max(coalesce((SELECT version FROM deleted WHERE id = ?1 AND version < ?2), 0),"
        " coalesce((SELECT max(version) FROM change WHERE artifact_id = ?1 AND version < ?2),"
        " 0))",
        (id_, LAST_VERSION),
    ).fetchone()
    return int(version)


def read_deleted(
    db: sqlite3.Connection, id_: str, cutoff: str
) -> DeletedArtifact | UndecodableError | None:
    """Return a deleted artifact; None if there is none that was deleted since the cutoff."""
    select = "SELECT version, at, artifact FROM deleted WHERE id = ? AND at >= ?"
    row = fetch_one(db, select, (id_, cutoff))
    return None if row is None else _decode(row)


def scan_deleted(
    db: sqlite3.Connection, after: str | bytes, limit: int, cutoff: str
) -> Iterator[tuple[str | bytes, DeletedArtifact | UndecodableError]]:
    """Yield deleted artifacts in the order of their ids, after one, with the ids."""
    rows = fetch(
        db,
        "SELECT id, version, at, artifact FROM deleted WHERE id > CAST(? AS TEXT) AND at >= ?"
        " ORDER BY id LIMIT ?",
        (after, cutoff, limit),
    )
    return ((stored_text(row[0]), _decode(row)) for row in rows)


def find_unreadable(db: sqlite3.Connection) -> Iterator[str]:
    """Yield the ids of deleted artifacts that could be read when they were deleted."""
    rows = fetch(db, "SELECT id, version, at, artifact FROM deleted WHERE artifact NOT NULL")
    return (row[0] for row in rows if isinstance(_decode(row), UndecodableError))


def _encode(artifact: Artifact) -> str:
    """Return all fields of an artifact as JSON text."""
    row = encode_artifact(artifact)
    rating = [row["rating"], row["rated_at"], row["rated_by"]]
    references = [[*r[2:5], *r[6:]] for r in encode_references(artifact)]
    selected = {
        **row,
        "rating": None if artifact.rating is None else orjson.dumps(rating).decode(),
        "references": orjson.dumps(references).decode(),
    }
    return orjson.dumps({field: selected[field] for field in _FIELDS}).decode()


def _decode(row: tuple[Any, ...]) -> DeletedArtifact | UndecodableError:
    """Return the deleted artifact of a row that ends with version, time and artifact."""
    version, at, text = row[-3:]
    try:
        check_texts(row)
        fields = orjson.loads(text or "")
        fields["rating"] = orjson.loads(fields["rating"] or "[null, null, null]")
        values = [fields[f] if f == "rating" else [fields[f]] for f in _FIELDS]
        artifact = decode_row(tuple(chain.from_iterable(values)), FULL_PROJECTION)
        if isinstance(artifact, UndecodableError):
            return artifact
        return DeletedArtifact(
            replace(artifact, version=decode_version(version)), decode_time(at)
        )
    except (ValueError, TypeError, LookupError) as error:
        return UndecodableError(f"the deleted artifact cannot be read: {error!r}")
