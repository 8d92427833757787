"""The lineage of an artifact: what it was built from, and what was built from it."""

from collections.abc import Sequence

import strawberry

from graph.context import Context, Info
from graph.loading.lineage_edges import Edge, load_edges
from graph.loading.lineage_walk import (
    Lineage,
    WalkLimits,
    walk_both_ways,
    walk_downstream,
    walk_upstream,
)
from graph.loading.mermaid import MAX_EDGES, draw_lineage
from graph.loading.resolved_references import ALL_KINDS
from graph.schema.types.artifact import Artifact, artifact_from_record
from graph.schema.types.enums import LineageDirection, ReferenceKind, ReferenceRole
from graph.schema.types.lineage_arguments import (
    DEFAULT_NODES,
    MAX_DEPTH,
    MAX_NODES,
)
from graph.schema.types.pages import check_first
from graph.schema.types.strawberry_fields import field
from storage.artifacts import records

_WALKS = {
    LineageDirection.UPSTREAM: walk_upstream,
    LineageDirection.DOWNSTREAM: walk_downstream,
    LineageDirection.BOTH: walk_both_ways,
}


@strawberry.type(
    description="An artifact in a lineage. It has at least one of the two distances, and both "
    "if it is in a cycle with the starting artifact and both directions were followed."
)
class LineageNode:
    """An artifact in a lineage."""

    artifact: Artifact = strawberry.field(description="The artifact.")
    upstream_distance: int | None = strawberry.field(
        description="The smallest number of steps upstream from the starting artifact to this "
        "one. Null if it was not reached upstream."
    )
    downstream_distance: int | None = strawberry.field(
        description="The smallest number of steps downstream from the starting artifact to "
        "this one. Null if it was not reached downstream."
    )


@strawberry.type(
    description="A link between two artifacts: references of the one that resolve to the other "
    "and have the same kind and role."
)
class LineageEdge:
    """A link between two artifacts."""

    upstream_id: strawberry.ID = strawberry.field(
        description="The ID of the artifact that the reference resolves to."
    )
    downstream_id: strawberry.ID = strawberry.field(
        description="The ID of the model that has the reference."
    )
    kind: ReferenceKind = strawberry.field(
        description="The kind of the reference that links the two."
    )
    role: ReferenceRole | None = strawberry.field(
        description="What the model used the artifact for, or null if that was not stated."
    )

    @classmethod
    def from_edges(cls, edges: Sequence[Edge]) -> list["LineageEdge"]:
        """Return the objects of edges."""
        return [
            cls(
                upstream_id=strawberry.ID(edge.upstream),
                downstream_id=strawberry.ID(edge.downstream),
                kind=edge.kind,
                role=edge.role,
            )
            for edge in edges
        ]


@strawberry.type(
    description="The artifacts within a number of steps of a starting artifact, and the links "
    "between them."
)
class LineageGraph:
    """The result of a lineage walk; the edges are read only when they are selected."""

    result: strawberry.Private[Lineage]
    root: Artifact = strawberry.field(description="The starting artifact.")
    nodes: list[LineageNode] = strawberry.field(
        description="The artifacts, each once, nearest first. The starting artifact is not "
        "among them."
    )
    complete: bool = strawberry.field(
        description="Whether no artifact within `depth` was left out, because of `first`, "
        "because there are too many references, or because stored data cannot be read."
    )

    @field(
        "The links between these artifacts, including the starting artifact, of the kinds that "
        "were asked for. Each link is listed once for each kind and role."
    )
    async def edges(self, info: Info) -> list[LineageEdge]:
        """Return the links between the artifacts of the lineage."""
        return LineageEdge.from_edges(await load_edges(info.context.loaders, self.result))

    @field(
        "The graph as a Mermaid flowchart: each artifact with its name, each edge with its "
        "role or, without one, its kind. Names are escaped, so they are always shown as text. "
        f"Null if there are more than {MAX_EDGES} edges."
    )
    async def mermaid(self, info: Info) -> str | None:
        """Return the text of a flowchart."""
        return draw_lineage(self.result, await load_edges(info.context.loaders, self.result))


async def read_lineage(
    context: Context,
    start: records.PartialArtifact,
    *,
    direction: LineageDirection,
    depth: int | None,
    first: int | None,
    kinds: list[ReferenceKind] | None,
) -> LineageGraph:
    """Read the lineage of an artifact.

    Raises:
        RequestError: `depth` or `first` is out of range.
    """
    limits = WalkLimits(
        check_first(depth, MAX_DEPTH, default=1, name="depth"),
        check_first(first, MAX_NODES, default=DEFAULT_NODES),
        frozenset(kinds) if isinstance(kinds, list) else ALL_KINDS,
    )
    result = await _WALKS[direction](context.loaders, start, limits)
    return LineageGraph(
        result=result,
        root=artifact_from_record(start),
        nodes=[
            LineageNode(
                artifact=artifact_from_record(node.artifact),
                upstream_distance=node.upstream_distance,
                downstream_distance=node.downstream_distance,
            )
            for node in result.nodes
        ],
        complete=result.is_complete,
    )
