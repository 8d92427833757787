"""Code as GraphQL shows it."""

from typing import TYPE_CHECKING, Annotated

import strawberry

from graph.context import Info
from graph.schema.types.artifact import Artifact
from graph.schema.types.enums import ArtifactType, LineageDirection
from graph.schema.types.lineage import Depth, Direction, LineageGraph, Nodes, lineage_of
from graph.schema.types.pagination import After, Connection, First, read_reverse_links
from graph.schema.types.strawberry_fields import described

if TYPE_CHECKING:
    from graph.schema.types.model import Model


@strawberry.type(description="Code that trains, evaluates or runs models.")
class Code(Artifact, of=ArtifactType.CODE):
    """A repository, or the like."""

    @described(
        "The models of which a code reference resolves to this, each once, in the "
        "order of their ids."
    )
    async def models(
        self, info: Info, first: First = 20, after: After = strawberry.UNSET
    ) -> Connection[Annotated["Model", strawberry.lazy("graph.schema.types.model")]]:
        """The models that were built with this code."""
        return await read_reverse_links(info.context, self.record, first, after)

    @described("What was built with this, directly and indirectly.")
    async def lineage(
        self,
        info: Info,
        direction: Direction = LineageDirection.DOWNSTREAM,
        depth: Depth = 1,
        first: Nodes = 100,
    ) -> LineageGraph:
        """The artifacts around this one."""
        return await lineage_of(info.context, self.record, direction, depth, first)
