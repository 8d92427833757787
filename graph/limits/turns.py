"""Turns on the event loop: requests that take long let others, and health checks, go first."""

import asyncio
import time

_TURN_SECONDS = 0.02


class Turns:
    """The turns of a server's requests, which end together when one iteration takes long.

    If each request had a turn of its own, a hundred of them could hold the event loop for two
    seconds, one after the other in one iteration. So they share it, and those that wait for
    another one get it one by one, in the order in which they asked.
    """

    def __init__(self) -> None:
        self._queue = asyncio.Lock()
        self._started: float | None = None

    def is_over(self) -> bool:
        """Return whether requests have held the event loop for long; start to measure it."""
        now = time.monotonic()
        if self._started is None:
            self._started = now
            asyncio.get_running_loop().call_soon(self._end)
        return now - self._started > _TURN_SECONDS

    async def wait_for_next(self) -> None:
        """Let the event loop do everything else that it has to do."""
        async with self._queue:
            await asyncio.sleep(0)
        self.is_over()  # the next turn begins now

    def _end(self) -> None:
        self._started = None
