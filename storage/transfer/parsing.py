"""Parses lines of NDJSON: artifacts, changes and deleted artifacts."""

import json
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Any

import orjson
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError
from pydantic.alias_generators import to_camel

from storage.artifacts.changes import Change, ChangeKind, FieldChange
from storage.artifacts.input_models import (
    ActorFields,
    DeletedIdentityFields,
    IdentityFields,
)
from storage.artifacts.input_values import MAX_ACTOR_CHARACTERS, Id, LastImportedVersion, Time
from storage.artifacts.inputs import (
    check_not_ahead,
    invalid_field,
    parse_identity,
    parse_new_artifact,
    to_invalid_input,
)
from storage.artifacts.records import ArtifactType
from storage.artifacts.write_limits import MAX_ARTIFACT_BYTES
from storage.artifacts.writes import (
    ArtifactPatch,
    InvalidInputError,
    NewArtifact,
    WriteError,
    WriteErrorCode,
)

MAX_LINE_BYTES = 8_000_000
"""The most bytes of a line; what a store holds needs fewer, even if all of it is escaped."""
MAX_CHANGE_BYTES = 2 * MAX_ARTIFACT_BYTES + 90_000
"""The most bytes of a change as JSON: it has to fit into a DynamoDB item of 400 KB."""
_REJECTED = frozenset({"line", "reason", "field", "message", "text"})
"""The fields of `RejectedLine`."""
_IDENTITY = frozenset(to_camel(name) for name in IdentityFields.model_fields)


class UnreadableLineError(Exception):
    """A line that is not a JSON object of a known type; the message says why."""


@dataclass(frozen=True, slots=True)
class DeletedLine:
    """A deleted artifact that can be restored."""

    new: NewArtifact
    at: datetime


class _Fields(BaseModel):
    model_config = ConfigDict(
        alias_generator=to_camel, validate_by_name=True, extra="forbid", strict=True
    )


class _FieldChangeFields(_Fields):
    field: str
    before: Any = None
    after: Any = None


class _ChangeFields(_Fields):
    artifact_id: Id
    artifact_type: Annotated[ArtifactType, Field(strict=False)]
    name: str
    version: LastImportedVersion
    kind: Annotated[ChangeKind, Field(strict=False)]
    at: Time
    by: ActorFields | None = None
    request_id: Annotated[str, StringConstraints(max_length=MAX_ACTOR_CHARACTERS)] | None = None
    fields_: Annotated[list[_FieldChangeFields], Field(alias="fields")] = []

    def to_change(self) -> Change:
        """Return the change that the fields describe."""
        return Change(
            artifact_id=self.artifact_id,
            type=self.artifact_type,
            name=self.name,
            version=self.version,
            kind=self.kind,
            at=self.at,
            by=self.by.to_actor() if self.by else None,
            request_id=self.request_id,
            fields=tuple(
                FieldChange(each.field, each.before, each.after) for each in self.fields_
            ),
        )


class _DeletedFields(_Fields):
    deleted_at: Time
    artifact: dict[str, Any]


def parse_line(text: bytes, now: datetime) -> NewArtifact | DeletedLine | Change:
    """Return what a line describes.

    Raises:
        UnreadableLineError: if it is not a JSON object of a known type.
        InvalidInputError: if its fields break rules, with an error for each.
    """
    if len(text) > MAX_LINE_BYTES:
        raise UnreadableLineError(f"longer than {MAX_LINE_BYTES:,} bytes")
    try:
        fields = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        message = f"not JSON at character {error.pos + 1}: {error.msg}"
        raise UnreadableLineError(message) from None
    if not isinstance(fields, dict):
        raise UnreadableLineError("not a JSON object")
    _check_keys(text)
    if fields.get("type") == "change":
        return _parse_change(fields, now)
    if fields.get("type") == "deleted":
        return _parse_deleted(fields, now)
    return _parse_artifact(fields, now)


def unwrap_rejected(text: bytes) -> bytes:
    """Return the line that a line of a file of rejected lines holds; another as it is."""
    if not text.startswith(b'{"line":'):
        return text
    with suppress(orjson.JSONDecodeError):
        fields = orjson.loads(text)
        if fields.keys() == _REJECTED and isinstance(fields["text"], str):
            return fields["text"].encode()
    return text


def _check_keys(text: bytes) -> None:
    """Check that no object has a key twice, of which `loads` would take the last.

    Raises:
        UnreadableLineError: if one has.
    """

    def check(pairs: list[tuple[str, Any]]) -> None:
        if len(keys := [key for key, _ in pairs]) > len(set(keys)):
            twice = next(key for at, key in enumerate(keys) if key in keys[:at])
            raise UnreadableLineError(f"has the key {twice!r} twice in an object")

    with suppress(RecursionError):  # the rules for fields refuse what is so deep
        json.loads(text, object_pairs_hook=check, parse_int=str)


def _parse_artifact(
    fields: dict[str, Any],
    now: datetime,
    identity_fields: type[IdentityFields] = IdentityFields,
) -> NewArtifact:
    try:
        artifact_type = ArtifactType(fields.pop("type", None))
    except ValueError:
        raise UnreadableLineError(
            "type must be model, dataset, code, change or deleted"
        ) from None
    identity = {name: fields.pop(name) for name in _IDENTITY & fields.keys()}
    if not identity:
        return parse_new_artifact(artifact_type, fields)
    rating = fields.pop("storedRating", None)
    new = parse_new_artifact(
        artifact_type, fields, parse_identity(identity, now, identity_fields)
    )
    if rating is None:
        return new
    if artifact_type is not ArtifactType.MODEL or not isinstance(rating, str):
        raise invalid_field("storedRating", "must be the text of a model's rating")
    return replace(new, changes=new.changes | ArtifactPatch(rating=rating))


def _parse_deleted(fields: dict[str, Any], now: datetime) -> DeletedLine:
    fields.pop("type")
    try:
        deleted = _DeletedFields.model_validate(fields)
    except ValidationError as error:
        raise to_invalid_input(error, _DeletedFields) from None
    check_not_ahead("deletedAt", deleted.deleted_at, now)
    try:
        new = _parse_artifact(deleted.artifact, now, DeletedIdentityFields)
    except InvalidInputError as error:
        raise InvalidInputError(tuple(map(_below_artifact, error.errors))) from None
    if new.identity is None:
        raise invalid_field("artifact", "must have an id, a version and times")
    return DeletedLine(new, deleted.deleted_at)


def _below_artifact(error: WriteError) -> WriteError:
    return replace(error, field=(error.field[0], "artifact", *error.field[1:]))


def _parse_change(fields: dict[str, Any], now: datetime) -> Change:
    fields.pop("type")
    try:
        change = _ChangeFields.model_validate(fields).to_change()
    except ValidationError as error:
        raise to_invalid_input(error, _ChangeFields) from None
    check_not_ahead("at", change.at, now)
    _check_size(fields)
    return change


def _check_size(fields: dict[str, Any]) -> None:
    try:
        size = len(orjson.dumps(fields))
    except TypeError:
        raise invalid_field("fields", "must be nested less deeply") from None
    if size > MAX_CHANGE_BYTES:
        error = WriteError(
            code=WriteErrorCode.TOO_MANY,
            message=f"must have at most {MAX_CHANGE_BYTES:,} bytes as JSON, not {size:,}",
            field=("input", "fields"),
        )
        raise InvalidInputError((error,))
