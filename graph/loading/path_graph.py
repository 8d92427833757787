"""Reads the part of the lineage that lies between two artifacts, one batch per level."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from graph.loading.batch_loader import require_value
from graph.loading.loaders import Loaders
from graph.loading.resolved_references import (
    ALL_KINDS,
    list_references,
    load_all_references,
    load_details,
)
from storage.artifacts.records import ArtifactType, PartialArtifact
from storage.errors import UndecodableError
from storage.reverse_links import ReverseLinkQuery

MAX_LINKS = 10_000
"""The most references that are resolved, and the most models that are read downstream."""
_FIRST_MODELS = 100
"""The models of a wide level whose references are read first."""
_MAX_PAGE_SIZE = 1_000
"""The most models of one artifact that are read."""


@dataclass(slots=True)
class PathGraph:
    """Artifacts and the links between them, by id, from upstream to downstream."""

    artifacts: dict[str, PartialArtifact] = field(default_factory=dict)
    successors: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    is_complete: bool = True
    """True if all paths that were asked for are in it."""


async def read_path_graph(
    loaders: Loaders, start: PartialArtifact, end: PartialArtifact, max_length: int
) -> PathGraph:
    """Return a graph with the paths of at most `max_length` links from `start` to `end`.

    It is read upstream from `end`, because what a model refers to is known exactly and is
    little. Only where that is too much, the rest is read downstream from `start`: what is
    upstream within some levels and downstream within the others has all paths.
    """
    graph = PathGraph({start.id: start, end.id: end})
    levels_left = await _read_upstream(loaders, graph, start, end, max_length)
    if levels_left:
        await _read_downstream(loaders, graph, start, end, levels_left)
    return graph


async def _read_upstream(
    loaders: Loaders,
    graph: PathGraph,
    start: PartialArtifact,
    end: PartialArtifact,
    max_length: int,
) -> int:
    """Add what is upstream of `end`; return the number of levels that were too much."""
    level, links_left = [end], MAX_LINKS
    for levels_left in range(max_length, 0, -1):
        level = [artifact for artifact in level if artifact.id != start.id]
        models = await _load_models(loaders, graph, level, links_left)
        links_left -= sum(len(list_references(model, ALL_KINDS)) for model in models)
        if links_left < 0:
            return levels_left
        links = await load_all_references(loaders, models)
        graph.is_complete &= not any(link.is_unreadable for link in links)
        found = [(link.model, upstream) for link in links if (upstream := link.upstream)]
        for model, upstream in found:
            graph.successors[upstream.id].add(model.id)
        level = _add_new(graph, (upstream for _, upstream in found))
        if not level:
            break
    return 0


async def _load_models(
    loaders: Loaders, graph: PathGraph, level: Sequence[PartialArtifact], max_links: int
) -> list[PartialArtifact]:
    """Return the models of a level with their references, until these are too many."""
    models: list[PartialArtifact] = []
    found = [artifact for artifact in level if artifact.type is ArtifactType.MODEL]
    async for part in load_details(loaders, found, _FIRST_MODELS):
        readable = [each for each in part if not isinstance(each, UndecodableError)]
        graph.is_complete &= len(readable) == len(part)
        models += readable
        if sum(len(list_references(model, ALL_KINDS)) for model in models) > max_links:
            break
    return models


async def _read_downstream(
    loaders: Loaders,
    graph: PathGraph,
    start: PartialArtifact,
    end: PartialArtifact,
    max_length: int,
) -> None:
    """Add what is downstream of `start`."""
    level, seen, links_left = [start], {start.id}, MAX_LINKS
    for _ in range(max_length):
        level = [artifact for artifact in level if artifact.id != end.id]
        if not level or links_left < len(level):
            graph.is_complete &= not level
            break
        models = await _read_models(loaders, graph, level, links_left // len(level))
        links_left -= len(models)
        level = list({model.id: model for model in models if model.id not in seen}.values())
        seen.update(model.id for model in level)
        _add_new(graph, level)


async def _read_models(
    loaders: Loaders, graph: PathGraph, level: Sequence[PartialArtifact], limit: int
) -> list[PartialArtifact]:
    """Add the links to the models of each artifact, at most `limit`; return the models."""
    queries = [ReverseLinkQuery(artifact, min(limit, _MAX_PAGE_SIZE)) for artifact in level]
    models: list[PartialArtifact] = []
    for query, loaded in zip(
        queries, await loaders.core_models_page_by_query.load_many(queries), strict=True
    ):
        page = require_value(loaded)
        graph.is_complete &= not page.has_next and not page.has_unreadable
        found = [entry.artifact for entry in page.entries]
        graph.successors[query.artifact.id].update(model.id for model in found)
        models += found
    return models


def _add_new(graph: PathGraph, artifacts: Iterable[PartialArtifact]) -> list[PartialArtifact]:
    """Add artifacts to a graph, and return those that it did not have."""
    new = {a.id: a for a in artifacts if a.id not in graph.artifacts}
    graph.artifacts |= new
    return list(new.values())
