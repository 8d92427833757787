"""Walks the lineage of an artifact: breadth first, one batch per level, safe in cycles."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass

from graph.loading.batch_loader import Loaded, require_value
from graph.loading.loaders import Loaders
from graph.loading.reference_resolution import load_references
from storage.artifacts.records import KIND_OF_TYPE, PartialArtifact, ReferenceKind, require_read
from storage.errors import UndecodableError
from storage.store import ReverseLinkQuery

_MIN_PAGE_SIZE = 10
"""Models read at once for each artifact of a level, however many artifacts the level has."""


@dataclass(frozen=True, slots=True)
class Node:
    """An artifact of a lineage, and its distance from the root in steps."""

    artifact: PartialArtifact
    distance: int


@dataclass(frozen=True, slots=True)
class Edge:
    """A reference from the model `downstream` that resolves to `upstream`; both are ids."""

    upstream: str
    downstream: str
    kind: ReferenceKind


@dataclass(frozen=True, slots=True)
class Lineage:
    """The artifacts nearest to `root`, and whether others were left out."""

    root: PartialArtifact
    nodes: tuple[Node, ...]
    truncated: bool


ReadNeighbours = Callable[
    [Loaders, Sequence[PartialArtifact], int], AsyncIterator[Sequence[Loaded[PartialArtifact]]]
]
"""Reads the artifacts that are one step from a level, in parts, until the caller stops.

The number is how many artifacts the caller will use at most. Artifacts that cannot be read are
errors in their places.
"""


async def walk_lineage(
    loaders: Loaders,
    root: PartialArtifact,
    *,
    upstream: bool,
    downstream: bool,
    depth: int,
    first: int,
) -> Lineage:
    """Return the `first` artifacts nearest to `root` within `depth` steps.

    The walk follows references upstream, downstream, or both at the same time. Artifacts that
    cannot be read are left out.
    """
    directions = [_read_upstream] * upstream + [_read_downstream] * downstream
    walks = await asyncio.gather(
        *(_walk_direction(loaders, root, direction, depth, first) for direction in directions)
    )
    nodes = sorted((n for walk in walks for n in walk.nodes), key=lambda node: node.distance)
    nearest: dict[str, Node] = {}
    for node in nodes:
        nearest.setdefault(node.artifact.id, node)
    truncated = len(nearest) > first or any(walk.truncated for walk in walks)
    return Lineage(root, tuple(nearest.values())[:first], truncated)


async def load_edges(loaders: Loaders, lineage: Lineage) -> list[Edge]:
    """Return the references between a lineage's artifacts, its root included, each once."""
    artifacts = [lineage.root, *(node.artifact for node in lineage.nodes)]
    ids = {artifact.id for artifact in artifacts}
    resolved = await asyncio.gather(
        *(load_references(loaders, require_read(a.references)) for a in artifacts)
    )
    edges = {
        Edge(link.id, artifact.id, KIND_OF_TYPE[link.type]): None
        for artifact, links in zip(artifacts, resolved, strict=True)
        for link in _readable(links)
        if link.id in ids
    }
    return list(edges)


async def _walk_direction(
    loaders: Loaders,
    root: PartialArtifact,
    read_neighbours: ReadNeighbours,
    depth: int,
    first: int,
) -> Lineage:
    seen = {root.id}
    nodes: list[Node] = []
    level: list[PartialArtifact] = [root]
    has_unreadable = False
    for distance in range(1, depth + 1):
        next_level: list[PartialArtifact] = []
        async for artifacts in read_neighbours(loaders, level, first - len(nodes) + 1):
            readable = _readable(artifacts)
            has_unreadable |= len(readable) < len(artifacts)
            new = {a.id: a for a in readable if a.id not in seen}
            seen |= new.keys()
            next_level += new.values()
            if len(nodes) + len(next_level) > first:
                break
        nodes += [Node(artifact, distance) for artifact in next_level]
        if len(nodes) > first or not next_level:
            break
        level = next_level
    return Lineage(root, tuple(nodes[:first]), has_unreadable or len(nodes) > first)


async def _read_upstream(
    loaders: Loaders, level: Sequence[PartialArtifact], _: int
) -> AsyncIterator[Sequence[Loaded[PartialArtifact]]]:
    references = [
        reference for artifact in level for reference in require_read(artifact.references)
    ]
    yield await load_references(loaders, references)


async def _read_downstream(
    loaders: Loaders, level: Sequence[PartialArtifact], limit: int
) -> AsyncIterator[Sequence[Loaded[PartialArtifact]]]:
    """Read the models of all artifacts of a level at once, in pages that double in size."""
    size = max(_MIN_PAGE_SIZE, -(-limit // len(level)))
    queries = [ReverseLinkQuery(artifact, size) for artifact in level]
    while queries:
        loaded = await loaders.models_page_by_query.load_many(queries)
        pages = [require_value(page) for page in loaded]
        yield [entry.artifact for page in pages for entry in page.entries]
        size *= 2
        queries = [
            ReverseLinkQuery(query.artifact, size, page.end)
            for query, page in zip(queries, pages, strict=True)
            if page.has_next
        ]


def _readable(artifacts: Iterable[Loaded[PartialArtifact]]) -> list[PartialArtifact]:
    return [each for each in artifacts if not isinstance(each, UndecodableError)]
