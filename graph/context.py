"""The context of a request, which its resolvers share."""

import asyncio
from collections.abc import Callable
from typing import ParamSpec, TypeVar

import strawberry

from graph.engine.selections import Selections
from graph.loading.loaders import create_loaders
from graph.loading.threads import StoreThreads
from storage.artifacts.changes import ANONYMOUS
from storage.artifacts.projection import FULL_PROJECTION, Projection
from storage.artifacts.records import PartialArtifact
from storage.store import Store

_P = ParamSpec("_P")
_T = TypeVar("_T")


class Context:
    """The store of a request, its loaders, its deadline, and who made it."""

    def __init__(self, store: Store, threads: StoreThreads) -> None:
        self.store = store
        self.projection: Projection[PartialArtifact] = FULL_PROJECTION
        self.attribution = ANONYMOUS
        """Who made the request, and its id: each write is stored with them."""
        self._threads = threads
        self.loaders = create_loaders(store, threads, FULL_PROJECTION)
        self.deadline: asyncio.Timeout | None = None
        self.selections: dict[int, Selections] | None = None
        """Cached selections, by the id of their operation; None if they must not be cached."""

    def set_projection(self, projection: Projection[PartialArtifact]) -> None:
        """Read only these optional attributes of artifacts from now on."""
        self.projection = projection
        self.loaders = create_loaders(self.store, self._threads, projection)

    def remove_deadline(self) -> None:
        """Let the request take as long as it needs, as a reset of the registry does."""
        if self.deadline:
            self.deadline.reschedule(None)

    async def read(
        self, function: Callable[_P, _T], /, *args: _P.args, **kwargs: _P.kwargs
    ) -> _T:
        """Call a read method of the store for which there is no loader."""
        return await self._threads.run(function, *args, **kwargs)

    async def write(
        self, function: Callable[_P, _T], /, *args: _P.args, **kwargs: _P.kwargs
    ) -> _T:
        """Call a write method of the store, and drop what the loaders have read."""
        try:
            return await self._threads.run(function, *args, **kwargs)
        finally:
            self.loaders = create_loaders(self.store, self._threads, self.projection)


Info = strawberry.Info[Context, None]
"""The info argument of resolvers."""
