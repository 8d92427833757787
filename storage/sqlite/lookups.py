"""Queries for artifacts, for the models that link to them, and for their number."""

import sqlite3
from collections.abc import Sequence

import orjson

from storage.artifacts.names import normalise
from storage.artifacts.projection import (
    CORE_PROJECTION,
    FULL_PROJECTION,
    AnyArtifact,
    Projection,
)
from storage.artifacts.records import (
    KIND_OF_TYPE,
    Artifact,
    ArtifactType,
    LookupField,
    PartialArtifact,
    Target,
)
from storage.search.listing import KeyRange, Order, OrderField
from storage.search.paging import Entry, Page, cut_page
from storage.sqlite.rows import decode_row, select_artifacts
from storage.store import ReverseLinkQuery

_KEY_COLUMNS = {OrderField.NAME: "name_key", OrderField.CREATED_AT: "creation_key"}
_HAS_ID = "id IN (SELECT value FROM json_each(?))"
_COUNT_TYPES = """
SELECT count(*)
  FROM (SELECT 1 FROM artifact WHERE type IN (SELECT value FROM json_each(?)) LIMIT ?)
"""
_SELECT_MODEL_IDS = "SELECT model_id FROM reference WHERE kind = ? AND by = ? AND target = ?"
_MATCHES_TARGET = {
    LookupField.ID: "type = ? AND id = ?",
    LookupField.URL: "type = ? AND url = ?",
    LookupField.NAME: "type = ? AND name_normalized = ? ORDER BY named_at, id LIMIT 1",
}


def get_by_ids(
    db: sqlite3.Connection, ids: Sequence[str], projection: Projection[AnyArtifact]
) -> dict[str, AnyArtifact]:
    """Return the artifacts that have these ids, by id."""
    values = orjson.dumps(list(ids)).decode()
    rows = db.execute(f"{select_artifacts(projection)} WHERE {_HAS_ID}", (values,))
    return {artifact.id: artifact for artifact in (decode_row(row, projection) for row in rows)}


def resolve_target(
    db: sqlite3.Connection, target: Target, projection: Projection[AnyArtifact]
) -> AnyArtifact | None:
    """Return the target's artifact; among namesakes, the one that has had the name longest."""
    if not target.value:
        return None
    row = db.execute(
        f"{select_artifacts(projection)} WHERE {_MATCHES_TARGET[target.lookup_field]}",
        (target.type.value, target.value),
    ).fetchone()
    return None if row is None else decode_row(row, projection)


def read_key_ranges(
    db: sqlite3.Connection,
    order: Order,
    spans: Sequence[KeyRange],
    limit: int,
    projection: Projection[AnyArtifact],
) -> list[list[AnyArtifact]]:
    """Return the first artifacts of each range, at most `limit`, in order."""
    key, direction = _KEY_COLUMNS[order.field], "DESC" if order.descending else "ASC"
    chunks = []
    for span in spans:
        where, values = _range_condition(key, span)
        rows = db.execute(
            f"{select_artifacts(projection)} WHERE {where} ORDER BY {key} {direction} LIMIT ?",
            (*values, limit),
        )
        chunks.append([decode_row(row, projection) for row in rows])
    return chunks


def read_by_naming_time(
    db: sqlite3.Connection, after: tuple[str, str], limit: int
) -> list[Artifact]:
    """Return artifacts in the order in which they got their names, after a time and id."""
    where = "WHERE (named_at, id) > (?, ?) ORDER BY named_at, id LIMIT ?"
    rows = db.execute(f"{select_artifacts(FULL_PROJECTION)} {where}", (*after, limit))
    return [decode_row(row, FULL_PROJECTION) for row in rows]


def count_types(
    db: sqlite3.Connection, types: Sequence[ArtifactType], at_most: int
) -> int | None:
    """Return the number of artifacts of these types, None if it is above `at_most`."""
    values = orjson.dumps([type_.value for type_ in types]).decode()
    (count,) = db.execute(_COUNT_TYPES, (values, at_most + 1)).fetchone()
    return count if count <= at_most else None


def read_models(
    db: sqlite3.Connection, query: ReverseLinkQuery, projection: Projection[AnyArtifact]
) -> Page[AnyArtifact]:
    """Return a page of the models of which a reference resolves to the query's artifact."""
    ids = read_model_ids(db, query.artifact, query.after, query.first + 1)
    models = get_by_ids(db, ids, projection)
    return cut_page([Entry(id_, models[id_]) for id_ in ids], query.first)


def read_model_ids(
    db: sqlite3.Connection, artifact: PartialArtifact, after: str | None, limit: int
) -> list[str]:
    """Return the ids of models of which a reference resolves to the artifact now, sorted."""
    keys = _reference_keys(db, artifact)
    rows = db.execute(
        " UNION ".join([f"{_SELECT_MODEL_IDS} AND model_id > ?"] * len(keys))
        + " ORDER BY model_id LIMIT ?",
        (*(value for key in keys for value in (*key, after or "")), limit),
    )
    return [model_id for (model_id,) in rows]


def count_models(db: sqlite3.Connection, artifact: PartialArtifact, at_most: int) -> int | None:
    """Return the number of models that link to the artifact, None if that takes too long.

    At most `at_most` entries of the index are counted.
    """
    found: set[str] = set()
    left = at_most + 1
    for key in _reference_keys(db, artifact):
        ids = [id_ for (id_,) in db.execute(f"{_SELECT_MODEL_IDS} LIMIT ?", (*key, left))]
        left -= len(ids)
        found.update(ids)
    return len(found) if left else None


def _reference_keys(
    db: sqlite3.Connection, artifact: PartialArtifact
) -> list[tuple[str, str, str]]:
    """Return kind, `by` and target of the references that resolve to the artifact now."""
    keys = [(LookupField.ID, artifact.id), (LookupField.URL, artifact.url)]
    name = Target(artifact.type, LookupField.NAME, normalise(artifact.name))
    if (
        owner := resolve_target(db, name, CORE_PROJECTION)
    ) is not None and owner.id == artifact.id:
        keys.append((LookupField.NAME, name.value))
    kind = KIND_OF_TYPE[artifact.type].value
    return [(kind, by.value, value) for by, value in keys]


def _range_condition(key: str, span: KeyRange) -> tuple[str, list[str]]:
    where, values = "type = ?", [span.type.value]
    if span.low is not None:
        where, values = f"{where} AND {key} >= ?", [*values, span.low]
    if span.high is not None:
        where, values = f"{where} AND {key} <= ?", [*values, span.high]
    return where, values
