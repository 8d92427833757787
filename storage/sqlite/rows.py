"""Encodes artifacts as rows of the tables, and decodes them."""

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from operator import itemgetter
from typing import Any

import orjson

from storage.artifacts.names import normalise
from storage.artifacts.projection import AnyArtifact, Projection
from storage.artifacts.records import Artifact, ArtifactType, SavedRating
from storage.errors import UndecodableError
from storage.search import writing as search_index
from storage.sqlite.fetch import check_texts
from storage.sqlite.reference_rows import (
    SELECT_REFERENCES,
    decode_references,
    write_references,
)
from storage.sqlite.values import (
    decode_actor,
    decode_properties,
    decode_texts,
    decode_time,
    decode_version,
    encode_actor,
)
from storage.usage import current_usage

_CORE = ("id", "type", "name", "url", "download_url", "version", "named_at")
_EXPRESSIONS = {
    "references": [f"CASE artifact.type WHEN 'model' THEN {SELECT_REFERENCES} ELSE '[]' END"],
    "rating": ["artifact.rating", "artifact.rated_at", "artifact.rated_by"],
}
"""The expressions of the details that are not one column each."""
_TYPES = {type_.value: type_ for type_ in ArtifactType}


def select_artifacts(projection: Projection[Any]) -> str:
    """Return the SELECT for artifacts with these fields, to which a condition can be added."""
    return f"{select_columns(projection)} FROM artifact"


@cache
def select_columns(projection: Projection[Any]) -> str:
    """Return the SELECT for these fields of artifacts, to which more columns can be added."""
    fields = selected_fields(projection.details)
    columns = [column for f in fields for column in _EXPRESSIONS.get(f, [f"artifact.{f}"])]
    return f"SELECT {', '.join(columns)}"


def decode_row(
    row: tuple[Any, ...], projection: Projection[AnyArtifact]
) -> AnyArtifact | UndecodableError:
    """Return the artifact of a row selected with these fields, and count it as read.

    Columns that were added to the SELECT are ignored.
    """
    if usage := current_usage.get(None):
        usage.items_read += 1
    id_, type_, name, url, download_url, version, named_at = row[: len(_CORE)]
    try:
        check_texts(row)
        details: dict[str, Any] = {}
        for field, read, decode in _decoders(projection.details):
            value = read(row)
            details[field] = value if value is None or decode is None else decode(value)
        place = decode_version(version), decode_time(named_at)
        return projection.artifact_class(
            id_, _TYPES[type_], name, url, download_url, *place, **details
        )
    except (ValueError, TypeError, LookupError) as error:
        return UndecodableError(f"the artifact {id_} cannot be read: {error!r}")


def _decode_rating(values: tuple[str | None, str | None, str | None]) -> SavedRating | None:
    rating, at, by = values
    if rating is None:
        return None
    return SavedRating(rating, decode_time(at) if at else None, decode_actor(by))


_DECODE: Mapping[str, Callable[[Any], Any]] = {
    "created_at": decode_time,
    "updated_at": decode_time,
    "tags": decode_texts,
    "properties": decode_properties,
    "references": decode_references,
    "rating": _decode_rating,
    "created_by": decode_actor,
    "updated_by": decode_actor,
    "content_version": decode_version,
}
"""Decoders of the fields whose columns can hold what the field cannot."""


@cache
def _decoders(
    details: frozenset[str],
) -> Sequence[tuple[str, Callable[[tuple[Any, ...]], Any], Callable[[Any], Any] | None]]:
    """Return each detail with what reads its value or values of a row, and the decoder."""
    decoders, start = [], len(_CORE)
    for field in sorted(details):
        end = start + len(_EXPRESSIONS.get(field, [field]))
        decoders.append((field, itemgetter(*range(start, end)), _DECODE.get(field)))
        start = end
    return decoders


@cache
def selected_fields(details: frozenset[str]) -> tuple[str, ...]:
    """Return the fields of a row of `select_artifacts`, in its order.

    The rating has three values in a row: itself, when it was saved, and by whom.
    """
    return (*_CORE, *sorted(details))


def encode_artifact(artifact: Artifact) -> dict[str, Any]:
    """Return the values of the artifact's row by column."""
    rating = artifact.rating
    return {
        "id": artifact.id,
        "type": artifact.type.value,
        "name": artifact.name,
        "name_normalized": normalise(artifact.name),
        "url": artifact.url,
        "download_url": artifact.download_url,
        "license": artifact.license,
        "tags": orjson.dumps(artifact.tags).decode(),
        "version": artifact.version,
        "created_at": artifact.created_at.isoformat(),
        "updated_at": artifact.updated_at.isoformat(),
        "named_at": artifact.named_at.isoformat(timespec="microseconds"),
        "rating": rating and rating.text,
        "description": artifact.description,
        "properties": orjson.dumps(artifact.properties).decode(),
        "created_by": encode_actor(artifact.created_by),
        "updated_by": encode_actor(artifact.updated_by),
        "content_version": artifact.content_version,
        "rated_at": rating and rating.at and rating.at.isoformat(),
        "rated_by": rating and encode_actor(rating.by),
    }


def write_artifact(db: sqlite3.Connection, artifact: Artifact) -> None:
    """Write the artifact, its references and its part of the search index.

    They replace those of the artifact with its id.
    """
    write_rows(db, artifact)
    search_index.write_artifact(db, artifact)


def write_rows(db: sqlite3.Connection, artifact: Artifact) -> None:
    """Write the artifact and its references, but not the search index."""
    row = encode_artifact(artifact)
    db.execute(_upsert(tuple(row)), tuple(row.values()))
    write_references(db, artifact)


@cache
def _upsert(columns: tuple[str, ...]) -> str:
    assignments = ", ".join(f"{column} = excluded.{column}" for column in columns[1:])
    return (
        f"INSERT INTO artifact ({', '.join(columns)})"  # noqa: S608 - constants only
        f" VALUES ({', '.join('?' * len(columns))})"
        f" ON CONFLICT (id) DO UPDATE SET {assignments}"
    )
