"""Relay connections of artifacts, and of the models that refer to an artifact."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Generic, TypeVar, cast

import strawberry

from graph.context import Context
from graph.engine.deferred import Deferred
from graph.loading.batch_loader import as_field_value
from graph.schema.types.artifact import artifact_from_record
from graph.schema.types.pages import PageInfo, check_first, decode_cursor, encode_cursor
from graph.schema.types.strawberry_fields import field
from storage.artifacts import records
from storage.reverse_links import ReverseLinkQuery
from storage.search.pages import Page

if TYPE_CHECKING:
    from graph.schema.types.model import Model

T = TypeVar("T")


@strawberry.type(description="An artifact in a connection.")
class Edge(Generic[T]):
    """An artifact with its cursor."""

    cursor: str = strawberry.field(
        description="The cursor of the artifact, to pass as `after` or `before`."
    )
    node: T = strawberry.field(description="The artifact.")


@strawberry.type(description="A page of artifacts.")
class PageOfArtifacts(Generic[T]):
    """The common part of all connections of artifacts."""

    page: strawberry.Private[Page[records.PartialArtifact]]
    scope: strawberry.Private[str]

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
        page = self.page
        return PageInfo(
            has_next_page=page.has_next,
            has_previous_page=page.has_previous,
            start_cursor=None if page.start is None else encode_cursor(self.scope, page.start),
            end_cursor=None if page.end is None else encode_cursor(self.scope, page.end),
        )

    def _nodes(self) -> list[T]:
        # The list of a type contains only artifacts of that type.
        nodes = [artifact_from_record(entry.artifact) for entry in self.page.entries]
        return cast("list[T]", nodes)


@strawberry.type(
    description="A page of the models with a reference that resolves to an artifact."
)
class DependentModelConnection(
    PageOfArtifacts[Annotated["Model", strawberry.lazy("graph.schema.types.model")]]
):
    """A page of the models that refer to an artifact."""

    count: strawberry.Private[Callable[[], Deferred[int | None]]]

    @field(
        "The exact number of models on all pages together. Null if counting them would read "
        "more than 10,000 references."
    )
    def total_count(self) -> int | None:
        """Count the models on all pages."""
        return as_field_value(self.count())


def read_reverse_links(
    context: Context, artifact: records.PartialArtifact, first: int | None, after: str | None
) -> DependentModelConnection:
    """Return a page of the models with a reference that resolves to an artifact, deferred.

    Raises:
        RequestError: `first` is out of range, or `after` is not a cursor of this list.
    """
    scope = f"models of {artifact.id}"
    loaders = context.loaders
    request = ReverseLinkQuery(artifact, check_first(first), decode_cursor(scope, after))
    pages = loaders.models_page_by_query.load(request)
    return as_field_value(
        pages.map(
            lambda page: DependentModelConnection(
                page=replace(page, has_previous=request.after is not None),
                scope=scope,
                count=lambda: loaders.models_count_by_artifact.load(artifact),
            )
        )
    )
