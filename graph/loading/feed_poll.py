"""Polls the feed of changes for all subscribers of this process together."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from storage.change_queries import FeedPage

_KEPT_PAGES = 8
"""Pages for subscribers that are slower than the poll: 8 MB at most."""


@dataclass(frozen=True, slots=True)
class Pace:
    """The times between polls, and between the events of a subscription."""

    poll_seconds: float = 1.0
    """The time after which the changes of other processes are read."""
    least_seconds: float = 0.1
    """The time between two polls when this process writes much."""
    checkpoint_seconds: float = 15.0
    """The time without changes after which a subscriber gets an empty batch."""


class FellBehindError(Exception):
    """The pages that a subscriber has not read yet are no longer kept."""


class FeedPoll:
    """Reads what comes after a cursor, again and again, until it fails or is stopped."""

    def __init__(
        self, read: Callable[[str], Awaitable[FeedPage]], cursor: str, pace: Pace
    ) -> None:
        self.cursor = cursor
        """The end of what was read."""
        self.next_number = 0
        """The number of the page that comes next."""
        self._read = read
        self._pace = pace
        self._pages: deque[FeedPage] = deque(maxlen=_KEPT_PAGES)
        self._failure: Exception | None = None
        self._begun = self._ended = 0
        """The number of reads that have begun, and the last of them that read everything."""
        self._wakeup = asyncio.Event()
        self._news = asyncio.Event()
        self._end = asyncio.Event()

    async def run(self) -> None:
        """Poll until this is cancelled or a read fails, which all subscribers learn."""
        try:
            while True:
                self._wakeup.clear()
                await self._read_all()
                await self._pause()
        except Exception as error:  # noqa: BLE001 - each subscriber raises it
            self._failure = error
            self._news.set()
            self._end.set()

    def wake(self) -> None:
        """Poll soon: there is something new."""
        self._wakeup.set()

    def read_since(self, number: int) -> Sequence[FeedPage]:
        """Return the pages from a number on.

        Raises:
            FellBehindError: They are no longer kept.
            Exception: The poll has failed.
        """
        if self._failure is not None:
            raise self._failure
        count = self.next_number - number
        if count > len(self._pages):
            raise FellBehindError
        return [self._pages[index - count] for index in range(count)]

    async def wait_for_news(self, number: int, until: float) -> None:
        """Wait for the page with a number or a failure, up to a time of the event loop."""
        with suppress(TimeoutError):
            async with asyncio.timeout_at(until):
                while self.next_number == number and self._failure is None:
                    await self._news.wait()

    async def read_everything(self) -> None:
        """Wait until everything has been read by a read that begins from now on."""
        awaited = self._begun + 1
        while self._ended < awaited and self._failure is None:
            self.wake()
            await self._end.wait()
        if self._failure is not None:
            raise self._failure

    async def _read_all(self) -> None:
        has_more = True
        while has_more:
            self._begun += 1
            page = await self._read(self.cursor)
            if page.cursor != self.cursor:
                self._add(page)
            has_more = page.has_more
        self._ended = self._begun
        self._end.set()
        self._end = asyncio.Event()

    def _add(self, page: FeedPage) -> None:
        self.cursor = page.cursor
        self.next_number += 1
        self._pages.append(page)
        self._news.set()
        self._news = asyncio.Event()

    async def _pause(self) -> None:
        await asyncio.sleep(self._pace.least_seconds)
        with suppress(TimeoutError):
            async with asyncio.timeout(self._pace.poll_seconds - self._pace.least_seconds):
                await self._wakeup.wait()
