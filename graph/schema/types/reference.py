"""References: what a model asked for, and what that resolves to."""

import strawberry

from graph.context import Info
from graph.loading.awaitables import then
from graph.loading.reference_resolution import ready_links
from graph.schema.types.artifact import Artifact, artifact_of
from graph.schema.types.enums import ReferenceKind
from graph.schema.types.scalars import Url
from graph.schema.types.strawberry_fields import described
from storage.artifacts import records
from storage.artifacts.records import LookupField


@strawberry.type(
    description="What a model says it was built from, by exactly one of id, url and name. What "
    "a reference points to is decided when it is read, so it does not matter which side was "
    "registered first."
)
class Reference:
    """A reference of a model."""

    record: strawberry.Private[records.Reference]
    kind: ReferenceKind = strawberry.field(description="What is asked for.")
    id: strawberry.ID | None = strawberry.field(
        description="The id that was asked for, if it was an id."
    )
    url: Url | None = strawberry.field(
        description="The url that was asked for, if it was a url."
    )
    name: str | None = strawberry.field(
        description="The name that was asked for, if it was a name."
    )

    @described(
        "What it resolves to now: by id or url, the artifact that has it; by name, "
        "the artifact that has borne the name longest. Null while nothing matches.",
        lambda reference: [reference.record.target],
    )
    def artifact(self, info: Info) -> Artifact | None:
        """What the reference resolves to."""
        links = ready_links(info.context.loaders, [self.record])
        return then(links, lambda found: artifact_of(found[0]) if found else None)

    @classmethod
    def of(cls, record: records.Reference) -> "Reference":
        """The object of a record."""
        value = record.value
        return cls(
            record=record,
            kind=record.kind,
            id=strawberry.ID(value) if record.lookup_field is LookupField.ID else None,
            url=Url(value) if record.lookup_field is LookupField.URL else None,
            name=value if record.lookup_field is LookupField.NAME else None,
        )
