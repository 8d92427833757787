"""What an input says, once its fields keep the rules: a draft, changes or an identity."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError
from pydantic_core import PydanticCustomError

from storage.artifacts.input_fields import (
    ArtifactFields,
    IdentityFields,
    ModelFields,
    check_name,
    check_url,
)
from storage.artifacts.names import name_from_url
from storage.artifacts.records import (
    ArtifactPatch,
    ArtifactType,
    Identity,
    InvalidInputError,
    NewArtifact,
    WriteError,
    WriteErrorCode,
)


def draft(
    type: ArtifactType,  # noqa: A002 - the registry's own word
    fields: Mapping[str, Any],
    identity: Identity | None = None,
) -> NewArtifact:
    """What `fields`, in the API's names, register.

    Raises:
        RejectedInputError: where they break a rule, with a rejection for each.
    """
    given = _parse(type, fields)
    if "url" not in given.model_fields_set:
        raise _rejected("url", "url must be given")
    name = given.name if given.name is not None else name_from_url(given.url)
    if given.name is None:
        _check_derived(name)
    return NewArtifact(
        type=type, url=given.url, name=name, changes=given.changes(), identity=identity
    )


def changes(
    type: ArtifactType,  # noqa: A002 - the registry's own word
    fields: Mapping[str, Any],
) -> ArtifactPatch:
    """What `fields`, in the API's names, change.

    Raises:
        RejectedInputError: where they break a rule, with a rejection for each.
    """
    for field in ("url", "name"):
        if field in fields and fields[field] is None:
            raise _rejected(field, f"{field} cannot be cleared")
    return _parse(type, fields).changes()


def identity(fields: Mapping[str, Any]) -> Identity:
    """The identity that an exported line keeps.

    Raises:
        RejectedInputError: where it is incomplete or breaks a rule.
    """
    try:
        return IdentityFields.model_validate(fields).identity()
    except ValidationError as error:
        raise _rejections(error) from None


def checked_url(value: str) -> str:
    """The url, if an artifact could have it.

    Raises:
        RejectedInputError: where none could.
    """
    try:
        return check_url(value)
    except PydanticCustomError as error:
        raise _rejected("url", f"url {error.message()}") from None


def _parse(of: ArtifactType, fields: Mapping[str, Any]) -> ArtifactFields:
    try:
        return (ModelFields if of is ArtifactType.MODEL else ArtifactFields).model_validate(
            fields
        )
    except ValidationError as error:
        raise _rejections(error) from None


def _check_derived(name: str) -> None:
    try:
        check_name(name)
    except PydanticCustomError:
        message = "name must be given, for the url does not say one"
        raise _rejected("name", message) from None


def _rejected(field: str, message: str) -> InvalidInputError:
    rejection = WriteError(code=WriteErrorCode.INVALID, message=message, field=(field,))
    return InvalidInputError((rejection,))


def _rejections(error: ValidationError) -> InvalidInputError:
    return InvalidInputError(
        tuple(
            WriteError(
                code=WriteErrorCode.TOO_MANY
                if e["type"] == "too_many"
                else WriteErrorCode.INVALID,
                message=f"{'.'.join(map(str, e['loc'])) or 'input'}: {e['msg']}",
                field=tuple(map(str, e["loc"])),
            )
            for e in error.errors(include_url=False, include_input=False, include_context=False)
        )
    )
