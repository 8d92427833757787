"""The context of a request, which its resolvers share."""

import asyncio
from collections.abc import Callable
from typing import ParamSpec, TypeVar

import strawberry

from graph.auth.authenticator import Principal
from graph.auth.roles import Role
from graph.engine.budget import Budget, Unlimited
from graph.loading.feed_follower import FeedFollower
from graph.loading.loaders import Loaders, create_loaders
from graph.loading.store_reads import StoreReads
from graph.loading.threads import StoreThreads
from storage.artifacts.changes import ANONYMOUS
from storage.artifacts.projection import FULL_PROJECTION, Projection
from storage.artifacts.records import PartialArtifact
from storage.search.listing import Listing
from storage.store import Store

_P = ParamSpec("_P")
_T = TypeVar("_T")


class Context:
    """The store of a request, its loaders, its deadline, and who made it."""

    def __init__(self, store: Store, threads: StoreThreads, feed: FeedFollower) -> None:
        self.store = store
        self.feed = feed
        """Follows the changes of the store for subscribers."""
        self.resume_after: str | None = None
        """The cursor at which the client resumes a subscription, whatever its arguments say."""
        self.projection: Projection[PartialArtifact] = FULL_PROJECTION
        self.principal = Principal(None, Role.NONE)
        """The sender of the request."""
        self.attribution = ANONYMOUS
        """The sender of the request, and its id: each write is stored with them."""
        self.budget: Budget = Unlimited()
        """The limits of the request while it is executed."""
        self._threads = threads
        self._reads = self._search_reads = StoreReads(threads, self.budget)
        self._loaders: Loaders | None = None
        self.deadline: asyncio.Timeout | None = None

    @property
    def loaders(self) -> Loaders:
        """The loaders, which keep what they have read until the next write."""
        if self._loaders is None:
            self._loaders = create_loaders(self.store, self._reads, self.projection)
        return self._loaders

    def set_budget(self, budget: Budget) -> None:
        """Limit what the request may do from now on."""
        self.budget = budget
        self._reads = StoreReads(self._threads, budget)
        self._search_reads = StoreReads(self._threads.searches, budget)
        self._loaders = None

    def set_projection(self, projection: Projection[PartialArtifact]) -> None:
        """Read only these optional attributes of artifacts from now on."""
        self.projection = projection
        self._loaders = None

    def leave_deadline_to_budget(self) -> None:
        """Let only the budget end the request in time: it never cancels a write."""
        if self.deadline:
            self.deadline.reschedule(None)

    def remove_deadline(self) -> None:
        """Let the request take as long as it needs, as a reset of the registry does."""
        self.leave_deadline_to_budget()
        self.budget.remove_deadline()

    def get_reads(self, listing: Listing) -> StoreReads:
        """Return what reads a listing: on threads of their own, those that take long."""
        return self._search_reads if listing.looks_at_everything else self._reads

    async def read(
        self, function: Callable[_P, _T], /, *args: _P.args, **kwargs: _P.kwargs
    ) -> _T:
        """Call a read method of the store for which there is no loader.

        Raises:
            BudgetError: The request has read too much.
        """
        return await self._reads.read(function, *args, **kwargs)

    async def compute(
        self, function: Callable[_P, _T], /, *args: _P.args, **kwargs: _P.kwargs
    ) -> _T:
        """Call a function that may take long, but uses no store, off the event loop."""
        return await self._threads.run(function, *args, **kwargs)

    async def write(
        self, function: Callable[_P, _T], /, *args: _P.args, **kwargs: _P.kwargs
    ) -> _T:
        """Call a write method of the store, and drop what the loaders have read."""
        try:
            return await self._threads.run(function, *args, **kwargs)
        finally:
            self._loaders = None
            self.feed.wake()


Info = strawberry.Info[Context, None]
"""The info argument of resolvers."""
