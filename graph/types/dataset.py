"""Datasets as GraphQL shows them."""

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


@strawberry.type(description="Data that models are trained or evaluated on.")
class Dataset(Artifact, of=ArtifactType.DATASET):
    """Data that models learn from."""

    @described(
        "The models of which a dataset reference resolves to this, each once, in "
        "the order of their ids."
    )
    async def models(
        self, info: Info, first: First = 20, after: After = strawberry.UNSET
    ) -> Connection[Annotated["Model", strawberry.lazy("graph.types.model")]]:
        """The models that were trained on this dataset."""
        return await models_of(info.context, self.record, first, after)

    @described("What was built from this, directly and indirectly.")
    async def lineage(
        self,
        info: Info,
        direction: Direction = LineageDirection.DOWNSTREAM,
        depth: Depth = 1,
        first: Nodes = 100,
    ) -> LineageGraph:
        """The artifacts around this one."""
        return await lineage_of(info.context, self.record, direction, depth, first)
