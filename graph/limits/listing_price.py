"""The price of listings: what the store does to find, sort and count artifacts.

The numbers are in proportion to the time that the store takes with 100,000 artifacts at worst.
"""

from collections.abc import Mapping
from typing import Any

from graphql import GraphQLField

from graph.limits.price_terms import Terms
from storage.search.folding import fold_search

PAGE_COST = 100
"""Of reading a page by any order."""
ITEM_COST = 5
"""Of each artifact of a page."""
SEARCH_COST = 1_000
"""Of a search: its words may occur in all artifacts."""
CHARACTER_COST = 25
"""Of each further character of its words, all parts of which must occur."""
SCAN_COST = 5_000
"""Of looking at the names of all artifacts."""
PATTERN_COST = 10_000
"""Of comparing all names with a pattern."""
STATES_COST = 10_000
"""Of looking at all references, for their states."""
FILTER_COST = 400
"""Of conditions that an index serves: it may have many artifacts, in another order."""
CONDITION_COST = 200
"""Of each tag, property or reference, all of which an artifact must have."""
TARGET_COST = 100
"""Of the target of a reference, which is looked up."""
VALUE_COST = 5
"""Of each of several names, ids, urls, tags or other values, one of which is enough."""
LICENSE_COST = 100
"""Of each license that is an expression, and has to be parsed."""
COUNT_COST = 1_200
"""Of counting the matches, and of each facet."""
EXCLUSION_COST = 400
"""Of counting what does not have a tag, for each tag."""
FACET_SHARE = 4
"""Each facet costs this part of the search again: it may have matches of its own."""

_VALUES, _MAX_VALUES = 20, 100
"""The values of a facet, by default and at most."""
_PAGE, _MAX_PAGE = 20, 100
"""The artifacts of a page, by default and at most."""
_INDEXED_LENGTH = 3
"""The index has the parts of words with so many characters."""
_SHORT_SEARCH = 10
"""The characters of a search that does not cost more."""
_MAX_SEARCH = 1_000
"""The characters of a search that are looked at; a longer one is rejected as an argument."""
_LISTS = (
    ("ids", None),
    ("name", "in"),
    ("url", "in"),
    ("tags", "any"),
    ("license", "in"),
    ("createdBy", "in"),
)
"""The lists in a filter, one of whose values is enough."""

Arguments = Mapping[str, Any]


def is_listing(field: GraphQLField) -> bool:
    """Return whether a field lists artifacts: those can be searched."""
    return "search" in field.args


def price_listing(arguments: Arguments, inner: Terms) -> Terms:
    """Return the price of a listing with coerced arguments, with that of its selections."""
    filter_ = arguments.get("filter") or {}
    finding = _price_search(arguments.get("search")) + _price_filter(filter_)
    cost: float = PAGE_COST + finding
    if inner.counts or inner.facets:
        excluded = EXCLUSION_COST * len(_get(filter_, "tags", "none") or ())
        cost += finding + excluded + COUNT_COST * min(inner.counts, 1)
        cost += (COUNT_COST + (finding + excluded) / FACET_SHARE) * inner.facets
    size = _read_size(arguments)
    return Terms(once=cost + inner.once + size * (ITEM_COST + inner.items))


def count_facet_values(by: object) -> tuple[int, int]:
    """Return the numbers of facets in the argument `by`, and of all their values together."""
    inputs = by if isinstance(by, list) else []
    sizes = [each.get("first") for each in inputs]
    return len(inputs), sum(
        min(max(1, size), _MAX_VALUES) if isinstance(size, int) else _VALUES for size in sizes
    )


def _read_size(arguments: Arguments) -> int:
    sizes = [arguments.get(name) for name in ("first", "last")]
    given = [size for size in sizes if isinstance(size, int)]
    return min(max(1, *given), _MAX_PAGE) if given else _PAGE


def _price_search(search: object) -> int:
    words = fold_search(search[:_MAX_SEARCH]).split() if isinstance(search, str) else []
    if not words:
        return 0
    is_scan = any(len(word) < _INDEXED_LENGTH for word in words)
    characters = sum(map(len, words))
    further = max(0, characters - _SHORT_SEARCH)
    return (SCAN_COST if is_scan else SEARCH_COST) + CHARACTER_COST * further


def _price_filter(filter_: Arguments) -> int:
    if all(value is None for value in filter_.values()):
        return 0
    references = filter_.get("references") or ()
    required = (_get(filter_, "tags", "all"), filter_.get("properties"), references)
    conditions = sum(len(each or ()) for each in required)
    values = sum(len(_get(filter_, *path) or ()) for path in _LISTS)
    return (
        FILTER_COST
        + SCAN_COST * bool(_get(filter_, "name", "contains"))
        + PATTERN_COST * bool(_get(filter_, "name", "matches"))
        + STATES_COST * any(each.get("states") is not None for each in references)
        + CONDITION_COST * max(0, conditions - 1)
        + TARGET_COST * sum(each.get("target") is not None for each in references)
        + VALUE_COST * (values + len(_get(filter_, "tags", "none") or ()))
        + LICENSE_COST * sum(map(_is_expression, _get(filter_, "license", "in") or ()))
    )


def _is_expression(license_: object) -> bool:
    return isinstance(license_, str) and ("(" in license_ or len(license_.split()) > 1)


def _get(filter_: Arguments, name: str, part: str | None) -> Any:  # noqa: ANN401 - a client's
    """Return a condition, or a part of it; None if it is left out."""
    value = filter_.get(name)
    return value if part is None or value is None else value.get(part)
