"""Prices of parts of an operation, and their sums."""

from collections.abc import Sequence
from typing import NamedTuple

MAX_PRICE = 10**9
"""The maximum that is computed; it keeps the numbers of extreme documents small."""


class Price(NamedTuple):
    """The price of an operation or of a part of one."""

    cost: int
    depth: int = 0
    """The depth of nested fields."""
    aliases: int = 0
    """The number of fields with an alias; those of a fragment count at each spread."""
    fixed_cost: int = 0
    """The cost of fields of a connection that are not repeated for each of its items."""
    counts: int = 0
    """The number of `totalCount` fields of listings."""
    facets: int = 0
    """The number of facets."""


def sum_prices(prices: Sequence[Price], additional_cost: int = 0) -> Price:
    """Return the price of selections that are siblings."""
    cost = additional_cost + sum(price.cost for price in prices)
    depth = max((price.depth for price in prices), default=0)
    sums = (
        sum(values)
        for values in zip(
            *((p.aliases, p.fixed_cost, p.counts, p.facets) for p in prices), strict=True
        )
    )
    return Price(min(cost, MAX_PRICE), depth, *(min(each, MAX_PRICE) for each in sums))
