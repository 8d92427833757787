"""Stops work whose client has closed the connection, so that nobody waits for its result."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from starlette.requests import ClientDisconnect, Request

_T = TypeVar("_T")


async def run_until_disconnect(
    request: Request, work: Coroutine[Any, Any, _T], may_cancel: Callable[[], bool]
) -> _T:
    """Return the result of work for a request whose body was read.

    Work that must not be cancelled when the client disconnects is done to its end.

    Raises:
        ClientDisconnect: The client disconnected, and the work was cancelled.
    """
    task = asyncio.create_task(work)
    watcher = asyncio.create_task(_wait_for_disconnect(request))
    try:
        await asyncio.wait((task, watcher), return_when=asyncio.FIRST_COMPLETED)
        if task.done() or not may_cancel():
            return await task
        await _cancel(task)
        raise ClientDisconnect
    except asyncio.CancelledError:
        await _cancel(task)
        raise
    finally:
        watcher.cancel()


async def _wait_for_disconnect(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


async def _cancel(task: asyncio.Task[Any]) -> None:
    """Cancel a task, and wait until it has ended."""
    task.cancel()
    await asyncio.wait((task,))
