"""Finds the paths by which one artifact was built from another."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise

from graph.loading.lineage_edges import Edge
from graph.loading.loaders import Loaders
from graph.loading.path_graph import PathGraph, read_path_graph
from graph.loading.resolved_references import load_all_references, load_details
from graph.loading.shortest_paths import Path, find_shortest_paths
from storage.artifacts.records import PartialArtifact
from storage.errors import UndecodableError

_SEARCHES = ThreadPoolExecutor(1, thread_name_prefix="paths")
"""Searches take up to a tenth of a second, in which the event loop has other things to do."""
MAX_WORK = 200_000
"""The most links that the search looks at, links that it looks at again included."""


@dataclass(frozen=True, slots=True)
class LineagePath:
    """Artifacts, of which each was built from the one before it, and the links between them."""

    artifacts: tuple[PartialArtifact, ...]
    edges: tuple[Edge, ...]


@dataclass(frozen=True, slots=True)
class LineagePaths:
    """The shortest paths, and whether there are no others."""

    paths: tuple[LineagePath, ...]
    is_complete: bool


async def find_lineage_paths(
    loaders: Loaders,
    ends: tuple[PartialArtifact, PartialArtifact],
    max_length: int,
    first: int,
) -> LineagePaths:
    """Return the `first` paths from one artifact down to another, the shortest first.

    Equally long ones are in the order of their artifacts' ids. From an artifact to itself there
    is one path, without links.
    """
    start, end = ends
    if start.id == end.id:
        return LineagePaths((LineagePath((start,), ()),), is_complete=True)
    graph = await read_path_graph(loaders, start, end, max_length)
    ids = start.id, end.id
    found = await asyncio.get_running_loop().run_in_executor(
        _SEARCHES,
        lambda: find_shortest_paths(graph.successors, ids, max_length, first, MAX_WORK),
    )
    paths = await _load_paths(loaders, graph, found.paths)
    is_complete = graph.is_complete and found.is_complete and len(paths) == len(found.paths)
    return LineagePaths(tuple(paths), is_complete)


async def _load_paths(
    loaders: Loaders, graph: PathGraph, paths: Sequence[Path]
) -> list[LineagePath]:
    """Return the paths with their links, without those that are gone or unreadable by now."""
    on_paths = [graph.artifacts[id_] for id_ in {i: None for path in paths for i in path}]
    artifacts = {
        each.id: each
        async for part in load_details(loaders, on_paths, len(on_paths))
        for each in part
        if not isinstance(each, UndecodableError)
    }
    links = await load_all_references(loaders, artifacts.values())
    edges: dict[tuple[str, str], Edge] = {}
    for link in links:
        if upstream := link.upstream:
            ids = upstream.id, link.model.id
            edges.setdefault(ids, Edge(*ids, link.reference.kind, link.reference.role))
    return [
        LineagePath(
            tuple(artifacts[id_] for id_ in path),
            tuple(edges[ids] for ids in pairwise(path)),
        )
        for path in paths
        if all(id_ in artifacts for id_ in path) and all(ids in edges for ids in pairwise(path))
    ]
