"""The lineage walk: breadth first, all of a level in one batch, safe in cycles."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass

from graph.loading.loaders import Loaders
from graph.loading.reference_resolution import all_links
from storage.artifacts.records import KIND_OF_TYPE, PartialArtifact, ReferenceKind, require_read
from storage.store import ReverseLinkQuery

_LEAST_PAGE = 10
"""Models asked for per artifact of a level, however many artifacts the level has."""


@dataclass(frozen=True, slots=True)
class Step:
    """An artifact that a walk reached, and in how many steps."""

    artifact: PartialArtifact
    distance: int


@dataclass(frozen=True, slots=True)
class Edge:
    """A reference from the model `downstream` that resolves to `upstream`."""

    upstream: str
    downstream: str
    kind: ReferenceKind


@dataclass(frozen=True, slots=True)
class Walked:
    """The artifacts around `root`, nearest first, and whether some were left out."""

    root: PartialArtifact
    steps: tuple[Step, ...]
    truncated: bool


Level = Callable[
    [Loaders, Sequence[PartialArtifact], int], AsyncIterator[Iterable[PartialArtifact]]
]
"""Reads, in waves, what is one step from a level's artifacts, until nobody asks for more."""


async def walk(
    loaders: Loaders,
    root: PartialArtifact,
    *,
    upstream: bool,
    downstream: bool,
    depth: int,
    first: int,
) -> Walked:
    """The `first` artifacts nearest to `root` within `depth` steps, either way or both ways."""
    ways = [_upstream] * upstream + [_downstream] * downstream
    walks = await asyncio.gather(*(_walk(loaders, root, way, depth, first) for way in ways))
    nearest: dict[str, Step] = {}
    for step in sorted((s for w in walks for s in w.steps), key=lambda step: step.distance):
        nearest.setdefault(step.artifact.id, step)
    truncated = len(nearest) > first or any(w.truncated for w in walks)
    return Walked(root, tuple(nearest.values())[:first], truncated)


async def edges(loaders: Loaders, walked: Walked) -> list[Edge]:
    """The references among the artifacts of a walk, its root included, each once."""
    artifacts = [walked.root, *(step.artifact for step in walked.steps)]
    members = {artifact.id for artifact in artifacts}
    links = await asyncio.gather(
        *(all_links(loaders, require_read(a.references)) for a in artifacts)
    )
    found = {
        Edge(link.id, artifact.id, KIND_OF_TYPE[link.type]): None
        for artifact, linked in zip(artifacts, links, strict=True)
        for link in linked
        if link.id in members
    }
    return list(found)


async def _walk(
    loaders: Loaders, root: PartialArtifact, way: Level, depth: int, first: int
) -> Walked:
    seen = {root.id}
    steps: list[Step] = []
    level: list[PartialArtifact] = [root]
    for distance in range(1, depth + 1):
        found: list[PartialArtifact] = []
        async for wave in way(loaders, level, first - len(steps) + 1):
            new = {a.id: a for a in wave if a.id not in seen}
            seen |= new.keys()
            found += new.values()
            if len(steps) + len(found) > first:
                break
        steps += [Step(artifact, distance) for artifact in found]
        if len(steps) > first or not found:
            break
        level = found
    return Walked(root, tuple(steps[:first]), truncated=len(steps) > first)


async def _upstream(
    loaders: Loaders, level: Sequence[PartialArtifact], _: int
) -> AsyncIterator[Iterable[PartialArtifact]]:
    references = [
        reference for artifact in level for reference in require_read(artifact.references)
    ]
    yield await all_links(loaders, references)


async def _downstream(
    loaders: Loaders, level: Sequence[PartialArtifact], wanted: int
) -> AsyncIterator[Iterable[PartialArtifact]]:
    """The models of every artifact of the level: pages that double in size, all at once."""
    size = max(_LEAST_PAGE, -(-wanted // len(level)))
    requests = [ReverseLinkQuery(artifact, size) for artifact in level]
    while requests:
        pages = await loaders.models_page_by_request.load_many(requests)
        yield [entry.artifact for page in pages for entry in page.entries]
        size *= 2
        requests = [
            ReverseLinkQuery(request.artifact, size, page.end)
            for request, page in zip(requests, pages, strict=True)
            if page.has_next
        ]
