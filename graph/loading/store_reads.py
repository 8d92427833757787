"""Reads the store for one request, within the request's budget."""

from collections.abc import Callable, Sequence
from typing import ParamSpec, TypeVar

from graph.engine.budget import Budget
from graph.loading.read_sizes import measure
from graph.loading.threads import StoreThreads

_P = ParamSpec("_P")
_K = TypeVar("_K")
_T = TypeVar("_T")

_CHUNK = 1_000
"""Keys that are read in one call of the store; the budget is checked between calls."""


class StoreReads:
    """Calls read methods of the store on threads, and counts what they read."""

    def __init__(self, threads: StoreThreads, budget: Budget) -> None:
        self._threads = threads
        self._budget = budget

    async def read(
        self, function: Callable[_P, _T], /, *args: _P.args, **kwargs: _P.kwargs
    ) -> _T:
        """Call a method that reads one thing.

        Raises:
            BudgetError: The request has read too much.
        """
        return await self._count(1, function, *args, **kwargs)

    async def read_many(
        self, function: Callable[[list[_K]], Sequence[_T]], keys: list[_K]
    ) -> Sequence[_T]:
        """Call a method that reads several keys; return the values in their order.

        Raises:
            BudgetError: The request has read too much.
        """
        if len(keys) <= _CHUNK:
            return await self._count(len(keys), function, keys)
        values: list[_T] = []
        for start in range(0, len(keys), _CHUNK):
            chunk = keys[start : start + _CHUNK]
            values += await self._count(len(chunk), function, chunk)
        return values

    async def _count(
        self, keys: int, function: Callable[_P, _T], /, *args: _P.args, **kwargs: _P.kwargs
    ) -> _T:
        self._budget.add_reads(keys)

        def call() -> tuple[_T, tuple[int, int]]:
            result = function(*args, **kwargs)
            return result, measure(result)

        result, measured = await self._threads.run(call)
        self._budget.add_items(*measured)
        return result
