"""The fields of inputs and their rules, for GraphQL and for imported lines."""

from collections.abc import Sequence
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, model_validator
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from storage.artifacts.input_values import (
    MAX_PROPERTIES,
    MAX_TAGS,
    ActorText,
    BaseModelRole,
    CodeRole,
    DatasetRole,
    Description,
    Id,
    ImportedVersion,
    Instant,
    LastImportedVersion,
    License,
    Name,
    PropertyKey,
    PropertyValue,
    Revision,
    Tag,
    Time,
    Url,
)
from storage.artifacts.rating import Rating, encode_rating
from storage.artifacts.records import (
    Actor,
    LookupField,
    Reference,
    ReferenceKind,
    ReferenceRole,
    ResolvedTarget,
)
from storage.artifacts.reference_stamps import reference_key
from storage.artifacts.texts import NoneIfBlank
from storage.artifacts.write_limits import MAX_REFERENCES
from storage.artifacts.writes import ArtifactPatch, Identity


class _Input(BaseModel):
    model_config = ConfigDict(
        alias_generator=to_camel, validate_by_name=True, extra="forbid", strict=True
    )


class ActorFields(_Input):
    """The caller of a write, in an exported line."""

    name: ActorText
    issuer: ActorText | None = None

    def to_actor(self) -> Actor:
        """Return the actor that the fields describe."""
        return Actor(self.name, self.issuer)


class ResolvedFields(_Input):
    """The target of a reference when it was written, in an exported line."""

    id: Id
    version: ImportedVersion | None = None
    named_at: Instant | None = None

    def to_resolved_target(self) -> ResolvedTarget:
        """Return the record that the fields describe."""
        return ResolvedTarget(self.id, self.named_at, self.version)


class _ReferenceFields(_Input):
    """A reference: exactly one of id, url and name."""

    id: Id | None = None
    url: Url | None = None
    name: Name | None = None
    role: ReferenceRole | None = None
    revision: Revision | None = None
    resolved: ResolvedFields | None = None
    """In exported lines alone; inputs of GraphQL do not have it."""

    @model_validator(mode="after")
    def _check_one_field(self) -> Self:
        given = [name for name in _LOOKUP_FIELDS if getattr(self, name) is not None]
        if len(given) != 1:
            raise PydanticCustomError("reference", "must have exactly one of id, url and name")
        return self

    def to_reference(self, kind: ReferenceKind) -> Reference:
        """Return the reference that the fields describe."""
        (name,) = (n for n in _LOOKUP_FIELDS if getattr(self, n) is not None)
        resolved = self.resolved.to_resolved_target() if self.resolved else None
        return Reference(
            kind, LookupField(name), getattr(self, name), resolved, self.role, self.revision
        )


_LOOKUP_FIELDS = tuple(each.value for each in LookupField)


class DatasetReferenceFields(_ReferenceFields):
    """A reference to a dataset."""

    role: DatasetRole | None = None


class CodeReferenceFields(_ReferenceFields):
    """A reference to code."""

    role: CodeRole | None = None


class BaseModelReferenceFields(_ReferenceFields):
    """A reference to a base model."""

    role: BaseModelRole | None = None


class PropertyFields(_Input):
    """A property."""

    key: PropertyKey
    value: PropertyValue


def _check_properties(value: list[PropertyFields] | None) -> list[PropertyFields] | None:
    if value is not None and len(value) > MAX_PROPERTIES:
        raise PydanticCustomError("too_many", f"must have at most {MAX_PROPERTIES} properties")
    keys = [each.key for each in value or ()]
    if len(set(keys)) < len(keys):
        raise PydanticCustomError("properties", "must not have a key twice")
    return value


def _check_tags(value: list[str] | None) -> list[str] | None:
    if value is not None and len(value) > MAX_TAGS:
        raise PydanticCustomError("too_many", f"must have at most {MAX_TAGS} tags")
    return value


class ArtifactFields(_Input):
    """The fields that all artifacts have; an update needs none of them."""

    url: Url = ""
    name: Name | None = None
    download_url: Url | None = None
    description: Annotated[Description | None, NoneIfBlank] = None
    license: Annotated[License | None, NoneIfBlank] = None
    properties: Annotated[list[PropertyFields] | None, AfterValidator(_check_properties)] = None
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
        if "description" in self.model_fields_set:
            patch["description"] = self.description
        if "license" in self.model_fields_set:
            patch["license"] = self.license
        if "properties" in self.model_fields_set:
            pairs = ((each.key, each.value) for each in self.properties or ())
            patch["properties"] = tuple(sorted(pairs))
        if "tags" in self.model_fields_set:
            patch["tags"] = tuple(self.tags or ())
        return patch


class ModelFields(ArtifactFields):
    """The fields of a model."""

    datasets: list[DatasetReferenceFields] | None = None
    codes: list[CodeReferenceFields] | None = None
    base_models: list[BaseModelReferenceFields] | None = None
    rating: Rating | None = None

    @model_validator(mode="after")
    def _check_reference_count(self) -> Self:
        lists = self.datasets, self.codes, self.base_models
        count = sum(len(references or ()) for references in lists)
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
    version: ImportedVersion
    created_at: Time
    updated_at: Time
    named_at: Instant
    created_by: ActorFields | None = None
    updated_by: ActorFields | None = None
    content_version: ImportedVersion | None = None
    rated_at: Time | None = None
    rated_by: ActorFields | None = None

    def to_identity(self) -> Identity:
        """Return the identity that the fields describe."""
        fields = dict(self)
        for name in ("created_by", "updated_by", "rated_by"):
            fields[name] = fields[name] and fields[name].to_actor()
        return Identity(**fields)


class DeletedIdentityFields(IdentityFields):
    """Those of a deleted artifact, whose version is that of its deletion."""

    version: LastImportedVersion


def _to_references(
    inputs: Sequence[_ReferenceFields] | None, kind: ReferenceKind
) -> tuple[Reference, ...]:
    """Return references; of two with the same target and role, the first."""
    references: dict[object, Reference] = {}
    for fields in inputs or ():
        reference = fields.to_reference(kind)
        references.setdefault(reference_key(reference), reference)
    return tuple(references.values())
