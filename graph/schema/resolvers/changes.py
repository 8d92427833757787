"""Read the feed of changes, and the newest changes."""

from collections.abc import Sequence
from typing import TypeVar

from graph.context import Context
from graph.errors import bad_input
from graph.schema.types.changes import Change, ChangeConnection, ChangeFeed
from graph.schema.types.filters import MAX_IDS, ChangeFilter
from graph.schema.types.pages import PageInfo, check_first
from storage import change_queries

MAX_FEED_PAGE = 1_000
_FEED_PAGE = 100

T = TypeVar("T")


async def read_feed(
    context: Context, after: str | None, first: int | None, filter_: ChangeFilter | None
) -> ChangeFeed:
    """Return a page of the feed.

    Raises:
        RequestError: An argument is not valid.
        InvalidCursorError: `after` is not a cursor of this feed.
        CursorExpiredError: Changes after the cursor are no longer kept.
    """
    size = check_first(first, MAX_FEED_PAGE, default=_FEED_PAGE)
    position = after if isinstance(after, str) else None
    page = await context.read(
        context.store.read_feed, position, size, to_change_filter(filter_)
    )
    return ChangeFeed(
        changes=[Change(record=change) for change in page.changes],
        cursor=page.cursor,
        has_more=page.has_more,
    )


async def read_recent_changes(
    context: Context, first: int | None, after: str | None, filter_: ChangeFilter | None
) -> ChangeConnection:
    """Return a page of the newest changes; raises what `read_feed` raises."""
    size = check_first(first)
    position = after if isinstance(after, str) else None
    page = await context.read(
        context.store.read_recent_changes, position, size, to_change_filter(filter_)
    )
    return ChangeConnection(
        changes=page.changes,
        cursors=page.cursors,
        page_info=PageInfo(
            has_next_page=page.has_more,
            has_previous_page=position is not None,
            start_cursor=page.cursors[0] if page.cursors else None,
            end_cursor=page.cursor if page.cursors or page.has_more else None,
        ),
    )


def to_change_filter(filter_: ChangeFilter | None) -> change_queries.ChangeFilter:
    """Return the conditions of a filter; null and what is left out are none."""
    if not isinstance(filter_, ChangeFilter):
        return change_queries.ALL_CHANGES
    if isinstance(filter_.artifact_ids, list) and len(filter_.artifact_ids) > MAX_IDS:
        raise bad_input(
            f"`filter.artifactIds` must have at most {MAX_IDS} items, not "
            f"{len(filter_.artifact_ids)}."
        )
    return change_queries.ChangeFilter(
        types=_to_set(filter_.types),
        kinds=_to_set(filter_.kinds),
        artifact_ids=_to_set(filter_.artifact_ids),
    )


def _to_set(values: Sequence[T] | None) -> frozenset[T] | None:
    return frozenset(values) if isinstance(values, list) else None
