"""Listings: what filters and orders ask of the store, and the page that it answers."""

from functools import partial
from typing import Any, TypeVar

import re2
from strawberry import UNSET

from graph.context import Context
from graph.errors import bad_input
from graph.schema.types.cursors import checked_first, position
from graph.schema.types.enums import OrderDirection
from graph.schema.types.filters import ArtifactFilter, ArtifactOrder, ModelFilter, NameFilter
from graph.schema.types.pagination import Connection
from storage.artifacts.names import normalise
from storage.artifacts.records import ArtifactType
from storage.search.listing import Filter, Listing, Order, compile_pattern
from storage.search.paging import Page

T = TypeVar("T")

_MAX_NAMES = 100
_MAX_PATTERN = 200
"""RE2 takes a time that grows with the pattern's length times the name's; a page looks at up to
1,000 names."""


async def listed(
    context: Context,
    types: tuple[ArtifactType, ...],
    given: ArtifactFilter | ModelFilter | None,
    *,
    order: ArtifactOrder | None,
    first: int,
    after: str | None,
) -> Connection[T]:
    """A page of the artifacts of some types."""
    listing = Listing(_filter(types, given or ArtifactFilter()), _order(order))
    size, start = checked_first(first), position(listing.scope, after)
    if not listing.filter.types:
        return Connection(page=Page(), scope=listing.scope, after=start, count=_nothing)
    return Connection(
        page=await context.read(context.store.page, listing, size, start, context.projection),
        scope=listing.scope,
        after=start,
        count=partial(context.read, context.store.count, listing),
    )


async def _nothing() -> int:
    return 0


def _order(given: ArtifactOrder | None) -> Order:
    order = given or ArtifactOrder()
    return Order(order.field, order.direction is OrderDirection.DESC)


def _filter(types: tuple[ArtifactType, ...], given: ArtifactFilter | ModelFilter) -> Filter:
    fields = _names(given.name or NameFilter())
    if isinstance(given, ModelFilter):
        fields |= {"min_net_score": given.min_net_score, "rated": given.rated}
    elif isinstance(given.types, list):
        types = tuple(of for of in types if of in given.types)
    fields |= {"tag": given.tag, "license": given.license}
    return Filter(types=types, **_known(fields))


def _names(given: NameFilter) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "starts_with": given.starts_with,
        "contains": given.contains,
        "matches": _pattern(given.matches),
    }
    if isinstance(given.is_, str):
        fields["names"] = (normalise(given.is_),)
    elif isinstance(given.in_, list):
        fields["names"] = _several(given.in_)
    return _known(fields)


def _several(names: list[str]) -> tuple[str, ...]:
    if len(names) > _MAX_NAMES:
        raise bad_input(
            f"filter.name.in: must be at most {_MAX_NAMES} names, not {len(names)}."
        )
    return tuple(sorted({normalise(name) for name in names}))


def _known(fields: dict[str, Any]) -> dict[str, Any]:
    """The fields that were given, and not as null."""
    return {n: value for n, value in fields.items() if value is not None and value is not UNSET}


def _pattern(pattern: str | None) -> str | None:
    if isinstance(pattern, str):
        if len(pattern) > _MAX_PATTERN:
            raise bad_input(
                f"filter.name.matches: must have at most {_MAX_PATTERN} characters."
            )
        try:
            compile_pattern(pattern)
        except re2.error as error:
            why = error.args[0].decode(errors="replace")
            raise bad_input(f"filter.name.matches: not an RE2 pattern: {why}.") from None
    return pattern
