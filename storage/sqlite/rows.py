"""Encodes artifacts as rows of the tables, and decodes them."""

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
_TYPES = {type_.value: type_ for type_ in ArtifactType}
_KINDS = {kind.value: kind for kind in ReferenceKind}
_LOOKUP_FIELDS = {by.value: by for by in LookupField}
_DECODE: Mapping[str, Callable[[Any], Any]] = {
    "created_at": datetime.fromisoformat,
    "updated_at": datetime.fromisoformat,
    "tags": lambda text: tuple(orjson.loads(text)),
    "references": lambda text: tuple(
        Reference(_KINDS[kind], _LOOKUP_FIELDS[by], value)
        for kind, by, value in orjson.loads(text)
    ),
}
"""Decoders of the fields whose columns hold another type than the field."""
COLUMNS = (
    "id", "type", "name", "name_normalized", "name_key", "url", "download_url", "license",
    "tags", "version", "created_at", "creation_key", "updated_at", "named_at", "rating",
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
def select_artifacts(projection: Projection[Any]) -> str:
    """Return the SELECT for artifacts with these fields, to which a condition can be added."""
    fields = (*_ALWAYS, *_sorted(projection.details))
    columns = (_REFERENCES if field == "references" else field for field in fields)
    return f"SELECT {', '.join(columns)} FROM artifact"  # noqa: S608 - constants only


def decode_row(row: tuple[Any, ...], projection: Projection[AnyArtifact]) -> AnyArtifact:
    """Return the artifact of a row selected with these fields, and count it as read."""
    if usage := current_usage.get(None):
        usage.items_read += 1
    id_, type_, name, url, download_url, version, named_at, *values = row
    since = datetime.fromisoformat(named_at)
    details = {
        field: _DECODE[field](value) if field in _DECODE else value
        for field, value in zip(_sorted(projection.details), values, strict=True)
    }
    return projection.artifact_class(
        id_, _TYPES[type_], name, url, download_url, version, since, **details
    )


@cache
def _sorted(details: frozenset[str]) -> list[str]:
    return sorted(details)


def encode_artifact(artifact: Artifact) -> tuple[Any, ...]:
    """Return the artifact's row, in the order of COLUMNS."""
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


def encode_references(artifact: Artifact) -> list[tuple[Any, ...]]:
    """Return the rows of the artifact's references, in the order of REFERENCE_COLUMNS."""
    return [
        (artifact.id, position, r.kind.value, r.lookup_field.value, r.value, r.target.value)
        for position, r in enumerate(artifact.references)
    ]


def write_artifact(db: sqlite3.Connection, artifact: Artifact) -> None:
    """Write the artifact and its references, replacing the one with its id."""
    db.execute(_INSERT, encode_artifact(artifact))
    db.execute("DELETE FROM reference WHERE model_id = ?", (artifact.id,))
    db.executemany(_INSERT_REFERENCE, encode_references(artifact))
