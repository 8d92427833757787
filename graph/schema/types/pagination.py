"""Relay connections of artifacts, and their cursors."""

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Awaitable, Callable
from hashlib import blake2b
from typing import TYPE_CHECKING, Annotated, Generic, TypeVar, cast

import strawberry

from graph.context import Context
from graph.errors import bad_input, invalid_cursor
from graph.schema.types.artifact import artifact_from_record
from graph.schema.types.strawberry_fields import field
from storage.artifacts import records
from storage.search.paging import Page
from storage.store import ReverseLinkQuery

if TYPE_CHECKING:
    from graph.schema.types.model import Model

T = TypeVar("T")

MAX_FIRST = 100
_DIGEST_BYTES = 8
_MAX_POSITION_BYTES = 1_024
"""The length of the longest position of any list, and of the longest that stores accept."""

FirstArgument = Annotated[
    int,
    strawberry.argument(
        description=f"The maximum number of artifacts to return, from 1 to {MAX_FIRST}. 20 by "
        "default."
    ),
]
AfterArgument = Annotated[
    str | None,
    strawberry.argument(
        description="A cursor: only artifacts after it are returned. It must be a cursor of "
        "the same list with the same `filter` and `orderBy`, such as `pageInfo.endCursor` of "
        "the previous page."
    ),
]


@strawberry.type(description="Information to aid in pagination.")
class PageInfo:
    """Where a page begins and ends."""

    has_next_page: bool = strawberry.field(
        description="Whether there can be more items after `endCursor`. A page of a filtered "
        "list can have few items or none and still have a next page."
    )
    has_previous_page: bool = strawberry.field(
        description="Whether the page was requested with `after`."
    )
    start_cursor: str | None = strawberry.field(
        description="The cursor of the first edge, or null if the page is empty."
    )
    end_cursor: str | None = strawberry.field(
        description="The cursor to pass as `after` for the next page. Null if the page is "
        "empty and there is no next page."
    )


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
    context: Context, artifact: records.PartialArtifact, first: int, after: str | None
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


def check_first(first: int, maximum: int = MAX_FIRST) -> int:
    """Return the page size if it is in range.

    Raises:
        RequestError: It is not between 1 and `maximum`.
    """
    if not 1 <= first <= maximum:
        raise bad_input(f"`first` must be between 1 and {maximum:,}, not {first}.")
    return first


def encode_cursor(scope: str, position: str) -> str:
    """Return the opaque cursor of a position in the list that `scope` identifies."""
    encoded = position.encode()
    return urlsafe_b64encode(_digest(scope, encoded) + encoded).decode().rstrip("=")


def decode_cursor(scope: str, after: str | None) -> str | None:
    """Return the position of a cursor; None if `after` is null or left out.

    The digest only detects cursors of other lists. It needs no secret, because a forged cursor
    reveals nothing that the same query without a cursor would not.

    Raises:
        RequestError: `after` is not a cursor of the list that `scope` identifies.
    """
    if not isinstance(after, str):
        return None
    digest, encoded = _split_cursor(after)
    if digest != _digest(scope, encoded) or not 0 < len(encoded) <= _MAX_POSITION_BYTES:
        raise invalid_cursor()
    return encoded.decode(errors="replace")


def _split_cursor(after: str) -> tuple[bytes, bytes]:
    try:
        decoded = urlsafe_b64decode(after.encode() + b"=" * (-len(after) % 4))
    except (binascii.Error, UnicodeEncodeError):
        decoded = b""
    return decoded[:_DIGEST_BYTES], decoded[_DIGEST_BYTES:]


def _digest(scope: str, encoded: bytes) -> bytes:
    scope_digest = blake2b(scope.encode(errors="backslashreplace")).digest()
    return blake2b(scope_digest + encoded, digest_size=_DIGEST_BYTES).digest()
