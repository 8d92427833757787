"""What resolvers read through: each loader turns many keys into one call of the store."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from strawberry.dataloader import DataLoader

from graph.threads import Threads
from storage.page import Page
from storage.records import Artifact, Target
from storage.store import ModelsOf, Store

_K = TypeVar("_K")
_T = TypeVar("_T")


class Loader(DataLoader[_K, _T]):
    """A DataLoader whose answers survive a cancelled caller.

    When a non-null field fails, graphql-core cancels its siblings; unshielded, that would
    cancel the answer for everybody else who waits for it.
    """

    def load(self, key: _K) -> Awaitable[_T]:
        """The answer for one key, asked together with the keys of everybody else."""
        return asyncio.shield(super().load(key))

    def load_many(self, keys: Iterable[_K]) -> Awaitable[list[_T]]:
        """The answers for several keys, in their order."""
        return asyncio.gather(*map(self.load, keys))


@dataclass(frozen=True, slots=True)
class Loaders:
    """The loaders of one request; what they have read is never read again."""

    artifact_by_id: Loader[str, Artifact | None]
    artifact_by_target: Loader[Target, Artifact | None]
    models_page_by_request: Loader[ModelsOf, Page]
    models_count_by_artifact: Loader[Artifact, int | None]


def loaders(store: Store, threads: Threads) -> Loaders:
    """Loaders that have read nothing yet."""

    def get(ids: list[str]) -> Sequence[Artifact | None]:
        found = store.get(ids)
        return [found.get(id_) for id_ in ids]

    def resolve(targets: list[Target]) -> Sequence[Artifact | None]:
        found = store.resolve(targets)
        return [found.get(target) for target in targets]

    return Loaders(
        _loader(threads, get),
        _loader(threads, resolve),
        _loader(threads, store.models_of, lambda r: (r.artifact.id, r.first, r.after)),
        _loader(threads, store.count_models_of, lambda artifact: artifact.id),
    )


def _loader(
    threads: Threads,
    read: Callable[[list[_K]], Sequence[_T]],
    key: Callable[[_K], Hashable] | None = None,
) -> Loader[_K, _T]:
    async def load(keys: list[_K]) -> Sequence[_T]:
        return await threads.run(read, keys)

    return Loader(load, cache_key_fn=key)
