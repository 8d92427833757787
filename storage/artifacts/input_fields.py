"""The fields of every input and their rules, in GraphQL and in imported lines alike."""

import re
from datetime import UTC, datetime
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from storage.artifacts.ids import is_id
from storage.artifacts.names import normalise
from storage.artifacts.rating import Rating, encode_rating
from storage.artifacts.records import (
    ArtifactPatch,
    Identity,
    LookupField,
    Reference,
    ReferenceKind,
)
from storage.artifacts.write_rules import MAX_REFERENCES

MAX_URL_BYTES = 2_000
MAX_NAME_CHARACTERS = 512
MAX_TAGS = 100
MAX_TAG_CHARACTERS = 256
_EPOCH = 1970

_SPACE_OR_CONTROL = re.compile(r"[\s\x00-\x1f\x7f]")


def _text(value: str) -> str:
    try:
        value.encode()
    except UnicodeEncodeError:
        raise PydanticCustomError("text", "holds half of a surrogate pair") from None
    return value


def check_url(value: str) -> str:
    """The url itself, if an artifact could have it."""
    _text(value)
    try:
        parts = urlsplit(value)
        whole = bool(parts.scheme and parts.hostname)
    except ValueError:
        whole = False
    if not whole or _SPACE_OR_CONTROL.search(value):
        raise PydanticCustomError("url", "must be an absolute url with a scheme and a host")
    if len(value.encode()) > MAX_URL_BYTES:
        raise PydanticCustomError("url", f"must have at most {MAX_URL_BYTES:,} bytes")
    return value


def check_name(value: str) -> str:
    """The name itself, if an artifact could have it."""
    _text(value)
    if not normalise(value):
        raise PydanticCustomError("name", "must not be blank")
    if value.strip() == "*":
        raise PydanticCustomError("name", "must not be '*', which is reserved")
    if len(value) > MAX_NAME_CHARACTERS:
        raise PydanticCustomError("name", f"must have at most {MAX_NAME_CHARACTERS} characters")
    return value


def _id(value: str) -> str:
    if not is_id(value):
        raise PydanticCustomError("id", "must be letters, digits and hyphens, at most 128")
    return value


def _tags(value: list[str] | None) -> list[str] | None:
    if value is not None and len(value) > MAX_TAGS:
        raise PydanticCustomError("too_many", f"must be at most {MAX_TAGS} tags")
    return value


Url = Annotated[str, AfterValidator(check_url)]
Name = Annotated[str, AfterValidator(check_name)]
Id = Annotated[str, AfterValidator(_id)]
Tag = Annotated[
    str,
    StringConstraints(min_length=1, max_length=MAX_TAG_CHARACTERS),
    AfterValidator(_text),
]
License = Annotated[str, StringConstraints(max_length=256), AfterValidator(_text)]


def _utc(value: datetime) -> datetime:
    if value.year < _EPOCH:
        raise PydanticCustomError("time", f"must not be before {_EPOCH}")
    return value.astimezone(UTC)


Time = Annotated[AwareDatetime, Field(strict=False), AfterValidator(_utc)]


class _Input(BaseModel):
    model_config = ConfigDict(
        alias_generator=to_camel, validate_by_name=True, extra="forbid", strict=True
    )


class ReferenceFields(_Input):
    """One reference: exactly one of id, url and name."""

    id: Id | None = None
    url: Url | None = None
    name: Name | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if len(self.model_fields_set) != 1 or None in (
            getattr(self, f) for f in self.model_fields_set
        ):
            raise PydanticCustomError("reference", "must be exactly one of id, url and name")
        return self

    def reference(self, kind: ReferenceKind) -> Reference:
        """The reference that was asked for."""
        (by,) = self.model_fields_set
        return Reference(kind, LookupField(by), getattr(self, by))


class ArtifactFields(_Input):
    """The fields of every artifact; none is needed for an update."""

    url: Url = ""
    name: Name | None = None
    download_url: Url | None = None
    license: License | None = None
    tags: Annotated[list[Tag] | None, AfterValidator(_tags)] = None

    def changes(self) -> ArtifactPatch:
        """The fields that were given, in the store's words."""
        changes = ArtifactPatch()
        if self.url:
            changes["url"] = self.url
        if self.name is not None:
            changes["name"] = self.name
        if "download_url" in self.model_fields_set:
            changes["download_url"] = self.download_url
        if "license" in self.model_fields_set:
            changes["license"] = self.license
        if "tags" in self.model_fields_set:
            changes["tags"] = tuple(self.tags or ())
        return changes


class ModelFields(ArtifactFields):
    """The fields of a model."""

    datasets: list[ReferenceFields] | None = None
    codes: list[ReferenceFields] | None = None
    base_models: list[ReferenceFields] | None = None
    rating: Rating | None = None

    @model_validator(mode="after")
    def _few_references(self) -> Self:
        count = sum(map(len, filter(None, (self.datasets, self.codes, self.base_models))))
        if count > MAX_REFERENCES:
            raise PydanticCustomError(
                "too_many", f"must have at most {MAX_REFERENCES} references, not {count}"
            )
        return self

    def changes(self) -> ArtifactPatch:
        """The fields that were given, in the store's words."""
        changes = super().changes()
        if "datasets" in self.model_fields_set:
            changes["datasets"] = _references(self.datasets, ReferenceKind.DATASET)
        if "codes" in self.model_fields_set:
            changes["codes"] = _references(self.codes, ReferenceKind.CODE)
        if "base_models" in self.model_fields_set:
            changes["base_models"] = _references(self.base_models, ReferenceKind.BASE_MODEL)
        if "rating" in self.model_fields_set:
            changes["rating"] = None if self.rating is None else encode_rating(self.rating)
        return changes


class IdentityFields(_Input):
    """What an exported line says beside the fields of an input: all of it or nothing."""

    id: Id
    version: Annotated[int, Field(ge=1)]
    created_at: Time
    updated_at: Time
    named_at: Time

    def identity(self) -> Identity:
        """The identity that the artifact keeps."""
        return Identity(**dict(self))


def _references(
    given: list[ReferenceFields] | None, kind: ReferenceKind
) -> tuple[Reference, ...]:
    return tuple(fields.reference(kind) for fields in given or ())
