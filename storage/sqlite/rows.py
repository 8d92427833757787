"""How artifacts are written as rows and read from them."""

import sqlite3
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from typing import Any

import orjson

from storage.artifacts.names import normalise
from storage.artifacts.projection import AnyArtifact, Projection
from storage.artifacts.records import (
    Artifact,
    ArtifactType,
    LookupField,
    Reference,
    ReferenceKind,
)
from storage.search.listing import created_key, name_key
from storage.usage import current_usage

_ALWAYS = ("id", "type", "name", "url", "download_url", "version", "named_at")
_REFERENCES = """
(SELECT json_group_array(json_array(kind, by, value))
   FROM (SELECT kind, by, value FROM reference
          WHERE model_id = artifact.id ORDER BY position))
"""
_TYPES = {of.value: of for of in ArtifactType}
_KINDS = {kind.value: kind for kind in ReferenceKind}
_BYS = {by.value: by for by in LookupField}
_DECODE: Mapping[str, Callable[[Any], Any]] = {
    "created_at": datetime.fromisoformat,
    "updated_at": datetime.fromisoformat,
    "tags": lambda text: tuple(orjson.loads(text)),
    "references": lambda text: tuple(
        Reference(_KINDS[kind], _BYS[by], value) for kind, by, value in orjson.loads(text)
    ),
}
"""How details are read whose columns do not hold what their fields do."""
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


@cache
def select(projection: Projection[Any]) -> str:
    """Selects the artifacts, with these details, that a condition to be added lets pass."""
    fields = (*_ALWAYS, *_in_order(projection.details))
    columns = (_REFERENCES if of == "references" else of for of in fields)
    return f"SELECT {', '.join(columns)} FROM artifact"  # noqa: S608 - constants only


def decode(row: tuple[Any, ...], projection: Projection[AnyArtifact]) -> AnyArtifact:
    """The artifact of a row that was selected with these details; it counts as read."""
    if meter := current_usage.get(None):
        meter.items_read += 1
    id_, of, name, url, download_url, version, named_at, *values = row
    since = datetime.fromisoformat(named_at)
    details = {
        detail: _DECODE[detail](value) if detail in _DECODE else value
        for detail, value in zip(_in_order(projection.details), values, strict=True)
    }
    return projection.artifact_class(
        id_, _TYPES[of], name, url, download_url, version, since, **details
    )


@cache
def _in_order(details: frozenset[str]) -> list[str]:
    return sorted(details)


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
        (artifact.id, at, r.kind.value, r.lookup_field.value, r.value, r.target.value)
        for at, r in enumerate(artifact.references)
    ]


def write(db: sqlite3.Connection, artifact: Artifact) -> None:
    """Write the artifact and its references in place of what has its id."""
    db.execute(_INSERT, columns(artifact))
    db.execute("DELETE FROM reference WHERE model_id = ?", (artifact.id,))
    db.executemany(_INSERT_REFERENCE, reference_columns(artifact))
