"""The queries for changes, and for what a deletion would change."""

from typing import Annotated

import strawberry

from graph.context import Info
from graph.loading.batch_loader import as_field_value
from graph.schema.resolvers.changes import MAX_FEED_PAGE, read_feed, read_recent_changes
from graph.schema.resolvers.lookups import find_by_id
from graph.schema.types.changes import ChangeConnection, ChangeFeed
from graph.schema.types.deletion_impact import DeletionImpact
from graph.schema.types.filters import ChangeFilter
from graph.schema.types.pages import AfterArgument, FirstArgument
from graph.schema.types.strawberry_fields import field

IdArgument = Annotated[
    strawberry.ID, strawberry.argument(name="id", description="The ID of the artifact.")
]
ChangeFilterArgument = Annotated[
    ChangeFilter | None,
    strawberry.argument(
        name="filter",
        description="The conditions that the changes must meet. No conditions by default.",
    ),
]
FeedCursorArgument = Annotated[
    str | None,
    strawberry.argument(
        description="A `cursor` of the feed or a `changeCursor`: only changes after it are "
        "returned. By default, the feed begins with the oldest change that the registry keeps."
    ),
]
FeedFirstArgument = Annotated[
    int | None,
    strawberry.argument(
        description=f"The maximum number of changes to return, from 1 to {MAX_FEED_PAGE:,}. "
        "100 by default."
    ),
]


@strawberry.type
class ChangeQueries:
    """The queries for changes."""

    @field(
        "The feed of all changes, for clients that follow the registry. To keep a copy, take "
        "`changeCursor`, then read all artifacts, then follow the changes after that cursor. A "
        "filtered page looks at up to 1,000 changes and may be empty although there are more."
    )
    async def changes(
        self,
        info: Info,
        after: FeedCursorArgument = strawberry.UNSET,
        first: FeedFirstArgument = 100,
        filter_: ChangeFilterArgument = strawberry.UNSET,
    ) -> ChangeFeed | None:
        """Return a page of the feed."""
        return await read_feed(info.context, after, first, filter_)

    @field("The cursor of the feed after the newest change.")
    async def change_cursor(self, info: Info) -> str | None:
        """Return where the feed is now."""
        return await info.context.read(info.context.store.feed_cursor)

    @field(
        "The changes of all artifacts, the newest first. A filtered page looks at up to 1,000 "
        "changes and may be empty although there are more."
    )
    async def recent_changes(
        self,
        info: Info,
        first: FirstArgument = 20,
        after: AfterArgument = strawberry.UNSET,
        filter_: ChangeFilterArgument = strawberry.UNSET,
    ) -> ChangeConnection | None:
        """Return a page of the newest changes."""
        return await read_recent_changes(info.context, first, after, filter_)

    @field(
        "What deleting the artifact with this ID would change, or null if there is no such "
        "artifact."
    )
    def deletion_impact(self, info: Info, id_: IdArgument) -> DeletionImpact | None:
        """Return what the deletion of an artifact would change."""
        artifact = find_by_id(info.context, id_)
        if artifact is None:
            return None
        return as_field_value(
            artifact.map(lambda found: DeletionImpact(artifact=found) if found else None)
        )
