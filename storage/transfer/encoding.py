"""Encodes artifacts, changes and deleted artifacts as the fields of exported lines."""

from dataclasses import replace
from typing import Any

import orjson

from storage.artifacts.changes import (
    ANONYMOUS,
    Change,
    ChangeKind,
    actor_fields,
    describe_change,
    reference_fields,
)
from storage.artifacts.rating import decode_rating
from storage.artifacts.records import (
    Artifact,
    Reference,
    ReferenceKind,
    ResolvedTarget,
    SavedRating,
)
from storage.change_queries import DeletedArtifact
from storage.clock import to_milliseconds
from storage.errors import UndecodableError

_FIELD_OF_KIND = {
    ReferenceKind.DATASET: "datasets",
    ReferenceKind.CODE: "codes",
    ReferenceKind.BASE_MODEL: "baseModels",
}


def encode_line(fields: dict[str, Any]) -> bytes:
    """Return a line of NDJSON."""
    return orjson.dumps(fields, option=orjson.OPT_APPEND_NEWLINE)


def artifact_fields(artifact: Artifact) -> dict[str, Any]:
    """Return all fields of an artifact, with the API's field names."""
    return {
        "type": artifact.type.value,
        "id": artifact.id,
        "name": artifact.name,
        "url": artifact.url,
        **_without_empty(
            downloadUrl=artifact.download_url,
            description=artifact.description,
            license=artifact.license,
            tags=artifact.tags,
            properties=[{"key": key, "value": value} for key, value in artifact.properties],
            **{
                name: [_reference_fields(r) for r in artifact.references if r.kind is kind]
                for kind, name in _FIELD_OF_KIND.items()
            },
        ),
        **(_rating_fields(artifact.rating) if artifact.rating else {}),
        "version": artifact.version,
        "contentVersion": artifact.content_version,
        "createdAt": to_milliseconds(artifact.created_at),
        "updatedAt": to_milliseconds(artifact.updated_at),
        "namedAt": artifact.named_at,
        **_without_empty(
            createdBy=actor_fields(artifact.created_by),
            updatedBy=actor_fields(artifact.updated_by),
        ),
    }


def change_fields(change: Change) -> dict[str, Any]:
    """Return the fields of a change's line."""
    return {
        "type": "change",
        "artifactId": change.artifact_id,
        "artifactType": change.type.value,
        "name": change.name,
        "version": change.version,
        "kind": change.kind.value,
        "at": change.at,
        **_without_empty(by=actor_fields(change.by), requestId=change.request_id),
        "fields": [
            {"field": each.field, "before": each.before, "after": each.after}
            for each in change.fields
        ],
    }


def deleted_fields(deleted: DeletedArtifact) -> dict[str, Any]:
    """Return the fields of a deleted artifact's line."""
    return {
        "type": "deleted",
        "deletedAt": deleted.deleted_at,
        "artifact": artifact_fields(deleted.artifact),
    }


def describe_registration(artifact: Artifact) -> Change:
    """Return the change that stands for an artifact's unknown history: its registration."""
    return describe_change(None, artifact, ANONYMOUS, ChangeKind.REGISTERED)


def describe_deletion(deleted: DeletedArtifact) -> Change:
    """Return the change that deleted an artifact, if it is not known by whom."""
    after = replace(deleted.artifact, updated_at=deleted.deleted_at)
    return describe_change(deleted.artifact, after, ANONYMOUS, ChangeKind.DELETED)


def _reference_fields(reference: Reference) -> dict[str, Any]:
    fields = reference_fields(reference)
    if reference.resolved:
        fields["resolved"] = _resolved_fields(reference.resolved)
    return fields


def _resolved_fields(resolved: ResolvedTarget) -> dict[str, Any]:
    return {
        "id": resolved.id,
        **_without_empty(version=resolved.version, namedAt=resolved.named_at),
    }


def _rating_fields(rating: SavedRating) -> dict[str, Any]:
    """Return a rating, and as text what its fields alone would lose."""
    fields = _without_empty(ratedAt=rating.at, ratedBy=actor_fields(rating.by))
    try:
        decoded = decode_rating(rating.text)
        stored = {name: v for name, v in orjson.loads(rating.text).items() if v is not None}
    except (UndecodableError, orjson.JSONDecodeError):
        return {"storedRating": rating.text, **fields}
    if decoded.model_dump(exclude_none=True) != stored:
        return {"storedRating": rating.text, **fields}
    return {"rating": decoded.model_dump(by_alias=True, exclude_none=True), **fields}


def _without_empty(**fields: object) -> dict[str, Any]:
    """Return the fields without null and empty lists; earlier releases kept empty texts."""
    return {name: value for name, value in fields.items() if value or value == ""}
