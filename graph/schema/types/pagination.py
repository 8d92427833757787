"""Relay connections of artifacts."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, Generic, TypeVar, cast

import strawberry

from graph.context import Context
from graph.schema.types.artifact import artifact_from_record
from graph.schema.types.pages import PageInfo, check_first, decode_cursor, encode_cursor
from graph.schema.types.strawberry_fields import field
from storage.artifacts import records
from storage.search.paging import Page
from storage.store import ReverseLinkQuery

if TYPE_CHECKING:
    from graph.schema.types.model import Model

T = TypeVar("T")


@strawberry.type(description="An artifact in a connection.")
class Edge(Generic[T]):
    """An artifact with its cursor."""

    cursor: str = strawberry.field(
        description="The cursor of the artifact, to pass as `after`."
    )
    node: T = strawberry.field(description="The artifact.")


@strawberry.type(description="A page of a list of artifacts.")
class Connection(Generic[T]):
    """A page; fields that are not selected are not computed."""

    page: strawberry.Private[Page[records.PartialArtifact]]
    scope: strawberry.Private[str]
    after: strawberry.Private[str | None]
    count: strawberry.Private[Callable[[], Awaitable[int | None]]]

    @field("The artifacts of the page with their cursors.")
    def edges(self) -> list[Edge[T]]:
        """Return the artifacts of the page with their cursors."""
        nodes = self._nodes()
        return [
            Edge(cursor=encode_cursor(self.scope, entry.position), node=node)
            for entry, node in zip(self.page.entries, nodes, strict=True)
        ]

    @field("The artifacts of the page.")
    def nodes(self) -> list[T]:
        """Return the artifacts of the page."""
        return self._nodes()

    @field("Information to aid in pagination.")
    def page_info(self) -> PageInfo:
        """Return where the page begins and ends."""
        entries, end = self.page.entries, self.page.end
        return PageInfo(
            has_next_page=self.page.has_next,
            has_previous_page=self.after is not None,
            start_cursor=encode_cursor(self.scope, entries[0].position) if entries else None,
            end_cursor=None if end is None else encode_cursor(self.scope, end),
        )

    @field(
        "The exact number of artifacts on all pages together. Null if counting them would read "
        "more than 10,000 index items."
    )
    async def total_count(self) -> int | None:
        """Count the artifacts on all pages."""
        return await self.count()

    def _nodes(self) -> list[T]:
        # The listing of a type contains only artifacts of that type.
        nodes = [artifact_from_record(entry.artifact) for entry in self.page.entries]
        return cast("list[T]", nodes)


@strawberry.type(
    description="A page of the models with a reference that resolves to an artifact."
)
class DependentModelConnection(
    Connection[Annotated["Model", strawberry.lazy("graph.schema.types.model")]]
):
    """A page of the models that refer to an artifact."""


async def read_reverse_links(
    context: Context, artifact: records.PartialArtifact, first: int | None, after: str | None
) -> DependentModelConnection:
    """Read a page of the models with a reference that resolves to an artifact.

    Raises:
        RequestError: `first` is out of range, or `after` is not a cursor of this list.
    """
    scope = f"models of {artifact.id}"
    loaders = context.loaders
    request = ReverseLinkQuery(artifact, check_first(first), decode_cursor(scope, after))
    return DependentModelConnection(
        page=await loaders.models_page_by_query.load(request),
        scope=scope,
        after=request.after,
        count=lambda: loaders.models_count_by_artifact.load(artifact),
    )
