"""Lineage: what an artifact was built from, and what was built from it."""

from typing import Annotated

import strawberry

from graph.context import Context, Info
from graph.errors import bad_input
from graph.loading.lineage_walk import Walked, edges, walk
from graph.schema.types.artifact import Artifact, artifact_of
from graph.schema.types.cursors import checked_first
from graph.schema.types.enums import LineageDirection, ReferenceKind
from graph.schema.types.strawberry_fields import described
from storage.artifacts import records

MAX_DEPTH = 100
MAX_NODES = 1_000

Direction = Annotated[LineageDirection, strawberry.argument(description="Which way to walk.")]
Depth = Annotated[
    int, strawberry.argument(description="How many steps to walk at most: 1 to 100.")
]
Nodes = Annotated[
    int,
    strawberry.argument(
        description="How many artifacts to return at most, nearest first: 1 to 1,000."
    ),
]


@strawberry.type(description="An artifact of a lineage.")
class LineageNode:
    """An artifact and how far it is."""

    artifact: Artifact = strawberry.field(description="The artifact.")
    distance: int = strawberry.field(description="The fewest steps from where the walk began.")


@strawberry.type(description="A reference that links two artifacts of a lineage.")
class LineageEdge:
    """A step of a lineage."""

    upstream: strawberry.ID = strawberry.field(
        description="The id of what the model was built from."
    )
    downstream: strawberry.ID = strawberry.field(description="The id of the model.")
    kind: ReferenceKind = strawberry.field(description="As what the model was built from it.")


@strawberry.type(
    description="The artifacts within some steps of one, which is itself not among them, and "
    "the references between all of these."
)
class LineageGraph:
    """A walk's result; edges are read only when asked for."""

    walked: strawberry.Private[Walked]
    nodes: list[LineageNode] = strawberry.field(
        description="The artifacts, each once, nearest first."
    )
    truncated: bool = strawberry.field(
        description="Whether there are more artifacts within `depth` than `first` let through."
    )

    @described(
        "The references between the nodes, and between them and where the walk "
        "began, each once."
    )
    async def edges(self, info: Info) -> list[LineageEdge]:
        """The links among the artifacts of the lineage."""
        return [
            LineageEdge(
                upstream=strawberry.ID(edge.upstream),
                downstream=strawberry.ID(edge.downstream),
                kind=edge.kind,
            )
            for edge in await edges(info.context.loaders, self.walked)
        ]


async def lineage_of(
    context: Context,
    root: records.PartialArtifact,
    direction: LineageDirection,
    depth: int,
    first: int,
) -> LineageGraph:
    """The lineage of an artifact."""
    if not 1 <= depth <= MAX_DEPTH:
        raise bad_input(f"depth: must be 1 to {MAX_DEPTH}, not {depth}.")
    walked = await walk(
        context.loaders,
        root,
        upstream=direction is not LineageDirection.DOWNSTREAM,
        downstream=direction is not LineageDirection.UPSTREAM,
        depth=depth,
        first=checked_first(first, MAX_NODES),
    )
    return LineageGraph(
        walked=walked,
        nodes=[
            LineageNode(artifact=artifact_of(step.artifact), distance=step.distance)
            for step in walked.steps
        ],
        truncated=walked.truncated,
    )
