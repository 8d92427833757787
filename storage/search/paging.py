"""Reads and counts listings: key ranges are read in waves, merged, filtered and cut."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from heapq import merge
from typing import Generic, TypeAlias

from storage.artifacts.frozen import frozen_dataclass
from storage.artifacts.projection import AnyArtifact, AnyArtifact_co
from storage.search.listing import KeyRange, Listing, Matcher, Order

MAX_READ = 1_000
"""The most index items that a page reads if no index serves its filter."""
MAX_COUNTED = 10_000
"""The most index items that are read to count a listing; beyond, the count is unknown."""
_NEXT = "\x00"
"""Added to a position, gives the next possible one."""

Fetch: TypeAlias = Callable[[Order, Sequence[KeyRange], int], Sequence[Sequence[AnyArtifact]]]
"""Reads at most so many artifacts of each key range, in order, in one wave."""


@frozen_dataclass
class Entry(Generic[AnyArtifact_co]):
    """An artifact and its position in the order of the listing."""

    position: str
    artifact: AnyArtifact_co


@dataclass(frozen=True, slots=True)
class Page(Generic[AnyArtifact_co]):
    """A page of a listing.

    If `has_next`, the next page begins after the position `end`, even if this page is empty.
    """

    entries: tuple[Entry[AnyArtifact_co], ...] = ()
    end: str | None = None
    has_next: bool = False


def cut_page(entries: Sequence[Entry[AnyArtifact]], first: int) -> Page[AnyArtifact]:
    """Return the page of the `first` entries; if there are more, there is a next page."""
    on_page = tuple(entries[:first])
    end = on_page[-1].position if on_page else None
    return Page(on_page, end, has_next=len(entries) > first)


def read_page(
    fetch: Fetch[AnyArtifact],
    listing: Listing,
    first: int,
    after: str | None,
    *,
    fan_out: int = 1,
) -> Page[AnyArtifact]:
    """Read the `first` artifacts of a listing after the position `after`.

    `fan_out` is the number of index items that the store reads for each artifact of a range.
    """
    order, matches, is_whole = listing.order, Matcher(listing.filter), listing.is_whole
    found: list[Entry[AnyArtifact]] = []
    budget = MAX_READ
    while ranges := _remaining(listing.key_ranges(), order, after):
        limit = first + 1 - len(found)
        if not listing.is_indexed:
            share = budget // (len(ranges) * fan_out) - 1
            if share < 1 and budget < MAX_READ:
                return Page(tuple(found), after, has_next=True)
            limit = max(1, min(share, max(limit, 100)))
        chunks = fetch(order, ranges, limit + 1)
        entries = _merge(order, chunks, after)
        budget -= sum(map(len, chunks)) * fan_out
        for entry in entries[:limit]:
            after = entry.position
            if is_whole or matches(entry.artifact):
                found.append(entry)
            if len(found) > first:
                return cut_page(found, first)
        if len(entries) <= limit and all(len(chunk) <= limit for chunk in chunks):
            break
    return cut_page(found, first)


def _merge(
    order: Order, chunks: Sequence[Sequence[AnyArtifact]], after: str | None
) -> list[Entry[AnyArtifact]]:
    entries = [[Entry(order.key(a), a) for a in chunk] for chunk in chunks]
    merged = merge(*entries, key=lambda entry: entry.position, reverse=order.descending)
    return [entry for entry in merged if entry.position != after]


def _remaining(ranges: Iterable[KeyRange], order: Order, after: str | None) -> list[KeyRange]:
    """Return the parts of key ranges from a position on, itself included."""
    if after is None:
        return list(ranges)
    if order.descending:
        left = [replace(r, high=min(after, r.high or after)) for r in ranges]
    else:
        left = [replace(r, low=max(after, r.low or after)) for r in ranges]
    return [r for r in left if r.low is None or r.high is None or r.low <= r.high]


def count_matches(fetch: Fetch[AnyArtifact], listing: Listing) -> int | None:
    """Return the number of artifacts of a listing; None if it takes over MAX_COUNTED items.

    All key ranges share the items that may be read, and share what is left again and again
    until they end. At most one item more is read.
    """
    by_name = Order()
    matches, count, left = Matcher(listing.filter), 0, MAX_COUNTED + 1
    ranges = list(replace(listing, order=by_name).key_ranges())
    while ranges:
        share = min(MAX_READ, max(1, left // len(ranges)))
        wave, ranges = ranges[:left], ranges[left:]
        chunks = fetch(by_name, wave, share)
        left -= sum(map(len, chunks))
        if not left:
            return None
        for key_range, chunk in zip(wave, chunks, strict=True):
            count += sum(map(matches, chunk))
            if len(chunk) == share:
                ranges += _remaining([key_range], by_name, by_name.key(chunk[-1]) + _NEXT)
    return count
