"""Encodes references of models as rows of their table, and decodes them."""

import sqlite3
from operator import itemgetter
from typing import Any

import orjson

from storage.artifacts.decoding_cache import keep_decoded
from storage.artifacts.records import (
    Artifact,
    LookupField,
    Reference,
    ReferenceKind,
    ReferenceRole,
    ResolvedTarget,
)
from storage.sqlite.values import decode_time

REFERENCE_COLUMNS = (
    "model_id", "position", "kind", "by", "value", "target", "role", "revision", "resolved_id",
    "resolved_version", "resolved_named_at",
)  # fmt: skip
SELECT_REFERENCES = """
    (SELECT json_group_array(json_array(kind, by, value, role, revision, resolved_id,
                                        resolved_version, resolved_named_at, position))
       FROM reference WHERE model_id = artifact.id)
"""
"""An expression for the references of `artifact`, as JSON."""
_INSERT_REFERENCE = (
    f"INSERT INTO reference ({', '.join(REFERENCE_COLUMNS)})"  # noqa: S608 - constants only
    f" VALUES ({', '.join('?' * len(REFERENCE_COLUMNS))})"
)
_POSITION = 8
"""The index of the position among the values of a reference, behind all others."""
_KINDS = {kind.value: kind for kind in ReferenceKind}
_ROLES = {None: None, **{role.value: role for role in ReferenceRole}}
_LOOKUP_FIELDS = {by.value: by for by in LookupField}


@keep_decoded
def decode_references(text: str) -> tuple[Reference, ...]:
    """Return the references in JSON, of SELECT_REFERENCES or of a deleted artifact."""
    if text == "[]":
        return ()
    rows = orjson.loads(text)
    if len(rows[0]) > _POSITION:  # those of a deleted artifact have none, and are in order
        rows.sort(key=itemgetter(_POSITION))
    return tuple(
        [
            Reference(
                _KINDS[kind],
                _LOOKUP_FIELDS[by],
                value,
                _decode_resolved(*resolved) if resolved[0] else None,
                _ROLES[role],
                revision,
            )
            for kind, by, value, role, revision, *resolved in rows
        ]
    )


def _decode_resolved(
    id_: str, version: int | None, named_at: str | None, _: object = None
) -> ResolvedTarget:
    return ResolvedTarget(id_, decode_time(named_at) if named_at else None, version)


def write_references(db: sqlite3.Connection, artifact: Artifact) -> None:
    """Write the references of an artifact in place of those that it had."""
    db.execute("DELETE FROM reference WHERE model_id = ?", (artifact.id,))
    db.executemany(_INSERT_REFERENCE, encode_references(artifact))


def encode_references(artifact: Artifact) -> list[tuple[Any, ...]]:
    """Return the rows of the artifact's references, in the order of REFERENCE_COLUMNS."""
    return [
        (
            artifact.id,
            position,
            r.kind.value,
            r.lookup_field.value,
            r.value,
            r.target.value,
            r.role and r.role.value,
            r.revision,
            *_encode_resolved(r.resolved),
        )
        for position, r in enumerate(artifact.references)
    ]


def _encode_resolved(
    resolved: ResolvedTarget | None,
) -> tuple[str | None, int | None, str | None]:
    if resolved is None:
        return None, None, None
    since = resolved.named_at
    text = None if since is None else since.isoformat(timespec="microseconds")
    return resolved.id, resolved.version, text
