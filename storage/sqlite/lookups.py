"""Queries for artifacts, for the models that link to them, and for their number."""

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from datetime import datetime
from itertools import islice
from typing import Any

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
from storage.errors import UndecodableError
from storage.reverse_links import ReverseLinkQuery
from storage.search.pages import Entry, Page
from storage.sqlite.fetch import DamagedRow, fetch, fetch_one, stored_text
from storage.sqlite.rows import decode_row, select_artifacts, select_columns
from storage.sqlite.values import decode_time

_HAS_NAME = "type = ? AND name_normalized = ? ORDER BY named_at, id"
_AFTER = """
WHERE (named_at, id) > (CAST(? AS TEXT), CAST(? AS TEXT)) ORDER BY named_at, id LIMIT ?
"""
_HAS_ID = "id IN (SELECT value FROM json_each(?))"
_SELECT_MODEL_IDS = "SELECT model_id FROM reference WHERE kind = ? AND by = ? AND target = ?"
_MATCHES_TARGET = {
    LookupField.ID: "type = ? AND id = ?",
    LookupField.URL: "type = ? AND url = ?",
    LookupField.NAME: f"{_HAS_NAME} LIMIT 1",
}
_MATCHES_TARGETS = {
    LookupField.ID: "artifact.type = ? AND artifact.id = target.value",
    LookupField.URL: "artifact.type = ? AND artifact.url = target.value",
    LookupField.NAME: "artifact.rowid = (SELECT rowid FROM artifact WHERE type = ?"
    " AND name_normalized = target.value ORDER BY named_at, id LIMIT 1)",
}


def get_by_ids(
    db: sqlite3.Connection, ids: Sequence[str], projection: Projection[AnyArtifact]
) -> dict[str, AnyArtifact | UndecodableError]:
    """Return the artifacts that have these ids, by id."""
    values = orjson.dumps(list(ids)).decode()
    rows = fetch(db, f"{select_artifacts(projection)} WHERE {_HAS_ID}", (values,))
    return {row[0]: decode_row(row, projection) for row in rows}


def has_id(db: sqlite3.Connection, id_: str) -> bool:
    """Return whether an artifact has this id, readable or not."""
    return db.execute("SELECT 1 FROM artifact WHERE id = ?", (id_,)).fetchone() is not None


def find_id(db: sqlite3.Connection, target: Target) -> str | None:
    """Return the id of the target's artifact."""
    row = _select_target(db, target, CORE_PROJECTION)
    return None if row is None else str(row[0])


def resolve_target(
    db: sqlite3.Connection, target: Target, projection: Projection[AnyArtifact]
) -> AnyArtifact | UndecodableError | None:
    """Return the target's artifact; among namesakes, the one that has had the name longest."""
    row = _select_target(db, target, projection)
    return None if row is None else decode_row(row, projection)


def resolve_targets(
    db: sqlite3.Connection, targets: Sequence[Target], projection: Projection[AnyArtifact]
) -> dict[Target, AnyArtifact | UndecodableError]:
    """Return the artifacts that the targets resolve to; unresolved targets are left out."""
    groups: dict[tuple[ArtifactType, LookupField], list[Target]] = defaultdict(list)
    for target in targets:
        groups[target.type, target.lookup_field].append(target)
    found: dict[Target, AnyArtifact | UndecodableError] = {}
    for group in groups.values():
        found.update(_resolve_group(db, group, projection))
    return found


def _resolve_group(
    db: sqlite3.Connection, targets: Sequence[Target], projection: Projection[AnyArtifact]
) -> Iterator[tuple[Target, AnyArtifact | UndecodableError]]:
    """Yield those of several targets of one type and field that resolve, with the artifacts.

    One statement for all of them takes a third of the time of one statement for each.
    """
    values = _to_json([target.value for target in targets])
    if values is None:
        for target in targets:
            if artifact := resolve_target(db, target, projection):
                yield target, artifact
        return
    first = targets[0]
    columns = f"{select_columns(projection)}, target.key FROM json_each(?) AS target"
    statement = f"{columns} CROSS JOIN artifact ON {_MATCHES_TARGETS[first.lookup_field]}"
    for row in fetch(db, statement, (values, first.type.value)):
        yield targets[row[-1]], decode_row(row, projection)


def _to_json(texts: Sequence[str]) -> str | None:
    """Return texts as JSON for SQLite; None if one is empty, or is cut by SQLite or not UTF-8.

    A name in its normalised form may be empty; such names match nothing.
    """
    if len(texts) == 1 or not all(texts) or any("\0" in text for text in texts):
        return None
    try:
        return orjson.dumps(texts).decode()
    except TypeError:
        return None


def _select_target(
    db: sqlite3.Connection, target: Target, projection: Projection[AnyArtifact]
) -> tuple[Any, ...] | None:
    if target.lookup_field is LookupField.NAME and not target.value:
        return None
    return fetch_one(
        db,
        f"{select_artifacts(projection)} WHERE {_MATCHES_TARGET[target.lookup_field]}",
        (target.type.value, target.value),
    )


def find_successor(db: sqlite3.Connection, artifact: PartialArtifact) -> Artifact | None:
    """Return the namesake that follows the artifact as the owner of its name."""
    select = f"{select_artifacts(FULL_PROJECTION)} WHERE {_HAS_NAME} LIMIT 2"
    rows = list(fetch(db, select, (artifact.type.value, normalise(artifact.name))))
    if len(rows) < 2 or rows[0][0] != artifact.id:  # noqa: PLR2004 - owner and successor
        return None
    successor = decode_row(rows[1], FULL_PROJECTION)
    return successor if isinstance(successor, Artifact) else None


def last_since(db: sqlite3.Connection, artifact: PartialArtifact) -> datetime | None:
    """Return the latest time since which an artifact has this name."""
    times = fetch(
        db,
        "SELECT named_at FROM artifact WHERE type = ? AND name_normalized = ?"
        " ORDER BY named_at DESC",
        (artifact.type.value, normalise(artifact.name)),
    )
    for (text,) in times:
        with suppress(ValueError):
            return decode_time(text)
    return None


def only_readable(
    artifacts: Iterable[AnyArtifact | UndecodableError],
) -> Iterator[AnyArtifact]:
    """Yield the artifacts that could be read."""
    return (each for each in artifacts if not isinstance(each, UndecodableError))


def read_by_naming_time(
    db: sqlite3.Connection, after: tuple[str | bytes, str | bytes], limit: int
) -> list[tuple[tuple[str | bytes, str | bytes], Artifact | UndecodableError]]:
    """Return artifacts with their positions in the order in which they got their names."""
    rows = fetch(db, f"{select_artifacts(FULL_PROJECTION)} {_AFTER}", (*after, limit))
    return [
        ((stored_text(row[6]), stored_text(row[0])), decode_row(row, FULL_PROJECTION))
        for row in rows
    ]


def read_models(
    db: sqlite3.Connection,
    queries: Sequence[ReverseLinkQuery],
    projection: Projection[AnyArtifact],
) -> list[Page[AnyArtifact]]:
    """Return a page for each query: models of which a reference resolves to its artifact.

    A model on several pages is read once.
    """
    ids = [read_model_ids(db, q.artifact, q.after, q.first + 1) for q in queries]
    on_pages = [found[: query.first] for query, found in zip(queries, ids, strict=True)]
    models = get_by_ids(db, list({id_: None for page in on_pages for id_ in page}), projection)
    return [
        _to_page(models, on_page, has_next=len(found) > len(on_page))
        for on_page, found in zip(on_pages, ids, strict=True)
    ]


def _to_page(
    models: Mapping[str, AnyArtifact | UndecodableError], ids: Sequence[str], *, has_next: bool
) -> Page[AnyArtifact]:
    entries = tuple(Entry(m.id, m) for m in only_readable(models[id_] for id_ in ids))
    return Page(
        entries,
        start=ids[0] if ids else None,
        end=ids[-1] if ids else None,
        has_next=has_next,
        has_unreadable=len(entries) < len(ids),
    )


def read_model_ids(
    db: sqlite3.Connection, artifact: PartialArtifact, after: str | None, limit: int
) -> list[str]:
    """Return the ids of models of which a reference resolves to the artifact now, sorted."""
    keys = _reference_keys(db, artifact)
    selects = [f"{_SELECT_MODEL_IDS} AND model_id > ?"] * len(keys)
    statement = f"{' UNION '.join(selects)} ORDER BY model_id"
    values = [value for key in keys for value in (*key, after or "")]
    with closing(fetch(db, statement, values)) as rows:
        readable = (row[0] for row in rows if not isinstance(row, DamagedRow))
        return list(islice(readable, limit))


def count_models(db: sqlite3.Connection, artifact: PartialArtifact, at_most: int) -> int | None:
    """Return the number of models that link to the artifact, None if that takes too long.

    At most `at_most` entries of the index are counted.
    """
    found: set[str] = set()
    left = at_most + 1
    for key in _reference_keys(db, artifact):
        ids = [id_ for (id_,) in fetch(db, f"{_SELECT_MODEL_IDS} LIMIT ?", (*key, left))]
        left -= len(ids)
        found.update(ids)
    return len(found) if left else None


def _reference_keys(
    db: sqlite3.Connection, artifact: PartialArtifact
) -> list[tuple[str, str, str]]:
    """Return kind, `by` and target of the references that resolve to the artifact now."""
    keys = [(LookupField.ID, artifact.id), (LookupField.URL, artifact.url)]
    name = Target(artifact.type, LookupField.NAME, normalise(artifact.name))
    if find_id(db, name) == artifact.id:
        keys.append((LookupField.NAME, name.value))
    kind = KIND_OF_TYPE[artifact.type].value
    return [(kind, by.value, value) for by, value in keys]
