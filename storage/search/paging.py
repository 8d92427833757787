"""One way to page: spans of an order are read in waves, merged, filtered and cut."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from heapq import merge
from typing import Generic, TypeAlias

from storage.artifacts.frozen import frozen_dataclass
from storage.artifacts.projection import AnyArtifact, AnyArtifact_co
from storage.search.listing import Listing, Matcher, Order, Span

MAX_READ = 1_000
"""Index items that one page reads to find what no index serves."""
MAX_COUNTED = 10_000
"""Index items that are read to count a listing; above, its count is unknown."""
_LEAST = "\x00"
"""What to add to a position to have the next one."""

Fetch: TypeAlias = Callable[[Order, Sequence[Span], int], Sequence[Sequence[AnyArtifact]]]
"""Reads at most so many artifacts of each span, in order, in one wave."""


@frozen_dataclass
class Entry(Generic[AnyArtifact_co]):
    """An artifact and its place in the order that was asked for."""

    position: str
    artifact: AnyArtifact_co


@dataclass(frozen=True, slots=True)
class Page(Generic[AnyArtifact_co]):
    """A stretch of a listing.

    Where `has_next`, the next page begins after `end`, even if this one found nothing.
    """

    entries: tuple[Entry[AnyArtifact_co], ...] = ()
    end: str | None = None
    has_next: bool = False


def cut_page(entries: Sequence[Entry[AnyArtifact]], first: int) -> Page[AnyArtifact]:
    """The page of the `first` entries among those read: one more tells that there is a next."""
    kept = tuple(entries[:first])
    end = kept[-1].position if kept else None
    return Page(kept, end, has_next=len(entries) > first)


def read_page(
    fetch: Fetch[AnyArtifact],
    listing: Listing,
    first: int,
    after: str | None,
    *,
    fan_out: int = 1,
) -> Page[AnyArtifact]:
    """The `first` artifacts of a listing behind `after`.

    `fan_out` is how many index items a store reads for each that a span asks for.
    """
    order, matches, whole = listing.order, Matcher(listing.filter), listing.is_whole
    found: list[Entry[AnyArtifact]] = []
    budget = MAX_READ
    while spans := _behind(listing.spans(), order, after):
        wave = first + 1 - len(found)
        if not listing.is_indexed:
            share = budget // (len(spans) * fan_out) - 1
            if share < 1 and budget < MAX_READ:
                return Page(tuple(found), after, has_next=True)
            wave = max(1, min(share, max(wave, 100)))
        chunks = fetch(order, spans, wave + 1)
        read = _merged(order, chunks, after)
        budget -= sum(map(len, chunks)) * fan_out
        for entry in read[:wave]:
            after = entry.position
            if whole or matches(entry.artifact):
                found.append(entry)
            if len(found) > first:
                return cut_page(found, first)
        if len(read) <= wave and all(len(chunk) <= wave for chunk in chunks):
            break
    return cut_page(found, first)


def _merged(
    order: Order, chunks: Sequence[Sequence[AnyArtifact]], after: str | None
) -> list[Entry[AnyArtifact]]:
    entries = [[Entry(order.key(a), a) for a in chunk] for chunk in chunks]
    merged = merge(*entries, key=lambda entry: entry.position, reverse=order.descending)
    return [entry for entry in merged if entry.position != after]


def _behind(spans: Iterable[Span], order: Order, after: str | None) -> list[Span]:
    """What is left of the spans behind a position, itself included."""
    if after is None:
        return list(spans)
    if order.descending:
        left = [replace(s, high=after if s.high is None else min(s.high, after)) for s in spans]
    else:
        left = [replace(s, low=after if s.low is None else max(s.low, after)) for s in spans]
    return [s for s in left if s.low is None or s.high is None or s.low <= s.high]


def count_matches(fetch: Fetch[AnyArtifact], listing: Listing) -> int | None:
    """How many artifacts match; None where that takes more than MAX_COUNTED index items.

    The spans share what may be read, and go on sharing what is left until they end: never
    more than one item above is read.
    """
    by_name = Order()
    matches, count, left = Matcher(listing.filter), 0, MAX_COUNTED + 1
    spans = list(replace(listing, order=by_name).spans())
    while spans:
        share = min(MAX_READ, max(1, left // len(spans)))
        wave, spans = spans[:left], spans[left:]
        chunks = fetch(by_name, wave, share)
        left -= sum(map(len, chunks))
        if not left:
            return None
        for span, chunk in zip(wave, chunks, strict=True):
            count += sum(map(matches, chunk))
            if len(chunk) == share:
                spans += _behind([span], by_name, by_name.key(chunk[-1]) + _LEAST)
    return count
