"""The price of listings: what the store does to find, sort and count artifacts.

The numbers are in proportion to the time that the store takes with 100,000 artifacts at worst,
in the time that the server takes for a field.
"""

from collections.abc import Mapping
from typing import Any

from graphql import GraphQLField

from storage.search.folding import fold_search

PAGE_COST = 100
"""Of reading a page by any order."""
SEARCH_COST = 1_000
"""Of a search: its words may occur in all artifacts."""
SCAN_COST = 5_000
"""Of looking at all artifacts, for each of the conditions that need it."""
FILTER_COST = 400
"""Of conditions that an index serves: it may have many artifacts, in another order."""
COUNT_COST = 800
"""Of counting the matches, and of each facet."""
FACET_SHARE = 4
"""Each facet costs this part of the search again: it may have matches of its own."""

_VALUES, _MAX_VALUES = 20, 100
"""The values of a facet, by default and at most."""
_INDEXED_LENGTH = 3
"""The index has the parts of words with so many characters."""
_MAX_SEARCH = 1_000
"""The characters of a search that are looked at; a longer one is rejected as an argument."""


def is_listing(field: GraphQLField) -> bool:
    """Return whether a field lists artifacts: those can be searched."""
    return "search" in field.args


def price_listing(arguments: Mapping[str, Any], counts: int, facets: int) -> int:
    """Return the price of a listing, besides that of its fields.

    `arguments` are `filter` and `search` as a client gave them, not validated; `counts` and
    `facets` are the numbers of `totalCount` and of facets that are selected.
    """
    finding = _price_search(arguments.get("search")) + _price_filter(arguments.get("filter"))
    cost = PAGE_COST + finding
    if counts or facets:
        cost += finding + COUNT_COST * min(counts, 1)
    return cost + (COUNT_COST + finding // FACET_SHARE) * facets


def count_facet_values(by: Any) -> tuple[int, int]:  # noqa: ANN401 - a client's JSON
    """Return the numbers of facets in the argument `by`, and of all their values together."""
    inputs = [each for each in _to_list(by) if isinstance(each, Mapping)]
    sizes = [each.get("first") for each in inputs]
    return len(inputs), sum(
        min(abs(size), _MAX_VALUES) if isinstance(size, int) else _VALUES for size in sizes
    )


def _price_search(search: Any) -> int:  # noqa: ANN401 - a client's JSON
    words = fold_search(search[:_MAX_SEARCH]).split() if isinstance(search, str) else []
    if any(len(word) < _INDEXED_LENGTH for word in words):
        return SCAN_COST
    return SEARCH_COST if words else 0


def _price_filter(filter_: Any) -> int:  # noqa: ANN401 - a client's JSON
    if not isinstance(filter_, Mapping):
        return 0
    name = filter_.get("name")
    scans = [
        isinstance(name, Mapping) and bool(name.get("contains")),
        isinstance(name, Mapping) and bool(name.get("matches")),
        any(
            isinstance(each, Mapping) and each.get("states") is not None
            for each in _to_list(filter_.get("references"))
        ),
    ]
    is_filtered = any(value is not None for value in filter_.values())
    return FILTER_COST * is_filtered + SCAN_COST * sum(scans)


def _to_list(value: Any) -> list[Any]:  # noqa: ANN401 - a client's JSON
    """Return a list as GraphQL coerces it: a single value is a list of one."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
