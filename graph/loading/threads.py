"""Runs the store's blocking calls on threads of their own, off the event loop."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import ParamSpec, TypeVar

from storage.usage import StoreUsage, count_artifacts, current_usage

_P = ParamSpec("_P")
_T = TypeVar("_T")


class StoreThreads:
    """A bounded pool of threads; what does not fit waits."""

    def __init__(self, count: int) -> None:
        self._pool = ThreadPoolExecutor(count, thread_name_prefix="store")

    async def run(
        self, function: Callable[_P, _T], /, *args: _P.args, **kwargs: _P.kwargs
    ) -> _T:
        """Call the function on a thread, within the caller's context variables.

        What it asks of the store is counted as begun after what the loop has waited for.
        """
        context, part = copy_context(), StoreUsage()
        context.run(current_usage.set, part)
        meter = current_usage.get(None) or StoreUsage()
        after = meter.round_trips
        try:
            answer = await asyncio.get_running_loop().run_in_executor(
                self._pool, lambda: context.run(function, *args, **kwargs)
            )
            part.items_returned = count_artifacts(answer)
            return answer
        finally:
            meter.add(part, after=after)

    def close(self) -> None:
        """Let what runs end and take no more."""
        self._pool.shutdown()
