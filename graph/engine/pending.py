"""Values that an execution waits for: batches of loaders, and awaitables, which are tasks."""

import asyncio
from collections.abc import AsyncIterable, Awaitable, Callable
from typing import Any

from graph.engine.budget import Meter
from graph.engine.deferred import Deferred, read
from graph.engine.objects import Places


class Pending:
    """The places whose values are not there yet, by the future that each waits for."""

    def __init__(self, meter: Meter) -> None:
        self._meter = meter
        self._places: dict[asyncio.Future[Any], list[tuple[Places, list[int]]]] = {}
        self._done: list[asyncio.Future[Any]] = []
        self._wakeup: asyncio.Future[None] | None = None
        self._tasks: set[asyncio.Future[Any]] = set()
        self._kept_tasks: set[asyncio.Future[Any]] = set()

    def __bool__(self) -> bool:
        return bool(self._places)

    def add(self, places: Places, indexes: list[int], future: asyncio.Future[Any]) -> None:
        """Wait for a future, which some values of the places, all deferred or tasks, need."""
        if future in self._places:
            self._places[future].append((places, indexes))
        else:
            self._places[future] = [(places, indexes)]
            future.add_done_callback(self._note_done)

    def add_batch(self, places: Places, batch: Deferred[list[Any]]) -> None:
        """Wait for the deferred values of all places."""
        places.values = batch
        self.add(places, list(range(len(places.rows))), batch.batch)

    def start(
        self, places: Places, index: int, awaitable: Awaitable[Any], *, keep: bool = False
    ) -> None:
        """Start an awaitable at once, and wait for it; it is never cancelled if `keep`."""
        future = asyncio.ensure_future(awaitable)
        if future is not awaitable:
            (self._kept_tasks if keep else self._tasks).add(future)
        places.values[index] = future
        self.add(places, [index], future)

    async def wait(self) -> None:
        """Wait until something is done; at the deadline, nothing may be done."""
        if not self._done:
            self._wakeup = asyncio.get_running_loop().create_future()
            await self._meter.wait(self._wakeup)

    def take_done(self) -> list[Places]:
        """Return the places whose values are there now, those of a field together."""
        done, self._done = self._done, []
        batches: list[Places] = []
        taken: dict[Places, list[int]] = {}
        for future in done:
            for places, indexes in self._places.pop(future, ()):
                if isinstance(places.values, Deferred):
                    batches += self._take_batch(places, indexes, places.values)
                elif places in taken:
                    taken[places] += indexes
                else:
                    taken[places] = indexes
        return batches + [
            places.take(indexes, _read_all(places, indexes))
            for places, indexes in taken.items()
        ]

    def _take_batch(
        self, places: Places, indexes: list[int], batch: Deferred[list[Any]]
    ) -> list[Places]:
        """Return places with the values of a batch; none if it needs another batch first."""
        found = read(batch)
        if isinstance(found, Deferred):
            places.values = found
            self.add(places, indexes, found.batch)
            return []
        if isinstance(found, Exception):
            found = [found] * len(places.rows)
        return [places.take(indexes, [found[index] for index in indexes])]

    def drop(self, is_unneeded: Callable[[Places, int], bool]) -> list[tuple[Places, int]]:
        """Stop waiting for some values, and cancel their tasks; return their places."""
        dropped = []
        for future, waiting in list(self._places.items()):
            for places, indexes in waiting:
                unneeded = {index for index in indexes if is_unneeded(places, index)}
                dropped += [(places, index) for index in unneeded]
                indexes[:] = [index for index in indexes if index not in unneeded]
            if not any(indexes for _, indexes in waiting):
                del self._places[future]
                if future in self._tasks:
                    future.cancel()
        return dropped

    async def close(self) -> None:
        """Cancel the tasks that are left, except those to be kept, and wait for all of them."""
        for task in self._tasks:
            task.cancel()
        if tasks := [task for task in self._tasks | self._kept_tasks if not task.done()]:
            await asyncio.wait(tasks)

    def _note_done(self, future: asyncio.Future[Any]) -> None:
        if not future.cancelled():
            future.exception()  # asyncio logs errors that nobody retrieves
        self._done.append(future)
        if self._wakeup and not self._wakeup.done():
            self._wakeup.set_result(None)


def _read_all(places: Places, indexes: list[int]) -> list[Any]:
    """Return the results of values, or their errors."""
    values: Any = places.values
    results = []
    for index in indexes:
        value = values[index]
        try:
            results.append(value.outcome() if isinstance(value, Deferred) else value.result())
        except Exception as error:  # noqa: BLE001 - the error of a field
            results.append(error)
    return results


async def collect(values: AsyncIterable[Any]) -> list[Any]:
    """Return the items of an async iterable."""
    return [value async for value in values]
