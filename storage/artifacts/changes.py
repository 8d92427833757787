"""Changes: what each accepted write did to an artifact, who did it, and when."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

import orjson

from storage.artifacts.rating import decode_rating
from storage.artifacts.records import (
    Actor,
    Artifact,
    ArtifactType,
    Reference,
    ReferenceKind,
    SavedRating,
)
from storage.errors import UndecodableError

_FIELD_OF_KIND = {
    ReferenceKind.DATASET: "datasets",
    ReferenceKind.CODE: "codes",
    ReferenceKind.BASE_MODEL: "baseModels",
}


MAX_CHANGE_BYTES = 310_000
"""The most bytes of the values of a change, twice those of an artifact and a bit more."""


class ChangeKind(Enum):
    """The kind of a write."""

    REGISTERED = "registered"
    UPDATED = "updated"
    RATED = "rated"
    DELETED = "deleted"
    RESTORED = "restored"


@dataclass(frozen=True, slots=True)
class Attribution:
    """The caller and the request of a write."""

    by: Actor | None = None
    request_id: str | None = None
    url_prefixes: tuple[str, ...] | None = None
    """Prefixes of the urls of the artifacts that the caller may write; None for all urls."""


ANONYMOUS = Attribution()
"""Writes of anonymous callers, and of commands."""


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field's values before and after a change, as JSON in the shape of inputs."""

    field: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One accepted write to one artifact, which made its `version`."""

    artifact_id: str
    type: ArtifactType
    name: str
    version: int
    kind: ChangeKind
    at: datetime
    by: Actor | None = None
    request_id: str | None = None
    fields: tuple[FieldChange, ...] = ()


def describe_change(
    before: Artifact | None, after: Artifact | None, attribution: Attribution, kind: ChangeKind
) -> Change:
    """Return the change of a write that turned `before` into `after`.

    `before` is None for a registration or restoration. For a deletion, `after` is the artifact
    with the version and time of the deletion, of which only these are used.
    """
    subject = after or before
    assert subject is not None  # noqa: S101 - a write has an artifact
    old = input_fields(before) if before else {}
    new = {} if kind is ChangeKind.DELETED or after is None else input_fields(after)
    return Change(
        artifact_id=subject.id,
        type=subject.type,
        name=subject.name,
        version=subject.version,
        kind=kind,
        at=subject.updated_at,
        by=attribution.by,
        request_id=attribution.request_id,
        fields=_bound_size(
            FieldChange(name, old.get(name), new.get(name))
            for name in {**old, **new}
            if old.get(name) != new.get(name)
        ),
    )


def _bound_size(changes: Iterable[FieldChange]) -> tuple[FieldChange, ...]:
    """Return changes of fields without the largest, if they are too large together.

    Only artifacts from before there was a limit of bytes can have such.
    """
    bounded = list(changes)
    sizes = [len(orjson.dumps([each.before, each.after])) for each in bounded]
    while sum(sizes) > MAX_CHANGE_BYTES:
        at = sizes.index(max(sizes))
        omitted = {"omittedBytes": sizes[at]}
        bounded[at] = FieldChange(bounded[at].field, omitted, omitted)
        sizes[at] = 0
    return tuple(bounded)


def input_fields(artifact: Artifact) -> dict[str, Any]:
    """Return the fields of an artifact as JSON in the shape of the API's inputs.

    Fields that are None or empty lists are left out.
    """
    fields: dict[str, Any] = {
        "name": artifact.name,
        "url": artifact.url,
        "downloadUrl": artifact.download_url,
        "description": artifact.description,
        "license": artifact.license,
        "tags": list(artifact.tags),
        "properties": [{"key": key, "value": value} for key, value in artifact.properties],
        **{
            name: [reference_fields(r) for r in artifact.references if r.kind is kind]
            for kind, name in _FIELD_OF_KIND.items()
        },
        "rating": rating_fields(artifact.rating),
    }
    return {name: value for name, value in fields.items() if value not in (None, [])}


def reference_fields(reference: Reference) -> dict[str, Any]:
    """Return a reference in the shape of its input."""
    fields = {reference.lookup_field.value: reference.value}
    if reference.role:
        fields["role"] = reference.role.name
    if reference.revision is not None:
        fields["revision"] = reference.revision
    return fields


def rating_fields(rating: SavedRating | None) -> dict[str, Any] | None:
    """Return a rating in the shape of its input; one that cannot be read as it is stored."""
    if rating is None:
        return None
    try:
        fields = decode_rating(rating.text).model_dump(by_alias=True, exclude_none=True)
    except UndecodableError:
        return {"unreadable": rating.text}
    return dict(fields)


def encoded_size(artifact: Artifact) -> int:
    """Return the bytes of an artifact's fields as JSON, which both stores bound alike."""
    return len(orjson.dumps(input_fields(artifact)))


def encode_field_changes(change: Change) -> str:
    """Return the fields of a change as JSON text."""
    rows = [[each.field, each.before, each.after] for each in change.fields]
    return orjson.dumps(rows).decode()


def decode_field_changes(text: str) -> tuple[FieldChange, ...]:
    """Return the fields of a change from JSON text."""
    return tuple(FieldChange(*row) for row in orjson.loads(text))


def actor_fields(actor: Actor | None) -> dict[str, Any] | None:
    """Return an actor as JSON."""
    return None if actor is None else {"name": actor.name, "issuer": actor.issuer}
