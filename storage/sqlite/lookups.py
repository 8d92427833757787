"""The questions a connection answers: which artifacts, and which models link to them."""

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
from storage.sqlite.rows import decode, select
from storage.store import ReverseLinkQuery

_KEY = {OrderField.NAME: "name_key", OrderField.CREATED_AT: "created_key"}
_BY_IDS = "id IN (SELECT value FROM json_each(?))"
_COUNT_TYPES = """
SELECT count(*)
  FROM (SELECT 1 FROM artifact WHERE type IN (SELECT value FROM json_each(?)) LIMIT ?)
"""
_LINKING = "SELECT model_id FROM reference WHERE kind = ? AND by = ? AND target = ?"
_RESOLVE = {
    LookupField.ID: "type = ? AND id = ?",
    LookupField.URL: "type = ? AND url = ?",
    LookupField.NAME: "type = ? AND name_normalized = ? ORDER BY named_at, id LIMIT 1",
}


def by_ids(
    db: sqlite3.Connection, ids: Sequence[str], projection: Projection[AnyArtifact]
) -> dict[str, AnyArtifact]:
    """The artifacts that have these ids."""
    wanted = orjson.dumps(list(ids)).decode()
    rows = db.execute(f"{select(projection)} WHERE {_BY_IDS}", (wanted,))
    return {artifact.id: artifact for artifact in (decode(row, projection) for row in rows)}


def resolved(
    db: sqlite3.Connection, target: Target, projection: Projection[AnyArtifact]
) -> AnyArtifact | None:
    """What the target is; among namesakes the one that has borne the name longest."""
    if not target.value:
        return None
    row = db.execute(
        f"{select(projection)} WHERE {_RESOLVE[target.lookup_field]}",
        (target.type.value, target.value),
    ).fetchone()
    return None if row is None else decode(row, projection)


def read_key_ranges(
    db: sqlite3.Connection,
    order: Order,
    spans: Sequence[KeyRange],
    limit: int,
    projection: Projection[AnyArtifact],
) -> list[list[AnyArtifact]]:
    """The first artifacts of each span, in order."""
    key, direction = _KEY[order.field], "DESC" if order.descending else "ASC"
    found = []
    for span in spans:
        where, values = _within(key, span)
        rows = db.execute(
            f"{select(projection)} WHERE {where} ORDER BY {key} {direction} LIMIT ?",
            (*values, limit),
        )
        found.append([decode(row, projection) for row in rows])
    return found


def named_after(db: sqlite3.Connection, after: tuple[str, str], limit: int) -> list[Artifact]:
    """Artifacts in the order in which they got their names, behind a time and id."""
    where = "WHERE (named_at, id) > (?, ?) ORDER BY named_at, id LIMIT ?"
    rows = db.execute(f"{select(FULL_PROJECTION)} {where}", (*after, limit))
    return [decode(row, FULL_PROJECTION) for row in rows]


def count_types(
    db: sqlite3.Connection, types: Sequence[ArtifactType], at_most: int
) -> int | None:
    """How many artifacts of these types there are; None above `at_most`."""
    wanted = orjson.dumps([of.value for of in types]).decode()
    (count,) = db.execute(_COUNT_TYPES, (wanted, at_most + 1)).fetchone()
    return count if count <= at_most else None


def models_page(
    db: sqlite3.Connection, request: ReverseLinkQuery, projection: Projection[AnyArtifact]
) -> Page[AnyArtifact]:
    """A page of the models of which a reference resolves to the artifact now."""
    ids = model_ids(db, request.artifact, request.after, request.first + 1)
    models = by_ids(db, ids, projection)
    return cut_page([Entry(id_, models[id_]) for id_ in ids], request.first)


def model_ids(
    db: sqlite3.Connection, artifact: PartialArtifact, after: str | None, limit: int
) -> list[str]:
    """The models of which a reference resolves to the artifact now, in the order of ids."""
    ways = _ways(db, artifact)
    rows = db.execute(
        " UNION ".join([f"{_LINKING} AND model_id > ?"] * len(ways))
        + " ORDER BY model_id LIMIT ?",
        (*(value for way in ways for value in (*way, after or "")), limit),
    )
    return [model_id for (model_id,) in rows]


def count_models(db: sqlite3.Connection, artifact: PartialArtifact, at_most: int) -> int | None:
    """How many models link to the artifact; None above `at_most` entries of the index."""
    found: set[str] = set()
    left = at_most + 1
    for way in _ways(db, artifact):
        ids = [id_ for (id_,) in db.execute(f"{_LINKING} LIMIT ?", (*way, left))]
        left -= len(ids)
        found.update(ids)
    return len(found) if left else None


def _ways(db: sqlite3.Connection, artifact: PartialArtifact) -> list[tuple[str, str, str]]:
    """Kind, `by` and target of all references that mean the artifact now."""
    ways = [(LookupField.ID, artifact.id), (LookupField.URL, artifact.url)]
    name = Target(artifact.type, LookupField.NAME, normalise(artifact.name))
    if (owner := resolved(db, name, CORE_PROJECTION)) is not None and owner.id == artifact.id:
        ways.append((LookupField.NAME, name.value))
    kind = KIND_OF_TYPE[artifact.type].value
    return [(kind, by.value, value) for by, value in ways]


def _within(key: str, span: KeyRange) -> tuple[str, list[str]]:
    where, values = "type = ?", [span.type.value]
    if span.low is not None:
        where, values = f"{where} AND {key} >= ?", [*values, span.low]
    if span.high is not None:
        where, values = f"{where} AND {key} <= ?", [*values, span.high]
    return where, values
