"""Datasets as GraphQL shows them."""

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


@strawberry.type(description="Data that models are trained or evaluated on.")
class Dataset(Artifact, of=ArtifactType.DATASET):
    """Data that models learn from."""

    @described(
        "The models of which a dataset reference resolves to this, each once, in "
        "the order of their ids."
    )
    async def models(
        self, info: Info, first: First = 20, after: After = strawberry.UNSET
    ) -> Connection[Annotated["Model", strawberry.lazy("graph.schema.types.model")]]:
        """The models that were trained on this dataset."""
        return await read_reverse_links(info.context, self.record, first, after)

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
