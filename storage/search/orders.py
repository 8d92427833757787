"""The orders of listings: their values and positions, and the indexes that have them.

An order consists of segments, one after the other, each in the order of an index. The values
of an artifact in an order end with its id; a position is their JSON. A descending order is the
reverse of the ascending one, segments included.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeAlias

import orjson

from storage.errors import InvalidCursorError
from storage.search.conditions import Condition, Value
from storage.search.listing import Listing, OrderField
from storage.search.text_conditions import relevance_conditions, relevance_tier

Values: TypeAlias = tuple[Any, ...]
Key: TypeAlias = tuple[Any, ...]
"""The number of the segment, and there the values of its columns; keys compare as tuples."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of an order."""

    number: int
    index: str
    columns: tuple[str, ...]
    """Those of the index after the type; the last one is the id."""
    select: str
    """The values in the order, as columns of `search_artifact AS a`."""
    bound: str = "1"
    """A condition that keeps to the segment and that the index serves."""
    conditions: tuple[Condition, ...] = ()
    """Other conditions on the segment's artifacts."""


@dataclass(frozen=True, slots=True)
class KeyOrder:
    """The order of a listing."""

    segments: tuple[Segment, ...]
    select: str
    """As in a segment, but of any segment."""
    select_values: tuple[Value, ...]
    to_key: Callable[[Values], Key]
    types: tuple[list[type[object]], ...]
    """The types that the values of a position may have."""
    is_descending: bool = False
    check: Callable[[Values], object] = tuple
    """Raises ValueError for values of a position that no artifact has in this order."""

    def to_position(self, values: Values) -> str:
        """Return the position of the artifact with these values."""
        return orjson.dumps(values).decode()

    def from_position(self, position: str) -> Key:
        """Return the key of a position.

        Raises:
            InvalidCursorError: if it is not one of this order.
        """
        try:
            values = orjson.loads(position)
            if [*map(type, values)] not in self.types:
                raise InvalidCursorError(position)
            self.check(tuple(values))
            key = self.to_key(tuple(values))
        except (TypeError, ValueError) as error:
            raise InvalidCursorError(position) from error
        if not 0 <= key[0] < len(self.segments):
            raise InvalidCursorError(position)
        return key


def order_of(listing: Listing) -> KeyOrder:
    """Return the order of a listing."""
    order = listing.order
    match order.field:
        case OrderField.RELEVANCE:
            return _by_relevance(listing.search) if listing.search else _by_name()
        case OrderField.NAME:
            return _by_name(order.descending)
        case OrderField.CREATED_AT:
            return _by_time("search_by_creation", "created_at", order.descending)
        case OrderField.UPDATED_AT:
            return _by_time("search_by_update", "updated_at", order.descending)
        case OrderField.NET_SCORE:
            return _by_score(order.descending, has_rated=listing.filter.rated is not False)


def _by_name(descending: bool = False) -> KeyOrder:
    return _by_column("search_by_name", "name_normalized", descending)


def _by_time(index: str, column: str, descending: bool) -> KeyOrder:
    order = _by_column(index, column, descending)
    return replace(order, check=lambda values: datetime.fromisoformat(values[0]))


def _by_column(index: str, column: str, descending: bool) -> KeyOrder:
    select = f"a.{column}, a.id"
    segment = Segment(0, index, (column, "id"), select)
    return KeyOrder(
        (segment,), select, (), lambda values: (0, *values), ([str, str],), descending
    )


def _by_score(descending: bool, has_rated: bool) -> KeyOrder:
    """Return the order by net scores, of which the unrated models are the end.

    Unless it `has_rated` ones, nothing is looked for among them.
    """
    index, columns = "search_by_score", ("net_score", "id")
    last = 0 if descending else 1
    bound = "a.net_score IS NOT NULL" if has_rated else "0"
    rated = Segment(1 - last, index, columns, "a.net_score, a.id", bound)
    unrated = Segment(last, index, ("id",), "NULL, a.id", "a.net_score IS NULL")

    def to_key(values: Values) -> Key:
        score, id_ = values
        return (last, id_) if score is None else (rated.number, float(score), id_)

    segments = (unrated, rated) if descending else (rated, unrated)
    types: tuple[list[type[object]], ...] = ([float, str], [int, str], [type(None), str])
    return KeyOrder(segments, "a.net_score, a.id", (), to_key, types, descending)


def _by_relevance(search: str) -> KeyOrder:
    """Return the order by tiers, each by name."""
    segments = tuple(
        Segment(
            number,
            "search_by_name",
            ("name_normalized", "id"),
            f"{number}, a.name_normalized, a.id",
            conditions=conditions,
        )
        for number, conditions in enumerate(relevance_conditions(search))
    )
    tier, values = relevance_tier(search)
    select = f"{tier}, a.name_normalized, a.id"
    return KeyOrder(segments, select, values, lambda each: each, ([int, str, str],))
