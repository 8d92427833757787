"""The subscription to changes."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated

import strawberry

from graph.context import Info
from graph.loading.feed_follower import MAX_BATCH
from graph.schema.change_queries import ChangeFilterArgument
from graph.schema.resolvers.changes import to_change_filter
from graph.schema.types.changes import Change, ChangeFeed

AfterCursorArgument = Annotated[
    str | None,
    strawberry.argument(
        description="A `cursor` of the feed or a `changeCursor`: only changes after it are "
        "sent. By default, only changes that are made from now on."
    ),
]
_DESCRIPTION = (
    "Changes as they are made, in batches of at most "
    f"{MAX_BATCH}. After 15 seconds without changes an empty batch is sent, and if `after` is "
    "left out, also at first: its `cursor` is the one to continue from. Sent as server-sent "
    "events; no lists with pages, lineages or provenances can be selected."
)


@strawberry.type(description="The root type of all subscriptions.")
class Subscription:
    """The root type of all subscriptions."""

    @strawberry.subscription(description=_DESCRIPTION)  # type: ignore[untyped-decorator] # it returns Any
    async def changes(
        self,
        info: Info,
        after: AfterCursorArgument = strawberry.UNSET,
        filter_: ChangeFilterArgument = strawberry.UNSET,
    ) -> AsyncGenerator[ChangeFeed, None]:
        """Yield batches of changes until the subscriber leaves."""
        context = info.context
        position = context.resume_after or (after if isinstance(after, str) else None)
        conditions = to_change_filter(filter_)
        async with aclosing(context.feed.follow(position, conditions)) as batches:
            async for batch in batches:
                yield ChangeFeed(
                    changes=[Change(record=change) for change in batch.changes],
                    cursor=batch.cursor,
                    has_more=batch.has_more,
                    is_own_read=batch.is_own_read,
                )
