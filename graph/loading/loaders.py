"""The loaders of a request, through which its resolvers read the store."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import TypeVar

from graph.loading.batch_loader import BatchLoader, Loaded
from graph.loading.store_reads import StoreReads
from graph.loading.turns import Turns
from storage.artifacts.projection import CORE_PROJECTION, Projection
from storage.artifacts.records import PartialArtifact, Target
from storage.change_queries import HistoryPage, HistoryQuery
from storage.reverse_links import ReverseLinkQuery
from storage.search.pages import Page
from storage.store import Store

_K = TypeVar("_K")
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Loaders:
    """The loaders of one request, each of which reads a key at most once."""

    artifact_by_id: BatchLoader[str, PartialArtifact | None]
    artifact_by_target: BatchLoader[Target, PartialArtifact | None]
    original_by_id: BatchLoader[str, PartialArtifact | None]
    """The artifacts to which references resolved when they were written. They nearly always
    resolve to the same now, so they are read only after what references resolve to now."""
    models_page_by_query: BatchLoader[ReverseLinkQuery, Page[PartialArtifact]]
    core_by_target: BatchLoader[Target, PartialArtifact | None]
    """Artifacts without details, for walks: a model may have references of 50 KB."""
    core_models_page_by_query: BatchLoader[ReverseLinkQuery, Page[PartialArtifact]]
    models_count_by_artifact: BatchLoader[PartialArtifact, int | None]
    history_by_query: BatchLoader[HistoryQuery, HistoryPage]
    turns: Turns = field(default_factory=Turns)


def create_loaders(
    store: Store, reads: StoreReads, projection: Projection[PartialArtifact]
) -> Loaders:
    """Create loaders that read the optional artifact attributes of a projection."""
    reader, core_reader = (
        _StoreReader(store, details) for details in (projection, CORE_PROJECTION)
    )
    artifact_by_id = _create_loader(reads, reader.get)

    async def resolve(targets: list[Target]) -> Sequence[Loaded[PartialArtifact | None]]:
        artifacts = await reads.read_many(reader.resolve, targets)
        artifact_by_id.put({a.id: a for a in artifacts if isinstance(a, PartialArtifact)})
        return artifacts

    async def read_originals(ids: list[str]) -> Sequence[Loaded[PartialArtifact | None]]:
        await artifact_by_target.settle()
        return await artifact_by_id.load_many(ids)

    artifact_by_target = BatchLoader(resolve)
    return Loaders(
        artifact_by_id,
        artifact_by_target,
        BatchLoader(read_originals),
        _create_loader(reads, reader.read_reverse_links, _identify_query),
        _create_loader(reads, core_reader.resolve),
        _create_loader(reads, core_reader.read_reverse_links, _identify_query),
        _create_loader(reads, store.count_reverse_links, _identify_artifact),
        _create_loader(reads, store.read_history),
    )


def _create_loader(
    reads: StoreReads,
    read: Callable[[list[_K]], Sequence[Loaded[_T]]],
    identity: Callable[[_K], Hashable] | None = None,
) -> BatchLoader[_K, _T]:
    return BatchLoader(lambda keys: reads.read_many(read, keys), identity)


@dataclass(frozen=True, slots=True)
class _StoreReader:
    """Reads the store and returns the values in the order of the keys."""

    store: Store
    projection: Projection[PartialArtifact]

    def get(self, ids: list[str]) -> Sequence[Loaded[PartialArtifact | None]]:
        artifacts = self.store.get(ids, self.projection)
        return [artifacts.get(id_) for id_ in ids]

    def resolve(self, targets: list[Target]) -> Sequence[Loaded[PartialArtifact | None]]:
        artifacts = self.store.resolve(targets, self.projection)
        return [artifacts.get(target) for target in targets]

    def read_reverse_links(
        self, queries: list[ReverseLinkQuery]
    ) -> Sequence[Page[PartialArtifact]]:
        return self.store.read_reverse_links(queries, self.projection)


_identify_artifact = attrgetter("id")


def _identify_query(query: ReverseLinkQuery) -> Hashable:
    return query.artifact.id, query.first, query.after
