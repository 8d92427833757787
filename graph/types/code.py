"""Code as GraphQL shows it."""

from typing import TYPE_CHECKING, Annotated

import strawberry

from graph.context import Info
from graph.types.artifact import Artifact
from graph.types.connections import After, Connection, First, models_of
from graph.types.described import described
from graph.types.enums import ArtifactType, LineageDirection
from graph.types.lineage import Depth, Direction, LineageGraph, Nodes, lineage_of

if TYPE_CHECKING:
    from graph.types.model import Model


@strawberry.type(description="Code that trains, evaluates or runs models.")
class Code(Artifact, of=ArtifactType.CODE):
    """A repository, or the like."""

    @described(
        "The models of which a code reference resolves to this, each once, in the "
        "order of their ids."
    )
    async def models(
        self, info: Info, first: First = 20, after: After = strawberry.UNSET
    ) -> Connection[Annotated["Model", strawberry.lazy("graph.types.model")]]:
        """The models that were built with this code."""
        return await models_of(info.context, self.record, first, after)

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
