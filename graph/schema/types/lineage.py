"""The lineage of an artifact: what it was built from, and what was built from it."""

from typing import Annotated

import strawberry

from graph.context import Context, Info
from graph.errors import bad_input
from graph.loading.lineage_walk import Lineage, load_edges, walk_lineage
from graph.schema.types.artifact import Artifact, artifact_from_record
from graph.schema.types.enums import LineageDirection, ReferenceKind
from graph.schema.types.pages import check_first
from graph.schema.types.strawberry_fields import field
from storage.artifacts import records

MAX_DEPTH = 100
MAX_NODES = 1_000

DirectionArgument = Annotated[
    LineageDirection,
    strawberry.argument(
        description="The direction in which to follow the references. `UPSTREAM` by default "
        "for models, `DOWNSTREAM` for datasets and code."
    ),
]
DepthArgument = Annotated[
    int,
    strawberry.argument(
        description="The maximum number of steps from this artifact, from 1 to "
        f"{MAX_DEPTH}. 1 by default."
    ),
]
FirstNodesArgument = Annotated[
    int,
    strawberry.argument(
        description="The maximum number of artifacts to return, nearest first, from 1 to "
        f"{MAX_NODES:,}. 100 by default."
    ),
]


@strawberry.type(description="An artifact in a lineage.")
class LineageNode:
    """An artifact in a lineage."""

    artifact: Artifact = strawberry.field(description="The artifact.")
    distance: int = strawberry.field(
        description="The smallest number of steps from the starting artifact."
    )


@strawberry.type(
    description="A link between two artifacts in a lineage: a reference of the one that "
    "resolves to the other."
)
class LineageEdge:
    """A link between two artifacts in a lineage."""

    upstream: strawberry.ID = strawberry.field(
        description="The ID of the artifact that the reference resolves to."
    )
    downstream: strawberry.ID = strawberry.field(
        description="The ID of the model that has the reference."
    )
    kind: ReferenceKind = strawberry.field(
        description="The kind of the reference that links the two."
    )


@strawberry.type(
    description="The artifacts within a number of steps of a starting artifact, and the "
    "links between them."
)
class LineageGraph:
    """The result of a lineage walk; the edges are read only when they are selected."""

    result: strawberry.Private[Lineage]
    nodes: list[LineageNode] = strawberry.field(
        description="The artifacts, each once, nearest first. The starting artifact is not "
        "among them."
    )
    truncated: bool = strawberry.field(
        description="Whether artifacts within `depth` were left out, because of `first` or "
        "because their stored data cannot be read."
    )

    @field("The links between these artifacts, including the starting artifact, each once.")
    async def edges(self, info: Info) -> list[LineageEdge]:
        """Return the links between the artifacts of the lineage."""
        return [
            LineageEdge(
                upstream=strawberry.ID(edge.upstream),
                downstream=strawberry.ID(edge.downstream),
                kind=edge.kind,
            )
            for edge in await load_edges(info.context.loaders, self.result)
        ]


async def read_lineage(
    context: Context,
    start: records.PartialArtifact,
    direction: LineageDirection,
    depth: int,
    first: int,
) -> LineageGraph:
    """Read the lineage of an artifact.

    Raises:
        RequestError: `depth` or `first` is out of range.
    """
    if not 1 <= depth <= MAX_DEPTH:
        raise bad_input(f"`depth` must be between 1 and {MAX_DEPTH}, not {depth}.")
    result = await walk_lineage(
        context.loaders,
        start,
        upstream=direction is not LineageDirection.DOWNSTREAM,
        downstream=direction is not LineageDirection.UPSTREAM,
        depth=depth,
        first=check_first(first, MAX_NODES),
    )
    return LineageGraph(
        result=result,
        nodes=[
            LineageNode(artifact=artifact_from_record(node.artifact), distance=node.distance)
            for node in result.nodes
        ],
        truncated=result.truncated,
    )
