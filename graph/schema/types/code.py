"""The type Code."""

import strawberry

from graph.context import Info
from graph.schema.types.artifact import Artifact
from graph.schema.types.enums import ArtifactType
from graph.schema.types.pages import AfterArgument, FirstArgument
from graph.schema.types.pagination import DependentModelConnection, read_reverse_links
from graph.schema.types.strawberry_fields import field


@strawberry.type(description="Code that trains, evaluates or runs models.")
class Code(Artifact, artifact_type=ArtifactType.CODE):
    """Code, such as a repository."""

    @field(
        "The models with a code reference that resolves to this code. Each model is listed "
        "once; the models are sorted by ID."
    )
    def models(
        self, info: Info, first: FirstArgument = 20, after: AfterArgument = strawberry.UNSET
    ) -> DependentModelConnection | None:
        """Return a page of the models that were built with this code."""
        return read_reverse_links(info.context, self.record, first, after)
