"""Parses inputs, with the API's field names, into new artifacts, patches and identities."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from storage.artifacts.field_names import suggest_field
from storage.artifacts.input_models import ArtifactFields, IdentityFields, ModelFields
from storage.artifacts.input_values import check_name
from storage.artifacts.records import ArtifactType
from storage.artifacts.texts import STORED
from storage.artifacts.url_names import derive_name
from storage.artifacts.urls import check_absolute
from storage.artifacts.writes import (
    ArtifactPatch,
    Identity,
    InvalidInputError,
    NewArtifact,
    WriteError,
    WriteErrorCode,
)

_MESSAGES = {
    "missing": "is required",
    "extra_forbidden": "is not a field of this input",
    "string_type": "must be a string",
    "string_too_short": "must not be empty",
    "string_too_long": "must have at most {max_length} characters",
    "string_unicode": "must not contain half of a surrogate pair",
    "enum": "must be one of {expected}",
    "int_type": "must be an integer",
    "float_type": "must be a number",
    "finite_number": "must be a finite number",
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
    "list_type": "must be a list",
    "dict_type": "must be an object",
    "model_type": "must be an object",
    "model_attributes_type": "must be an object",
    **dict.fromkeys(
        ("datetime_type", "datetime_parsing", "datetime_from_date_parsing"),
        "must be a date and time of ISO 8601",
    ),
    "timezone_aware": "must have a time zone",
}
"""Messages by pydantic's error types, in place of pydantic's own."""
_MAX_AHEAD = timedelta(minutes=5)
"""The most by which an imported time may be ahead of the clock."""


def parse_new_artifact(
    artifact_type: ArtifactType,
    fields: Mapping[str, Any],
    identity: Identity | None = None,
) -> NewArtifact:
    """Return the artifact that the fields of an input describe.

    With an identity they were exported: their texts may then be any, as those of the earlier
    backend and of earlier releases may.

    Raises:
        InvalidInputError: if fields break rules, with an error for each.
    """
    model = _parse(artifact_type, fields, STORED if identity else None)
    if "url" not in model.model_fields_set:
        raise invalid_field("url", "is required")
    name = model.name if model.name is not None else _derive_name(model.url)
    return NewArtifact(
        type=artifact_type,
        url=model.url,
        name=name,
        changes=model.to_patch(),
        identity=identity,
    )


def parse_patch(artifact_type: ArtifactType, fields: Mapping[str, Any]) -> ArtifactPatch:
    """Return the changes that the fields of an input describe.

    Raises:
        InvalidInputError: if fields break rules, with an error for each.
    """
    for field in ("url", "name"):
        if field in fields and fields[field] is None:
            raise invalid_field(field, "cannot be cleared")
    return _parse(artifact_type, fields).to_patch()


def parse_identity(
    fields: Mapping[str, Any], now: datetime, model: type[IdentityFields] = IdentityFields
) -> Identity:
    """Return the identity that the fields of an exported line describe.

    Raises:
        InvalidInputError: if fields are missing or break rules, with an error for each.
    """
    try:
        identity = model.model_validate(fields).to_identity()
    except ValidationError as error:
        raise to_invalid_input(error, model) from None
    times = {
        "createdAt": identity.created_at,
        "updatedAt": identity.updated_at,
        "namedAt": identity.named_at,
        "ratedAt": identity.rated_at,
    }
    for name, time in times.items():
        check_not_ahead(name, time, now)
    if (identity.content_version or 1) > identity.version:
        raise invalid_field("contentVersion", "must not be higher than the version")
    return identity


def check_not_ahead(field: str, time: datetime | None, now: datetime) -> None:
    """Check that an imported time is at most five minutes ahead of the clock.

    Raises:
        InvalidInputError: if it is later.
    """
    if time is not None and time > now + _MAX_AHEAD:
        raise invalid_field(field, "must not be more than five minutes in the future")


def parse_url(value: str) -> str:
    """Return the url if an artifact can have it.

    Raises:
        InvalidInputError: if it is not.
    """
    try:
        return check_absolute(value)
    except PydanticCustomError as error:
        raise invalid_field("url", error.message()) from None


def _parse(
    artifact_type: ArtifactType, fields: Mapping[str, Any], context: object = None
) -> ArtifactFields:
    model = ModelFields if artifact_type is ArtifactType.MODEL else ArtifactFields
    try:
        return model.model_validate(fields, context=context)
    except ValidationError as error:
        raise to_invalid_input(error, model) from None


def to_invalid_input(error: ValidationError, model: type[BaseModel]) -> InvalidInputError:
    """Return the error of an input whose fields break the rules of a model."""
    details = error.errors(include_url=False, include_input=False)
    return InvalidInputError(tuple(_to_write_error(each, model) for each in details))


def _derive_name(url: str) -> str:
    try:
        return check_name(derive_name(url))
    except (PydanticCustomError, ValueError):
        message = "must be given, because it cannot be derived from the url"
        raise invalid_field("name", message) from None


def invalid_field(field: str, message: str) -> InvalidInputError:
    """Return the error of an input of which one field breaks a rule."""
    error = WriteError(code=WriteErrorCode.INVALID, message=message, field=("input", field))
    return InvalidInputError((error,))


def _to_write_error(details: ErrorDetails, model: type[BaseModel]) -> WriteError:
    path = tuple(map(str, details["loc"]))
    is_too_many = details["type"] == "too_many"
    message = _MESSAGES.get(details["type"])
    message = message.format_map(details.get("ctx", {})) if message else details["msg"]
    if details["type"] == "extra_forbidden" and (meant := suggest_field(model, details["loc"])):
        message = f"{message}; did you mean {meant}?"
    return WriteError(
        code=WriteErrorCode.TOO_MANY if is_too_many else WriteErrorCode.INVALID,
        message=message,
        field=("input", *path),
    )
