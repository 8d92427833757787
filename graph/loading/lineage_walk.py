"""Walks the lineage of an artifact: breadth first, one batch per level, safe in cycles."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from graph.loading.batch_loader import require_value
from graph.loading.loaders import Loaders
from graph.loading.resolved_references import (
    ALL_KINDS,
    list_references,
    load_all_references,
    load_details,
)
from storage.artifacts.records import (
    KIND_OF_TYPE,
    PartialArtifact,
    ReferenceKind,
)
from storage.errors import UndecodableError
from storage.reverse_links import ReverseLinkQuery

_MAX_DETAILED = 101
"""Models that are read downstream at once with their details: those of a walk by default, and
one that tells whether there are more. Of more, a walk may take few."""
_MIN_PAGE_SIZE = 10
"""Models read at once for each artifact of a level, however many artifacts the level has."""


@dataclass(frozen=True, slots=True)
class WalkLimits:
    """The limits of a walk: steps, artifacts, and the kinds of references that it follows."""

    depth: int
    first: int
    kinds: frozenset[ReferenceKind] = ALL_KINDS

    @property
    def max_references(self) -> int:
        """The most references that the root and the artifacts may have together.

        It bounds the work: each of them is resolved, and each may be an edge.
        """
        return 100 + 10 * self.first


@dataclass(frozen=True, slots=True)
class Node:
    """An artifact of a lineage, and its distance from the root in steps on either side."""

    artifact: PartialArtifact
    upstream_distance: int | None = None
    downstream_distance: int | None = None


@dataclass(frozen=True, slots=True)
class Lineage:
    """The artifacts nearest to `root`, without it, and whether they are all within `depth`."""

    root: PartialArtifact
    nodes: tuple[Node, ...]
    is_complete: bool
    limits: WalkLimits

    @property
    def artifacts(self) -> list[PartialArtifact]:
        """The root and the artifacts of the nodes."""
        return [self.root, *(node.artifact for node in self.nodes)]


@dataclass(frozen=True, slots=True)
class _Found:
    """A part of the artifacts that are one step from a level."""

    artifacts: Iterable[PartialArtifact]
    has_unreadable: bool


_Read = Callable[[Loaders, Sequence[PartialArtifact], WalkLimits, int], AsyncIterator[_Found]]
"""Reads the artifacts that are one step from a level, in parts, until the caller stops.

The number is how many artifacts the caller will use at most.
"""


async def walk_upstream(loaders: Loaders, root: PartialArtifact, limits: WalkLimits) -> Lineage:
    """Return the artifacts nearest to `root` that it was built from."""
    walk = await _walk(loaders, root, _read_upstream, limits)
    nodes = tuple(Node(artifact, upstream_distance=d) for artifact, d in walk.steps)
    return Lineage(root, nodes, walk.is_complete, limits)


async def walk_downstream(
    loaders: Loaders, root: PartialArtifact, limits: WalkLimits
) -> Lineage:
    """Return the artifacts nearest to `root` that were built from it."""
    walk = await _walk(loaders, root, _read_downstream, limits)
    nodes = tuple(Node(artifact, downstream_distance=d) for artifact, d in walk.steps)
    return Lineage(root, nodes, walk.is_complete, limits)


async def walk_both_ways(
    loaders: Loaders, root: PartialArtifact, limits: WalkLimits
) -> Lineage:
    """Return the nearest of the artifacts upstream and downstream of `root`.

    What is upstream of something downstream is not among them, except in a cycle: then it has
    both distances.
    """
    up, down = await asyncio.gather(
        walk_upstream(loaders, root, limits), walk_downstream(loaders, root, limits)
    )
    nodes = {node.artifact.id: node for node in up.nodes}
    for node in down.nodes:
        known = nodes.setdefault(node.artifact.id, node)
        nodes[node.artifact.id] = replace(known, downstream_distance=node.downstream_distance)
    intake = _Intake(root, limits)
    nearest = sorted(nodes.values(), key=_distance)
    taken = {artifact.id for artifact in intake.take(node.artifact for node in nearest)}
    return Lineage(
        root,
        tuple(node for node in nearest if node.artifact.id in taken),
        up.is_complete and down.is_complete and not intake.is_full,
        limits,
    )


def _distance(node: Node) -> int:
    distances = (node.upstream_distance, node.downstream_distance)
    return min(distance for distance in distances if distance is not None)


class _Intake:
    """Takes each artifact once, until there are too many of them or of their references."""

    def __init__(self, root: PartialArtifact, limits: WalkLimits) -> None:
        self._kinds = limits.kinds
        self._seen = {root.id}
        self.room = limits.first
        """The number of artifacts that it still takes."""
        self._references_left = limits.max_references - self._count_references(root)
        self.is_full = False
        """True if an artifact was not taken."""

    def take(self, artifacts: Iterable[PartialArtifact]) -> list[PartialArtifact]:
        """Return the artifacts that are new, up to the first for which there is no room."""
        taken = []
        for artifact in artifacts:
            if artifact.id in self._seen:
                continue
            count = self._count_references(artifact)
            if not self.room or count > self._references_left:
                self.is_full = True
                break
            self._seen.add(artifact.id)
            self.room -= 1
            self._references_left -= count
            taken.append(artifact)
        return taken

    def _count_references(self, artifact: PartialArtifact) -> int:
        return len(list_references(artifact, self._kinds))


@dataclass(slots=True)
class _Walk:
    """The artifacts that a walk reached, with their distances."""

    steps: list[tuple[PartialArtifact, int]]
    is_complete: bool


async def _walk(
    loaders: Loaders, root: PartialArtifact, read: _Read, limits: WalkLimits
) -> _Walk:
    intake, walk = _Intake(root, limits), _Walk([], is_complete=True)
    level: list[PartialArtifact] = [root]
    for distance in range(1, limits.depth + 1):
        next_level: list[PartialArtifact] = []
        async for found in read(loaders, level, limits, intake.room + 1):
            next_level += intake.take(found.artifacts)
            walk.is_complete &= not found.has_unreadable and not intake.is_full
            if intake.is_full:
                break
        walk.steps += [(artifact, distance) for artifact in next_level]
        if intake.is_full or not next_level:
            break
        level = next_level
    return walk


async def _read_upstream(
    loaders: Loaders, level: Sequence[PartialArtifact], limits: WalkLimits, _: int
) -> AsyncIterator[_Found]:
    links = await load_all_references(loaders, level, limits.kinds)
    artifacts = [upstream for link in links if (upstream := link.upstream)]
    has_unreadable = any(link.is_unreadable for link in links)
    expected = limits.max_references * len(level) // max(1, len(links))
    async for found in _load_found(loaders, artifacts, has_unreadable, expected):
        yield found


async def _read_downstream(
    loaders: Loaders, level: Sequence[PartialArtifact], limits: WalkLimits, room: int
) -> AsyncIterator[_Found]:
    """Read the models of all artifacts of a level at once.

    A level with few artifacts and few links is one call of the store. Only an artifact with
    more models than its share needs others, with pages that double in size. Where that is too
    many models, their details are read only until the walk has enough.
    """
    linked = [artifact for artifact in level if KIND_OF_TYPE[artifact.type] in limits.kinds]
    count = max(1, len(linked))
    size = max(_MIN_PAGE_SIZE, min(room, limits.max_references // count))
    if count * _MIN_PAGE_SIZE <= _MAX_DETAILED:
        size = min(size, _MAX_DETAILED // count)
    queries = [ReverseLinkQuery(artifact, size) for artifact in linked]
    while queries:
        is_detailed = len(queries) * size <= _MAX_DETAILED
        load = (
            loaders.models_page_by_query if is_detailed else loaders.core_models_page_by_query
        )
        pages = [require_value(page) for page in await load.load_many(queries)]
        models = [entry.artifact for page in pages for entry in page.entries]
        has_unreadable = any(page.has_unreadable for page in pages)
        async for found in _load_found(loaders, models, has_unreadable, _MAX_DETAILED):
            yield found
        size *= 2
        queries = [
            ReverseLinkQuery(query.artifact, size, page.end)
            for query, page in zip(queries, pages, strict=True)
            if page.has_next
        ]


async def _load_found(
    loaders: Loaders,
    artifacts: Iterable[PartialArtifact],
    has_unreadable: bool,
    expected: int,
) -> AsyncIterator[_Found]:
    """Read the details of artifacts, of which about `expected` will be used at most."""
    async for part in load_details(loaders, artifacts, max(1, expected)):
        readable = [each for each in part if not isinstance(each, UndecodableError)]
        yield _Found(readable, has_unreadable or len(readable) < len(part))
