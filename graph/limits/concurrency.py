"""The limits on concurrent requests and arriving bodies: more are rejected, not queued."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from graph.errors import Code, RequestError

_RETRY_SECONDS = 1


class ConcurrencyLimit:
    """A maximum number of requests that are executed at the same time.

    As many others may wait, for clients that do not try again when they are rejected.
    """

    def __init__(self, max_requests: int) -> None:
        self._max_requests = max_requests
        self._running = self._waiting = 0
        self._freed = asyncio.Event()

    async def wait(self, until: float) -> None:
        """Wait until another request can be executed, up to a time of the event loop.

        Raises:
            RequestError: None can until then, or too many are waiting.
        """
        if self._waiting == self._max_requests:
            raise _too_many_requests()
        self._waiting += 1
        try:
            async with asyncio.timeout_at(until):
                while self._running == self._max_requests:
                    self._freed.clear()
                    await self._freed.wait()
        except TimeoutError:
            raise _too_many_requests() from None
        finally:
            self._waiting -= 1

    @contextmanager
    def count_running(self) -> Iterator[None]:
        """Count a request as running until the block ends.

        Raises:
            RequestError: The maximum number of requests is running.
        """
        if self._running == self._max_requests:
            raise _too_many_requests()
        self._running += 1
        try:
            yield
        finally:
            self._running -= 1
            self._freed.set()


class ArrivingBodies:
    """The bodies that are being received: those of slow clients, too, have limited memory."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._bytes = 0

    @contextmanager
    def count_bytes(self) -> Iterator[Callable[[int], None]]:
        """Yield a function that counts the bytes of a body, until the block ends.

        It raises RequestError if all bodies together have too many.
        """
        own = 0

        def add(count: int) -> None:
            nonlocal own
            if self._bytes + count > self._max_bytes:
                raise _unavailable("Too many bodies arrive at the same time; try again.")
            own += count
            self._bytes += count

        try:
            yield add
        finally:
            self._bytes -= own


def _too_many_requests() -> RequestError:
    return _unavailable("Too many concurrent requests; try again.")


def _unavailable(message: str) -> RequestError:
    return RequestError(Code.UNAVAILABLE, message, {"retry-after": str(_RETRY_SECONDS)})
