"""The fields of inputs and their rules, for GraphQL and for imported lines."""

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


def _check_text(value: str) -> str:
    try:
        value.encode()
    except UnicodeEncodeError:
        raise PydanticCustomError("text", "must not contain half of a surrogate pair") from None
    return value


def check_url(value: str) -> str:
    """Return the url if it is valid; raise PydanticCustomError otherwise."""
    _check_text(value)
    try:
        parts = urlsplit(value)
        is_absolute = bool(parts.scheme and parts.hostname)
    except ValueError:
        is_absolute = False
    if not is_absolute or _SPACE_OR_CONTROL.search(value):
        raise PydanticCustomError("url", "must be an absolute url with a scheme and a host")
    if len(value.encode()) > MAX_URL_BYTES:
        raise PydanticCustomError("url", f"must have at most {MAX_URL_BYTES:,} bytes")
    return value


def check_name(value: str) -> str:
    """Return the name if it is valid; raise PydanticCustomError otherwise."""
    _check_text(value)
    if not normalise(value):
        raise PydanticCustomError("name", "must not be blank")
    if value.strip() == "*":
        raise PydanticCustomError("name", "must not be '*', which is reserved")
    if len(value) > MAX_NAME_CHARACTERS:
        raise PydanticCustomError("name", f"must have at most {MAX_NAME_CHARACTERS} characters")
    return value


def _check_id(value: str) -> str:
    if not is_id(value):
        raise PydanticCustomError("id", "must be 1 to 128 letters, digits and hyphens")
    return value


def _check_tags(value: list[str] | None) -> list[str] | None:
    if value is not None and len(value) > MAX_TAGS:
        raise PydanticCustomError("too_many", f"must have at most {MAX_TAGS} tags")
    return value


Url = Annotated[str, AfterValidator(check_url)]
Name = Annotated[str, AfterValidator(check_name)]
Id = Annotated[str, AfterValidator(_check_id)]
Tag = Annotated[
    str,
    StringConstraints(min_length=1, max_length=MAX_TAG_CHARACTERS),
    AfterValidator(_check_text),
]
License = Annotated[str, StringConstraints(max_length=256), AfterValidator(_check_text)]


def _to_utc(value: datetime) -> datetime:
    if value.year < _EPOCH:
        raise PydanticCustomError("time", f"must not be before {_EPOCH}")
    return value.astimezone(UTC)


Time = Annotated[AwareDatetime, Field(strict=False), AfterValidator(_to_utc)]


class _Input(BaseModel):
    model_config = ConfigDict(
        alias_generator=to_camel, validate_by_name=True, extra="forbid", strict=True
    )


class ReferenceFields(_Input):
    """A reference: exactly one of id, url and name."""

    id: Id | None = None
    url: Url | None = None
    name: Name | None = None

    @model_validator(mode="after")
    def _check_one_field(self) -> Self:
        given = [getattr(self, name) for name in self.model_fields_set]
        if len(given) != 1 or None in given:
            raise PydanticCustomError("reference", "must have exactly one of id, url and name")
        return self

    def to_reference(self, kind: ReferenceKind) -> Reference:
        """Return the reference that the fields describe."""
        (name,) = self.model_fields_set
        return Reference(kind, LookupField(name), getattr(self, name))


class ArtifactFields(_Input):
    """The fields that all artifacts have; an update needs none of them."""

    url: Url = ""
    name: Name | None = None
    download_url: Url | None = None
    license: License | None = None
    tags: Annotated[list[Tag] | None, AfterValidator(_check_tags)] = None

    def to_patch(self) -> ArtifactPatch:
        """Return the fields that were given."""
        patch = ArtifactPatch()
        if self.url:
            patch["url"] = self.url
        if self.name is not None:
            patch["name"] = self.name
        if "download_url" in self.model_fields_set:
            patch["download_url"] = self.download_url
        if "license" in self.model_fields_set:
            patch["license"] = self.license
        if "tags" in self.model_fields_set:
            patch["tags"] = tuple(self.tags or ())
        return patch


class ModelFields(ArtifactFields):
    """The fields of a model."""

    datasets: list[ReferenceFields] | None = None
    codes: list[ReferenceFields] | None = None
    base_models: list[ReferenceFields] | None = None
    rating: Rating | None = None

    @model_validator(mode="after")
    def _check_reference_count(self) -> Self:
        count = sum(map(len, filter(None, (self.datasets, self.codes, self.base_models))))
        if count > MAX_REFERENCES:
            raise PydanticCustomError(
                "too_many", f"must have at most {MAX_REFERENCES} references, not {count}"
            )
        return self

    def to_patch(self) -> ArtifactPatch:
        """Return the fields that were given."""
        patch = super().to_patch()
        if "datasets" in self.model_fields_set:
            patch["datasets"] = _to_references(self.datasets, ReferenceKind.DATASET)
        if "codes" in self.model_fields_set:
            patch["codes"] = _to_references(self.codes, ReferenceKind.CODE)
        if "base_models" in self.model_fields_set:
            patch["base_models"] = _to_references(self.base_models, ReferenceKind.BASE_MODEL)
        if "rating" in self.model_fields_set:
            patch["rating"] = None if self.rating is None else encode_rating(self.rating)
        return patch


class IdentityFields(_Input):
    """The fields of an exported line that inputs do not have; all of them are required."""

    id: Id
    version: Annotated[int, Field(ge=1)]
    created_at: Time
    updated_at: Time
    named_at: Time

    def to_identity(self) -> Identity:
        """Return the identity that the fields describe."""
        return Identity(**dict(self))


def _to_references(
    inputs: list[ReferenceFields] | None, kind: ReferenceKind
) -> tuple[Reference, ...]:
    return tuple(fields.to_reference(kind) for fields in inputs or ())
