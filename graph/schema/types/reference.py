"""The type Reference: what a model refers to, and what that resolves to."""

import strawberry

from graph.context import Info
from graph.loading.awaitables import map_awaitable
from graph.loading.reference_resolution import resolve_references
from graph.schema.types.artifact import Artifact, artifact_from_record
from graph.schema.types.enums import ReferenceKind
from graph.schema.types.scalars import Url
from graph.schema.types.strawberry_fields import field
from storage.artifacts import records
from storage.artifacts.records import LookupField


@strawberry.type(
    description="A reference of a model to an artifact that it was built from, by ID, URL or "
    "name. It is resolved whenever it is read, so the model and the artifact can be registered "
    "in any order."
)
class Reference:
    """A reference of a model."""

    record: strawberry.Private[records.Reference]
    kind: ReferenceKind = strawberry.field(description="The kind of the reference.")
    id: strawberry.ID | None = strawberry.field(
        description="The ID, if the reference is by ID; otherwise null."
    )
    url: Url | None = strawberry.field(
        description="The URL, if the reference is by URL; otherwise null."
    )
    name: str | None = strawberry.field(
        description="The name, if the reference is by name; otherwise null."
    )

    @field(
        "The artifact that the reference currently resolves to: the one with this ID or URL, "
        "or the name owner, which is the artifact that has had this name longest. Its type is "
        "the one that `kind` requires. Null if there is none.",
        lambda reference: [reference.record.target],
    )
    def artifact(self, info: Info) -> Artifact | None:
        """Return the artifact that the reference resolves to."""
        links = resolve_references(info.context.loaders, [self.record])
        return map_awaitable(
            links, lambda artifacts: artifact_from_record(artifacts[0]) if artifacts else None
        )

    @classmethod
    def from_record(cls, record: records.Reference) -> "Reference":
        """Return the object of a record."""
        value = record.value
        return cls(
            record=record,
            kind=record.kind,
            id=strawberry.ID(value) if record.lookup_field is LookupField.ID else None,
            url=Url(value) if record.lookup_field is LookupField.URL else None,
            name=value if record.lookup_field is LookupField.NAME else None,
        )
