"""Connections: pages of artifacts, as Relay wants them."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Generic, TypeVar, cast

import strawberry

from graph.context import Context
from graph.schema.types.artifact import artifact_of
from graph.schema.types.cursors import checked_first, cursor, position
from graph.schema.types.strawberry_fields import described
from storage.artifacts import records
from storage.search.paging import Page
from storage.store import ReverseLinkQuery

T = TypeVar("T")

First = Annotated[int, strawberry.argument(description="How many to return: 1 to 100.")]
After = Annotated[
    str | None,
    strawberry.argument(
        description="Return what comes behind this cursor; one of the same query, such as the "
        "last page's `endCursor`."
    ),
]


@strawberry.type(description="Where a page is in its listing.")
class PageInfo:
    """The edges of a page."""

    has_next_page: bool = strawberry.field(
        description="Whether there is more to read behind `endCursor`. A page of a filtered "
        "listing may hold few artifacts, or none, and still have a next page."
    )
    has_previous_page: bool = strawberry.field(
        description="Whether the page was read with `after`."
    )
    start_cursor: str | None = strawberry.field(
        description="The cursor of the first edge; null where there is none."
    )
    end_cursor: str | None = strawberry.field(
        description="What to pass as `after` for the next page; null on an empty last page."
    )


@strawberry.type(description="One artifact of a page, and its place.")
class Edge(Generic[T]):
    """A place in a listing."""

    cursor: str = strawberry.field(
        description="The artifact's place: pass it as `after` to read what comes behind it."
    )
    node: T = strawberry.field(description="The artifact.")


@strawberry.type(description="A page of a listing.")
class Connection(Generic[T]):
    """A page; what is not asked for is not computed."""

    page: strawberry.Private[Page[records.PartialArtifact]]
    scope: strawberry.Private[str]
    after: strawberry.Private[str | None]
    count: strawberry.Private[Callable[[], Awaitable[int | None]]]

    @described("The artifacts of the page, each with its cursor.")
    def edges(self) -> list[Edge[T]]:
        """The page's entries."""
        nodes = self.nodes_of_page()
        return [
            Edge(cursor=cursor(self.scope, entry.position), node=node)
            for entry, node in zip(self.page.entries, nodes, strict=True)
        ]

    @described("The artifacts of the page, without their cursors.")
    def nodes(self) -> list[T]:
        """The page's artifacts."""
        return self.nodes_of_page()

    @described("Where the page is in its listing.")
    def page_info(self) -> PageInfo:
        """Where the page begins and ends."""
        entries, end = self.page.entries, self.page.end
        return PageInfo(
            has_next_page=self.page.has_next,
            has_previous_page=self.after is not None,
            start_cursor=cursor(self.scope, entries[0].position) if entries else None,
            end_cursor=None if end is None else cursor(self.scope, end),
        )

    @described(
        "How many artifacts the whole listing has: exact, or null where counting "
        "would read too much. Never a guess."
    )
    async def total_count(self) -> int | None:
        """The size of the listing, counted only when asked for."""
        return await self.count()

    def nodes_of_page(self) -> list[T]:
        """The objects of the page: a listing of a type holds nothing but that type."""
        return cast("list[T]", [artifact_of(entry.artifact) for entry in self.page.entries])


async def read_reverse_links(
    context: Context, artifact: records.PartialArtifact, first: int, after: str | None
) -> Connection[T]:
    """A page of the models of which a reference resolves to the artifact."""
    scope = f"models of {artifact.id}"
    loaders = context.loaders
    request = ReverseLinkQuery(artifact, checked_first(first), position(scope, after))
    return Connection(
        page=await loaders.models_page_by_request.load(request),
        scope=scope,
        after=request.after,
        count=lambda: loaders.models_count_by_artifact.load(artifact),
    )
