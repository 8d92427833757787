"""Follows the feed of changes for subscribers, each at its own cursor, with one poll."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing, contextmanager
from contextvars import Context
from dataclasses import dataclass
from typing import ParamSpec, TypeVar

from graph.loading.feed_poll import FeedPoll, FellBehindError, Pace
from graph.loading.threads import StoreThreads
from storage.artifacts.changes import Change
from storage.change_queries import ALL_CHANGES, ChangeFilter, FeedPage
from storage.deadline import DEFAULT_SECONDS, deadline
from storage.errors import StoreUnavailableError
from storage.store import Store

MAX_BATCH = 100
"""The most changes of a batch."""
_WAIT_SECONDS = 5
"""The time that a call may wait for a thread: silence must mean that there are no changes."""
_P = ParamSpec("_P")
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Batch:
    """Changes for one subscriber, and the cursor after them."""

    changes: tuple[Change, ...]
    cursor: str
    has_more: bool = False
    is_own_read: bool = False
    """True if the store was read for this batch alone, not for all subscribers together."""


class FeedFollower:
    """Follows the feed of one store; it polls only while there are subscribers."""

    def __init__(
        self,
        store: Store,
        threads: StoreThreads,
        store_seconds: float = DEFAULT_SECONDS,
        pace: Pace = Pace(),  # noqa: B008 - it is immutable
    ) -> None:
        self._store = store
        self._threads = threads
        self._store_seconds = store_seconds
        self._pace = pace
        self._poll: FeedPoll | None = None
        self._polling: asyncio.Task[None] | None = None
        self._members = 0

    def wake(self) -> None:
        """Poll soon: this process has written something."""
        if self._poll is not None:
            self._poll.wake()

    async def follow(
        self, after: str | None, filter_: ChangeFilter
    ) -> AsyncGenerator[Batch, None]:
        """Yield the changes after a cursor, or from now on, until the caller closes this.

        Without a cursor, the first batch is empty. So is one after some time without changes.

        Raises:
            InvalidCursorError: `after` is not a cursor of the feed.
            CursorExpiredError: Changes after it are no longer kept.
            StoreUnavailableError: The store does not answer.
        """
        if after is None:
            after = await self._call(self._store.feed_cursor)
            yield Batch((), after, is_own_read=True)
        subscriber = _Subscriber(self, after, filter_)
        while True:
            async with aclosing(subscriber.catch_up()) as batches:
                async for batch in batches:
                    yield batch
            with self.join(subscriber.cursor) as poll:
                async with aclosing(subscriber.follow(poll, self._pace)) as batches:
                    async for batch in batches:
                        yield batch

    @contextmanager
    def join(self, cursor: str) -> Iterator[FeedPoll]:
        """Yield the poll of all subscribers; the first one starts it at its cursor."""
        if self._poll is None or self._polling is None or self._polling.done():
            self._poll = FeedPoll(self._read_for_all, cursor, self._pace)
            # It must not have the deadline and the statistics of the request that starts it.
            self._polling = asyncio.create_task(self._poll.run(), context=Context())
            self._members = 0
        poll, polling = self._poll, self._polling
        self._members += 1
        try:
            yield poll
        finally:
            if poll is self._poll:
                self._members -= 1
                if not self._members:
                    polling.cancel()
                    self._poll = self._polling = None

    async def read(self, cursor: str, filter_: ChangeFilter) -> FeedPage:
        """Read a page for one subscriber."""
        return await self._call(self._store.read_feed, cursor, MAX_BATCH, filter_)

    async def _read_for_all(self, cursor: str) -> FeedPage:
        return await self.read(cursor, ALL_CHANGES)

    async def _call(
        self, function: Callable[_P, _T], /, *args: _P.args, **kwargs: _P.kwargs
    ) -> _T:
        seconds = self._store_seconds + _WAIT_SECONDS
        try:
            with deadline(self._store_seconds):
                async with asyncio.timeout(seconds):
                    return await self._threads.run(function, *args, **kwargs)
        except TimeoutError:
            raise StoreUnavailableError(f"the feed was not read within {seconds:g} s") from None


class _Subscriber:
    """The position of one subscriber in the feed."""

    def __init__(self, follower: FeedFollower, cursor: str, filter_: ChangeFilter) -> None:
        self.cursor = cursor
        self._follower = follower
        self._filter = filter_
        self._number = 0
        """The number of the poll's page that comes next."""
        self._get_time = asyncio.get_running_loop().time
        self._sent_at = self._get_time()

    async def catch_up(self) -> AsyncGenerator[Batch, None]:
        """Yield what the store has after the cursor, in pages of this subscriber's own."""
        has_more = True
        while has_more:
            page = await self._follower.read(self.cursor, self._filter)
            has_more = page.has_more
            self.cursor = page.cursor
            if page.changes or has_more:
                yield self._send(page.changes, has_more=has_more, is_own_read=True)

    async def follow(self, poll: FeedPoll, pace: Pace) -> AsyncGenerator[Batch, None]:
        """Yield what the poll reads, until it keeps what this subscriber needs no longer."""
        try:
            self._number = poll.next_number
            if poll.cursor != self.cursor:
                async with aclosing(self._meet(poll)) as batches:
                    async for batch in batches:
                        yield batch
            while True:
                await poll.wait_for_news(self._number, self._sent_at + pace.checkpoint_seconds)
                for batch in self._take(poll):
                    yield batch
                if self._get_time() >= self._sent_at + pace.checkpoint_seconds:
                    yield self._send(())
        except FellBehindError:
            return

    async def _meet(self, poll: FeedPoll) -> AsyncGenerator[Batch, None]:
        """Bring this subscriber and the poll to the same cursor, if they are not far apart.

        Cursors cannot be compared, so changes are: what this subscriber reads after the poll
        has read everything includes whatever the poll reads afterwards, up to then.
        """
        await poll.read_everything()
        self._number = poll.next_number
        page = await self._follower.read(self.cursor, self._filter)
        self.cursor = page.cursor
        if page.changes or page.has_more:
            yield self._send(page.changes, has_more=page.has_more, is_own_read=True)
        if page.has_more:
            raise FellBehindError
        await poll.read_everything()
        sent = {_identify(change) for change in page.changes}
        pages, cursor = poll.read_since(self._number), poll.cursor
        unsent = [
            change
            for each in pages
            for change in each.changes
            if self._filter.matches(change) and _identify(change) not in sent
        ]
        if len(unsent) > MAX_BATCH:
            raise FellBehindError
        self.cursor = cursor
        self._number += len(pages)
        if unsent:
            yield self._send(tuple(unsent))

    def _take(self, poll: FeedPoll) -> Iterator[Batch]:
        """Yield what the poll has read since the last time."""
        pages = poll.read_since(self._number)
        for left, page in zip(range(len(pages) - 1, -1, -1), pages, strict=True):
            self.cursor = page.cursor
            self._number += 1
            if changes := tuple(filter(self._filter.matches, page.changes)):
                yield self._send(changes, has_more=page.has_more or left > 0)

    def _send(
        self, changes: tuple[Change, ...], *, has_more: bool = False, is_own_read: bool = False
    ) -> Batch:
        self._sent_at = self._get_time()
        return Batch(changes, self.cursor, has_more, is_own_read)


def _identify(change: Change) -> tuple[str, int]:
    return change.artifact_id, change.version
