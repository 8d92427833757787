"""What every resolver of a request shares."""

import asyncio
from collections.abc import Callable
from typing import ParamSpec, TypeVar

import strawberry

from graph.engine.selections import Selections
from graph.loading.loaders import loaders
from graph.loading.threads import StoreThreads
from storage.artifacts.projection import FULL_PROJECTION, Projection
from storage.artifacts.records import PartialArtifact
from storage.store import Store

_P = ParamSpec("_P")
_T = TypeVar("_T")


class Context:
    """The store of a request, and the loaders through which it is read."""

    def __init__(self, store: Store, threads: StoreThreads) -> None:
        self.store = store
        self.projection: Projection[PartialArtifact] = FULL_PROJECTION
        self._threads = threads
        self.loaders = loaders(store, threads, FULL_PROJECTION)
        self.deadline: asyncio.Timeout | None = None
        self.selections: dict[int, Selections] | None = None

    def read_only(self, projection: Projection[PartialArtifact]) -> None:
        """Read these details of artifacts from now on, and no others."""
        self.projection = projection
        self.loaders = loaders(self.store, self._threads, projection)

    def take_time(self) -> None:
        """Let the request take as long as it needs: what it does cannot be done in less."""
        if self.deadline:
            self.deadline.reschedule(None)

    async def read(
        self, function: Callable[_P, _T], /, *args: _P.args, **kwargs: _P.kwargs
    ) -> _T:
        """Call a method of the store that no loader serves."""
        return await self._threads.run(function, *args, **kwargs)

    async def write(
        self, function: Callable[_P, _T], /, *args: _P.args, **kwargs: _P.kwargs
    ) -> _T:
        """Change the store; what this request reads from then on is read anew."""
        try:
            return await self._threads.run(function, *args, **kwargs)
        finally:
            self.loaders = loaders(self.store, self._threads, self.projection)


Info = strawberry.Info[Context, None]
"""What resolvers are given."""
