"""What every resolver of a request shares."""

import asyncio
from collections.abc import Callable
from typing import ParamSpec, TypeVar

import strawberry

from graph.loaders import loaders
from graph.selections import Selections
from graph.threads import Threads
from storage.records import DETAILS, Details
from storage.store import Store

_P = ParamSpec("_P")
_T = TypeVar("_T")


class Context:
    """The store of a request, and the loaders through which it is read."""

    def __init__(self, store: Store, threads: Threads) -> None:
        self.store = store
        self.details = DETAILS
        self._threads = threads
        self.loaders = loaders(store, threads, DETAILS)
        self.deadline: asyncio.Timeout | None = None
        self.selections: dict[int, Selections] | None = None

    def read_only(self, details: Details) -> None:
        """Read these details of artifacts from now on, and no others."""
        self.details = details
        self.loaders = loaders(self.store, self._threads, details)

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
            self.loaders = loaders(self.store, self._threads, self.details)


Info = strawberry.Info[Context, None]
"""What resolvers are given."""
