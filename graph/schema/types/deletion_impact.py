"""The type DeletionImpact: what deleting an artifact would change."""

import strawberry

from graph.context import Info
from graph.schema.types.artifact import Artifact, artifact_from_optional_record
from graph.schema.types.pages import AfterArgument, FirstArgument
from graph.schema.types.pagination import DependentModelConnection, read_reverse_links
from graph.schema.types.strawberry_fields import field


@strawberry.type(description="What deleting an artifact would change.")
class DeletionImpact:
    """The changes that the deletion of an artifact would make."""

    artifact: Artifact = strawberry.field(description="The artifact.")

    @field(
        "The models with a reference that resolves to the artifact: after the deletion, the "
        "reference resolves to nothing or, if it is by name, to the `successor`. Each model is "
        "listed once; the models are sorted by ID."
    )
    def models(
        self, info: Info, first: FirstArgument = 20, after: AfterArgument = strawberry.UNSET
    ) -> DependentModelConnection | None:
        """Return a page of the models that refer to the artifact."""
        return read_reverse_links(info.context, self.artifact.record, first, after)

    @field(
        "The artifact of the same type and name that references by name would resolve to after "
        "the deletion. Null if there is none, and if the artifact is not the name owner."
    )
    async def successor(self, info: Info) -> Artifact | None:
        """Return the artifact that would own the name."""
        context = info.context
        record = await context.read(context.store.find_successor, self.artifact.record)
        return artifact_from_optional_record(record)
