"""The type Reference: what a model refers to, and what that resolves to."""

from hashlib import sha256
from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from graph.context import Info
from graph.engine.deferred import Deferred
from graph.loading.batch_loader import as_field_value
from graph.schema.types.artifact import Artifact, artifact_from_optional_record
from graph.schema.types.enums import ReferenceKind, ReferenceRole, ReferenceState
from graph.schema.types.scalars import Url
from graph.schema.types.strawberry_fields import field, record_field
from storage.artifacts import records
from storage.artifacts.records import LookupField, PartialArtifact, require_read

if TYPE_CHECKING:
    from graph.schema.types.model import Model

_ID_PREFIX = "reference_"
"""No artifact's id has an underscore."""


@strawberry.type(
    description="A reference of a model to an artifact that it was built from, by ID, URL or "
    "name. It is resolved whenever it is read, so the model and the artifact can be registered "
    "in any order."
)
class Reference:
    """A reference of a model."""

    record: strawberry.Private[records.Reference]
    model: Annotated["Model", strawberry.lazy("graph.schema.types.model")] = strawberry.field(
        description="The model that has the reference."
    )
    kind: ReferenceKind = record_field("The kind of the reference.")
    role: ReferenceRole | None = record_field(
        "What the model used the artifact for, or null if that was not stated. It belongs to "
        "the `kind`."
    )
    revision: str | None = record_field(
        "The commit, tag or version of the artifact that was used, as it was given, at most "
        "256 characters. Null if it was not stated."
    )
    target_id: strawberry.ID | None = strawberry.field(
        description="The ID of the artifact, if the reference is by ID; otherwise null."
    )
    target_url: Url | None = strawberry.field(
        description="The URL of the artifact, if the reference is by URL; otherwise null."
    )
    target_name: str | None = strawberry.field(
        description="The name of the artifact, if the reference is by name; otherwise null."
    )

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - the record's
        """Return an attribute of the record."""
        return getattr(self.record, name)

    @field(
        "The ID of the reference itself, which is not the ID of an artifact. It is opaque, "
        "unique across all types, and stays the same as long as the model has a reference with "
        "this kind, target and role.",
        name="id",
    )
    def get_id(self) -> strawberry.ID:
        """Return a hash of the model's id and of what tells its references apart."""
        target, role = self.record.target, self.record.role
        parts = (
            self.model.record.id,
            self.record.kind.name,
            role.name if role else "",
            target.lookup_field.name,
            target.value,
        )
        digest = sha256("\0".join(parts).encode()).hexdigest()
        return strawberry.ID(_ID_PREFIX + digest[:32])

    @field(
        "The artifact that the reference currently resolves to: the one with this ID or URL, "
        "or the name owner, which is the artifact that has had this name longest. Its type is "
        "the one that `kind` requires. Null if there is none."
    )
    def artifact(self, info: Info) -> Artifact | None:
        """Return the artifact that the reference resolves to."""
        artifact = self._load_artifact(info)
        return as_field_value(artifact.map(artifact_from_optional_record))

    @field(
        "What the reference resolves to now, compared with what it resolved to when it was "
        "written."
    )
    def state(self, info: Info) -> ReferenceState | None:
        """Return the state of the reference."""
        artifact = self._load_artifact(info)
        return as_field_value(artifact.map(lambda found: compare_reference(self.record, found)))

    @field(
        "The artifact that the reference resolved to when it was written. Null if it resolved "
        "to none, and if that artifact no longer exists."
    )
    def original_artifact(self, info: Info) -> Artifact | None:
        """Return the artifact that the reference resolved to when it was written."""
        original = self._load_original(info)
        if original is None:
            return None
        return as_field_value(original.map(artifact_from_optional_record))

    @field(
        "The version that the original artifact had when the reference was written. Null if "
        "the reference resolved to none, or was written before the registry recorded versions."
    )
    def target_version(self) -> int | None:
        """Return the version of the original artifact."""
        resolved = self.record.resolved
        return resolved.version if resolved else None

    @field(
        "Whether the original artifact has been changed since the reference was written, other "
        "than by a rating; true if it no longer exists. Null if `targetVersion` is null."
    )
    def changed_since(self, info: Info) -> bool | None:
        """Return whether the original artifact has been changed."""
        version, original = self.target_version(), self._load_original(info)
        if version is None or original is None:
            return None
        return as_field_value(
            original.map(
                lambda found: found is None or require_read(found.content_version) > version
            )
        )

    def _load_artifact(self, info: Info) -> Deferred[PartialArtifact | None]:
        return info.context.loaders.artifact_by_target.load(self.record.target)

    def _load_original(self, info: Info) -> Deferred[PartialArtifact | None] | None:
        """Return the artifact of the stamp, None if there is no stamp.

        The stamp's id may belong to another type by now; then the artifact is None.
        """
        resolved, artifact_type = self.record.resolved, self.record.kind.artifact_type
        if resolved is None:
            return None
        return info.context.loaders.original_by_id.load(resolved.id).map(
            lambda found: found if found and found.type is artifact_type else None
        )

    @classmethod
    def from_record(cls, record: records.Reference, model: "Model") -> "Reference":
        """Return the object of a model's reference."""
        value = record.value
        return cls(
            record=record,
            model=model,
            target_id=strawberry.ID(value) if record.lookup_field is LookupField.ID else None,
            target_url=Url(value) if record.lookup_field is LookupField.URL else None,
            target_name=value if record.lookup_field is LookupField.NAME else None,
        )


def compare_reference(
    reference: records.Reference, artifact: PartialArtifact | None
) -> ReferenceState:
    """Return the state of a reference that resolves to an artifact now, or to nothing."""
    original = reference.resolved
    if artifact is None:
        return ReferenceState.LOST if original else ReferenceState.UNRESOLVED
    if original is None or original.id == artifact.id:
        return ReferenceState.RESOLVED
    return ReferenceState.RETARGETED
