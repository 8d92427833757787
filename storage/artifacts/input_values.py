"""The rules of single values in inputs and imported lines: urls, names, texts, times, roles."""

from datetime import UTC, datetime
from functools import partial
from typing import Annotated

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BeforeValidator,
    Field,
    StringConstraints,
)
from pydantic_core import PydanticCustomError

from storage.artifacts.ids import is_id
from storage.artifacts.records import ReferenceKind, ReferenceRole
from storage.artifacts.texts import (
    Text,
    VisibleText,
    check_encodable,
    check_text,
    check_visible,
    unless_stored,
)
from storage.artifacts.urls import check_scheme, check_url
from storage.artifacts.write_limits import MAX_VERSION
from storage.clock import to_milliseconds

MAX_NAME_CHARACTERS = 512
MAX_TAGS = 100
MAX_TAG_CHARACTERS = 256
MAX_LICENSE_CHARACTERS = 256
MAX_DESCRIPTION_CHARACTERS = 4_000
MAX_PROPERTIES = 32
MAX_PROPERTY_KEY_CHARACTERS = 128
MAX_PROPERTY_VALUE_CHARACTERS = 1_024
MAX_REVISION_CHARACTERS = 256
MAX_ACTOR_CHARACTERS = 1_000
_EPOCH = 1970
_FIRST_INVALID_YEAR = 9999


def check_name(value: str) -> str:
    """Return the name if it is valid; raise PydanticCustomError otherwise."""
    check_text(value)
    check_visible(value)
    if value.strip() == "*":
        raise PydanticCustomError("name", "must not be '*', which is reserved")
    if len(value) > MAX_NAME_CHARACTERS:
        raise PydanticCustomError("name", f"must have at most {MAX_NAME_CHARACTERS} characters")
    return value


def _check_id(value: str) -> str:
    if not is_id(value):
        raise PydanticCustomError("id", "must be 1 to 128 letters, digits and hyphens")
    return value


Url = Annotated[str, AfterValidator(check_scheme), unless_stored(check_url)]
"""A url; of an exported line any that a browser would not run, as stores may hold them."""
Name = Annotated[str, unless_stored(check_name)]
Id = Annotated[str, AfterValidator(_check_id)]
Tag = Annotated[
    str, StringConstraints(min_length=1, max_length=MAX_TAG_CHARACTERS), VisibleText
]
License = Annotated[str, StringConstraints(max_length=MAX_LICENSE_CHARACTERS), Text]
Description = Annotated[str, StringConstraints(max_length=MAX_DESCRIPTION_CHARACTERS), Text]
PropertyKey = Annotated[
    str, StringConstraints(min_length=1, max_length=MAX_PROPERTY_KEY_CHARACTERS), VisibleText
]
PropertyValue = Annotated[
    str, StringConstraints(max_length=MAX_PROPERTY_VALUE_CHARACTERS), Text
]
Revision = Annotated[
    str, StringConstraints(min_length=1, max_length=MAX_REVISION_CHARACTERS), VisibleText
]
ActorText = Annotated[
    str, StringConstraints(max_length=MAX_ACTOR_CHARACTERS), AfterValidator(check_encodable)
]
ImportedVersion = Annotated[int, Field(ge=1, le=MAX_VERSION)]
LastImportedVersion = Annotated[int, Field(ge=1, le=MAX_VERSION + 1)]
"""A version that may also be that of a deletion."""


def _to_utc(value: datetime) -> datetime:
    # In other years, the conversion could overflow.
    time = value.astimezone(UTC) if 1 < value.year < _FIRST_INVALID_YEAR else value
    if not _EPOCH <= time.year < _FIRST_INVALID_YEAR:
        raise PydanticCustomError("time", f"must not be before {_EPOCH} or far in the future")
    return time


Instant = Annotated[AwareDatetime, Field(strict=False), AfterValidator(_to_utc)]
Time = Annotated[Instant, AfterValidator(to_milliseconds)]


def _to_role(kind: ReferenceKind, value: object) -> ReferenceRole:
    role = ReferenceRole.__members__.get(value) if isinstance(value, str) else value
    if isinstance(role, ReferenceRole) and role.kind is kind:
        return role
    names = ", ".join(each.name for each in ReferenceRole if each.kind is kind)
    raise PydanticCustomError("role", f"must be one of {names}")


DatasetRole = Annotated[
    ReferenceRole, BeforeValidator(partial(_to_role, ReferenceKind.DATASET))
]
CodeRole = Annotated[ReferenceRole, BeforeValidator(partial(_to_role, ReferenceKind.CODE))]
BaseModelRole = Annotated[
    ReferenceRole, BeforeValidator(partial(_to_role, ReferenceKind.BASE_MODEL))
]
