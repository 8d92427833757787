"""Encodes the references of models, and decodes them."""

import operator
from typing import Any

import orjson

from storage.artifacts.decoding_cache import keep_decoded
from storage.artifacts.records import (
    LookupField,
    Reference,
    ReferenceKind,
    ReferenceRole,
    ResolvedTarget,
)
from storage.dynamodb.items.values import decode_time, place_key, require_text
from storage.dynamodb.schema.attributes import Item

# Looking an enum's member up takes a tenth of the time of calling the enum.
_KINDS = {member.value: member for member in ReferenceKind}
_FIELDS = {member.value: member for member in LookupField}
_ROLES = {member.value: member for member in ReferenceRole}


def encode_resolved(resolved: ResolvedTarget) -> str:
    """Return a url's owner as its id, a name's owner as its place among the namesakes."""
    if resolved.named_at is None:
        return resolved.id
    return place_key(resolved.named_at, resolved.id)


def decode_resolved(text: str) -> ResolvedTarget:
    """Return the target that `encode_resolved` encoded."""
    since, _, id_ = text.rpartition("#")
    return ResolvedTarget(id_, decode_time(since) if since else None)


def encode_references(references: tuple[Reference, ...]) -> str:
    """Return references as JSON: kind, field, value, target, its version, role and revision.

    What is null at the end of a reference is left out.
    """
    rows: list[list[Any]] = []
    for r in references:
        target = [encode_resolved(r.resolved), r.resolved.version] if r.resolved else [None] * 2
        row = [r.kind.value, r.lookup_field.value, r.value, *target]
        row += [r.role.value if r.role else None, r.revision]
        while row[-1] is None:
            row.pop()
        rows.append(row)
    return orjson.dumps(rows).decode()


def decode_references(item: Item) -> tuple[Reference, ...]:
    """Return the references of a model's item."""
    if "references" not in item:
        return ()
    return _decode_rows(item["references"]["S"])


@keep_decoded
def _decode_rows(text: str) -> tuple[Reference, ...]:
    return tuple([_to_reference(*row) for row in orjson.loads(text)])


def _to_reference(  # noqa: PLR0917 - a row
    kind: str,
    by: str,
    value: str,
    resolved: str | None = None,
    version: int | None = None,
    role: str | None = None,
    revision: str | None = None,
) -> Reference:
    target = None
    if resolved:
        owner = decode_resolved(resolved)
        known = None if version is None else operator.index(version)
        target = ResolvedTarget(owner.id, owner.named_at, known)
    return Reference(
        _KINDS[kind],
        _FIELDS[by],
        require_text(value),
        target,
        _ROLES[role] if role else None,
        None if revision is None else require_text(revision),
    )
