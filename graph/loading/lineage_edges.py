"""Reads the links between the artifacts of a lineage."""

from dataclasses import dataclass

from graph.loading.lineage_walk import Lineage
from graph.loading.loaders import Loaders
from graph.loading.resolved_references import load_all_references
from storage.artifacts.records import ReferenceKind, ReferenceRole


@dataclass(frozen=True, slots=True)
class Edge:
    """A reference from the model `downstream` that resolves to `upstream`; both are ids."""

    upstream: str
    downstream: str
    kind: ReferenceKind
    role: ReferenceRole | None = None


async def load_edges(loaders: Loaders, lineage: Lineage) -> list[Edge]:
    """Return the links between a lineage's artifacts, each once per kind and role."""
    artifacts = lineage.artifacts
    ids = {artifact.id for artifact in artifacts}
    links = await load_all_references(loaders, artifacts, lineage.limits.kinds)
    edges = {
        Edge(upstream.id, link.model.id, link.reference.kind, link.reference.role): None
        for link in links
        if (upstream := link.upstream) and upstream.id in ids
    }
    return list(edges)
