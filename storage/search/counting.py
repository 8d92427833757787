"""Counts the matches of listings, and how often each value of a field occurs among them."""

import sqlite3
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import replace
from functools import partial
from heapq import nsmallest
from itertools import groupby
from operator import itemgetter
from typing import Any

from storage.search.count_cache import CountCache
from storage.search.facet_queries import FacetReader
from storage.search.facets import FacetField, FacetRequest, FacetValue
from storage.search.links import Links
from storage.search.listing import Listing
from storage.search.match_sets import MatchFinder, MatchSet
from storage.search.value_columns import Group, ValueColumns

_RESULTS = 1_024
"""The most counts and facets that are kept."""
_MATCH_SETS = 32
"""The most sets of matches that are kept: each takes up to a bit for each row of the table."""
_FEW = 1_000
"""So many matches are few: joining them with their values takes less time than 5 ms."""
_UNFILTERED: dict[FacetField, dict[str, Any]] = {
    FacetField.TAG: {
        "tags_all": (), "tags_any": None, "tags_none": (), "tags_is_empty": None
    },
    FacetField.LICENSE: {"licenses": None},
    FacetField.CREATED_BY: {"created_by": None},
    FacetField.PROPERTY_KEY: {"properties": ()},
}  # fmt: skip
"""The fields of a filter that has no conditions on the field of a facet."""


class ListingCounts:
    """Counts listings, and keeps the results while nothing changes; shared between threads.

    The token is one of the store's state, read in the transaction in which is counted, and
    differs after every change.
    """

    def __init__(self, columns: ValueColumns | None = None, few: int = _FEW) -> None:
        """`few` rows are joined by SQL; of more, the values are read from `columns`."""
        self._results = CountCache(_RESULTS)
        self._matches = CountCache(_MATCH_SETS)
        self._columns = columns or ValueColumns()
        self._few = few

    def count(
        self, db: sqlite3.Connection, token: Hashable, listing: Listing, links: Links
    ) -> int | None:
        """Return the number of matches of a listing; None if it is above MAX_COUNTED."""
        counted = Listing(listing.filter, search=listing.search)

        def count() -> int | None:
            matches = self._find(db, token, counted, links)
            return None if matches is None else matches.count

        return self._results.get_or_count(token, (counted, links), count)

    def count_facets(
        self,
        db: sqlite3.Connection,
        token: Hashable,
        listing: Listing,
        links: Links,
        requests: Iterable[FacetRequest],
    ) -> list[list[FacetValue] | None]:
        """Return the most frequent values for each request, as `Store.count_facets` says."""

        def count(counted: Listing, request: FacetRequest) -> list[FacetValue] | None:
            matches = self._find(db, token, counted, links)
            if matches is None:
                return None
            return _most_frequent(
                FacetReader(db, matches, self._columns, self._few), matches, request
            )

        counted = [(_listing_of(listing, request), request) for request in requests]
        return [
            self._results.get_or_count(token, (*each, links), partial(count, *each))
            for each in counted
        ]

    def _find(
        self, db: sqlite3.Connection, token: Hashable, listing: Listing, links: Links
    ) -> MatchSet | None:
        """Find the matches of a listing, which several facets and the count may share."""

        def find(other: Listing) -> MatchSet | None:
            return self._find(db, token, other, links)

        finder = MatchFinder(db, links, self._columns, find, self._few)
        return self._matches.get_or_count(token, (listing, links), lambda: finder.find(listing))


def _listing_of(listing: Listing, request: FacetRequest) -> Listing:
    """Return the listing whose matches are counted: without the filter on the same field."""
    filter_ = listing.filter
    if not request.ignore_own_filter:
        return Listing(filter_, search=listing.search)
    unfiltered = _UNFILTERED.get(request.field, {})
    if request.field is FacetField.TYPE:
        unfiltered = {"types": request.types or filter_.types}
    elif request.field is FacetField.PROPERTY_VALUE:
        others = tuple(each for each in filter_.properties if each.key != request.key)
        unfiltered = {"properties": others}
    return Listing(replace(filter_, **unfiltered), search=listing.search)


def _most_frequent(
    reader: FacetReader, matches: MatchSet, request: FacetRequest
) -> list[FacetValue]:
    if not matches.count:
        return []
    none = reader.count_none(request.field, request.key)
    values = _join_spellings(reader.read_groups(request.field, request.key))
    frequent = nsmallest(request.first, values, key=lambda each: (-each[1].count, each[0]))
    found = [value for _, value in frequent]
    if none:
        at = next((at for at, each in enumerate(found) if each.count <= none), len(found))
        found.insert(at, FacetValue(None, none))
    return found[: request.first]


def _join_spellings(groups: Iterable[Group]) -> Iterator[tuple[str, FacetValue]]:
    """Yield each normalised value with its most frequent spelling and its number."""
    for normalized, spellings in groupby(groups, itemgetter(0)):
        counts: dict[str, int] = {}
        for _, spelled, count in spellings:
            counts[spelled] = counts.get(spelled, 0) + count
        most_frequent = min(counts, key=lambda spelled: (-counts[spelled], spelled))
        yield normalized, FacetValue(most_frequent, sum(counts.values()))
