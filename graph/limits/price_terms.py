"""The cost of selections, in terms that the fields above them repeat differently often."""

from collections.abc import Iterable
from typing import NamedTuple

MAX_COST = 10**9
"""The maximum that is computed; it keeps the numbers of extreme documents small."""


class Terms(NamedTuple):
    """The cost of selections for one object."""

    once: float = 0
    """For the object itself."""
    items: float = 0
    """For each item of the page that the object is."""
    edges: float = 0
    """For each edge of the lineage that the object is."""
    errors: float = 0
    """For each error that a mutation can return: at most one for each value in it."""
    counts: float = 0
    """The number of `totalCount` fields, if the object is a page of a listing."""
    facets: float = 0
    """The number of facets, likewise."""
    reads: float = 0
    """For each read of the store, if the object is an event of a subscription."""


NOTHING = Terms()


class Price(NamedTuple):
    """The price of an operation: of a subscription, that of its dearest event."""

    cost: int
    depth: int
    """The depth of nested fields."""
    aliases: int
    """The number of fields with an alias; those of a fragment count wherever it is spread."""
    event: Terms = NOTHING
    """The cost of an event of a subscription, whose items are its changes."""

    def of_event(self, changes: int, *, is_own_read: bool) -> int:
        """Return the price of an event; one that the store was read for has the full price."""
        return self.cost if is_own_read else int(self.event.once + changes * self.event.items)


class Links(NamedTuple):
    """The cost of the links of one kind of a model."""

    kind: str
    size: int
    """The most links of this kind that are asked for."""
    cost: float
    """For each link."""


def sum_terms(terms: Iterable[Terms]) -> Terms:
    """Return what selections of the same object cost together."""
    return _limit(sum(values) for values in zip(NOTHING, *terms, strict=True))


def find_dearest(terms: Iterable[Terms]) -> Terms:
    """Return what an object costs at most, if it has one of several types."""
    return Terms(*(max(values) for values in zip(NOTHING, *terms, strict=True)))


def price_links(links: Iterable[Links], maximum: int) -> float:
    """Return the cost of all links of a model, which has at most `maximum` of all kinds."""
    kinds: dict[str, Links] = {}
    for each in links:
        same = kinds.get(each.kind, Links(each.kind, 0, 0))
        size = max(each.size, same.size)
        kinds[each.kind] = Links(each.kind, size, each.cost + same.cost)
    cost, left = 0.0, maximum
    for each in sorted(kinds.values(), key=lambda links: links.cost, reverse=True):
        size = min(each.size, left)
        cost, left = cost + size * each.cost, left - size
    return min(cost, MAX_COST)


def _limit(values: Iterable[float]) -> Terms:
    return Terms(*(min(value, MAX_COST) for value in values))
