"""Read pages of artifacts, filtered and sorted."""

from functools import partial
from typing import Any, TypeVar

import re2
from strawberry import UNSET

from graph.context import Context
from graph.errors import bad_input
from graph.schema.types.enums import OrderDirection
from graph.schema.types.filters import (
    MAX_NAMES,
    MAX_PATTERN,
    ArtifactFilter,
    ArtifactOrder,
    ModelFilter,
    NameFilter,
)
from graph.schema.types.pages import check_first, decode_cursor
from graph.schema.types.pagination import Connection
from storage.artifacts.names import normalise
from storage.artifacts.records import ArtifactType
from storage.search.listing import Filter, Listing, Order, compile_pattern
from storage.search.paging import Page

T = TypeVar("T")


async def read_listing(
    context: Context,
    types: tuple[ArtifactType, ...],
    filter_: ArtifactFilter | ModelFilter | None,
    *,
    order_by: ArtifactOrder | None,
    first: int | None,
    after: str | None,
) -> Connection[T]:
    """Read a page of the artifacts of these types that match a filter.

    Raises:
        RequestError: An argument is not valid.
    """
    listing = Listing(_to_filter(types, filter_ or ArtifactFilter()), _to_order(order_by))
    size, position = check_first(first), decode_cursor(listing.scope, after)
    if not listing.filter.types:
        return Connection(page=Page(), scope=listing.scope, after=position, count=_count_none)
    page = await context.read(context.store.page, listing, size, position, context.projection)
    return Connection(
        page=page,
        scope=listing.scope,
        after=position,
        count=partial(context.read, context.store.count, listing),
    )


async def _count_none() -> int:
    return 0


def _to_order(order_by: ArtifactOrder | None) -> Order:
    order = order_by or ArtifactOrder()
    return Order(order.field, order.direction is OrderDirection.DESC)


def _to_filter(
    types: tuple[ArtifactType, ...], filter_: ArtifactFilter | ModelFilter
) -> Filter:
    conditions = _name_conditions(filter_.name or NameFilter())
    if isinstance(filter_, ModelFilter):
        conditions |= {"min_net_score": filter_.min_net_score, "rated": filter_.rated}
    elif isinstance(filter_.types, list):
        types = tuple(type_ for type_ in types if type_ in filter_.types)
    conditions |= {"tag": filter_.tag, "license": filter_.license}
    return Filter(types=types, **_without_nulls(conditions))


def _name_conditions(filter_: NameFilter) -> dict[str, Any]:
    conditions: dict[str, Any] = {
        "starts_with": filter_.starts_with,
        "contains": filter_.contains,
        "matches": _checked_pattern(filter_.matches),
    }
    if isinstance(filter_.is_, str):
        conditions["names"] = (normalise(filter_.is_),)
    elif isinstance(filter_.in_, list):
        conditions["names"] = _normalised(filter_.in_)
    return _without_nulls(conditions)


def _normalised(names: list[str]) -> tuple[str, ...]:
    if len(names) > MAX_NAMES:
        raise bad_input(
            f"`filter.name.in` must have at most {MAX_NAMES} items, not {len(names)}."
        )
    return tuple(sorted({normalise(name) for name in names}))


def _without_nulls(conditions: dict[str, Any]) -> dict[str, Any]:
    """Return the conditions that are neither left out nor null."""
    return {
        name: value
        for name, value in conditions.items()
        if value is not None and value is not UNSET
    }


def _checked_pattern(pattern: str | None) -> str | None:
    if isinstance(pattern, str):
        if len(pattern) > MAX_PATTERN:
            raise bad_input(
                f"`filter.name.matches` must have at most {MAX_PATTERN} characters, "
                f"not {len(pattern)}."
            )
        try:
            compile_pattern(pattern)
        except re2.error as error:
            reason = error.args[0].decode(errors="replace")
            raise bad_input(
                f"`filter.name.matches` must be a valid RE2 pattern: {reason}."
            ) from None
    return pattern
