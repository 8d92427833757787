"""Runs the store's blocking calls on a pool of threads, off the event loop."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import ParamSpec, Self, TypeVar

from storage.usage import StoreUsage, count_artifacts, current_usage

_P = ParamSpec("_P")
_T = TypeVar("_T")


_SEARCH_SHARE = 4
"""Searches use processors rather than wait, and a machine has few of these."""


class StoreThreads:
    """A pool of `count` threads for calls of the store; further calls wait in a queue."""

    def __init__(self, count: int, searches: "StoreThreads | None" = None) -> None:
        self._pool = ThreadPoolExecutor(count, thread_name_prefix="store")
        self.searches = searches or self
        """The threads for searches that look at everything."""

    @classmethod
    def with_searches(cls, count: int) -> Self:
        """Create a pool, and a smaller one for searches, so that nothing waits for them."""
        return cls(count, cls(max(1, count // _SEARCH_SHARE)))

    async def run(
        self, function: Callable[_P, _T], /, *args: _P.args, **kwargs: _P.kwargs
    ) -> _T:
        """Call a function on a thread, with a copy of the caller's context variables.

        The call's use of the store is added to the current usage. Its round trips count from
        the number that there was when it began: calls that run concurrently share them.
        """
        context, call_usage = copy_context(), StoreUsage()
        context.run(current_usage.set, call_usage)
        usage = current_usage.get(None) or StoreUsage()
        earlier_round_trips = usage.round_trips
        try:
            result = await asyncio.get_running_loop().run_in_executor(
                self._pool, lambda: context.run(function, *args, **kwargs)
            )
            call_usage.items_returned = count_artifacts(result)
            return result
        finally:
            usage.add(call_usage, after=earlier_round_trips)

    def close(self) -> None:
        """Stop accepting calls, and wait for the running ones to end."""
        self._pool.shutdown()
        if self.searches is not self:
            self.searches.close()
