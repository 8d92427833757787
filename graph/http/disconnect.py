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
    watcher = _Watcher(request, may_cancel)
    watching = asyncio.create_task(watcher.watch())
    try:
        result = await work
        if watcher.has_cancelled:
            await asyncio.sleep(0)  # the cancellation comes here if the work was done before it
    except asyncio.CancelledError:
        if not watcher.has_cancelled:
            raise
        watcher.task.uncancel()
        raise ClientDisconnect from None
    finally:
        watching.cancel()
    return result


class _Watcher:
    """Cancels the task that creates it when the client disconnects, if that is allowed."""

    def __init__(self, request: Request, may_cancel: Callable[[], bool]) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - requests are handled in tasks
        self.task = task
        self.has_cancelled = False
        self._request = request
        self._may_cancel = may_cancel

    async def watch(self) -> None:
        while (await self._request.receive())["type"] != "http.disconnect":
            pass
        if self._may_cancel():
            self.has_cancelled = True
            self.task.cancel()
