"""How artifacts are written as rows and read from them."""

import sqlite3
from datetime import datetime
from typing import Any

import orjson

from storage.listing import created_key, name_key
from storage.meter import current_meter
from storage.names import normalise
from storage.records import Artifact, ArtifactType, By, Reference, ReferenceKind

SELECT = """
SELECT id, type, name, url, download_url, license, tags, version,
       created_at, updated_at, named_at, rating,
       (SELECT json_group_array(json_array(kind, by, value))
          FROM (SELECT kind, by, value FROM reference
                 WHERE model_id = artifact.id ORDER BY position)) AS refs
  FROM artifact
"""

COLUMNS = (
    "id", "type", "name", "name_normalized", "name_key", "url", "download_url", "license",
    "tags", "version", "created_at", "created_key", "updated_at", "named_at", "rating",
)  # fmt: skip
REFERENCE_COLUMNS = ("model_id", "position", "kind", "by", "value", "target")
_INSERT_REFERENCE = (
    f"INSERT INTO reference ({', '.join(REFERENCE_COLUMNS)})"  # noqa: S608 - constants only
    f" VALUES ({', '.join('?' * len(REFERENCE_COLUMNS))})"
)
_INSERT = (
    f"INSERT INTO artifact ({', '.join(COLUMNS)})"  # noqa: S608 - constants only
    f" VALUES ({', '.join('?' * len(COLUMNS))})"
    " ON CONFLICT (id) DO UPDATE SET "
    + ", ".join(f"{column} = excluded.{column}" for column in COLUMNS[1:])
)


def decode(row: tuple[Any, ...]) -> Artifact:
    """The artifact of a row that SELECT gave; it counts as read."""
    if meter := current_meter.get(None):
        meter.items_read += 1
    id_, type_, name, url, download_url, license_, tags, version, *times, rating, refs = row
    created_at, updated_at, named_at = map(datetime.fromisoformat, times)
    return Artifact(
        id=id_,
        type=ArtifactType(type_),
        name=name,
        url=url,
        download_url=download_url,
        license=license_,
        tags=tuple(orjson.loads(tags)),
        version=version,
        created_at=created_at,
        updated_at=updated_at,
        named_at=named_at,
        rating=rating,
        references=tuple(
            Reference(ReferenceKind(kind), By(by), value)
            for kind, by, value in orjson.loads(refs)
        ),
    )


def columns(artifact: Artifact) -> tuple[Any, ...]:
    """The artifact's row, in the order of COLUMNS."""
    return (
        artifact.id,
        artifact.type.value,
        artifact.name,
        normalise(artifact.name),
        name_key(artifact.name, artifact.id),
        artifact.url,
        artifact.download_url,
        artifact.license,
        orjson.dumps(artifact.tags).decode(),
        artifact.version,
        artifact.created_at.isoformat(),
        created_key(artifact.created_at, artifact.id),
        artifact.updated_at.isoformat(),
        artifact.named_at.isoformat(timespec="microseconds"),
        artifact.rating,
    )


def reference_columns(artifact: Artifact) -> list[tuple[Any, ...]]:
    """The rows of the artifact's references, in the order of REFERENCE_COLUMNS."""
    return [
        (artifact.id, at, r.kind.value, r.by.value, r.value, r.target.value)
        for at, r in enumerate(artifact.references)
    ]


def write(db: sqlite3.Connection, artifact: Artifact) -> None:
    """Write the artifact and its references in place of what has its id."""
    db.execute(_INSERT, columns(artifact))
    db.execute("DELETE FROM reference WHERE model_id = ?", (artifact.id,))
    db.executemany(_INSERT_REFERENCE, reference_columns(artifact))
