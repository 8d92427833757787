"""Pages of lists: which part of a list is asked for, and what was found."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic

from storage.artifacts.frozen import frozen_dataclass
from storage.artifacts.projection import AnyArtifact, AnyArtifact_co

MAX_COUNTED = 100_000
"""The most matches of a listing that are counted."""


@dataclass(frozen=True, slots=True)
class Window:
    """A part of a list: the first or last `size` entries between two positions.

    Positions are those of entries, which may have been deleted since; None is an end of the
    list. The entries keep the order of the list in either case.
    """

    size: int
    after: str | None = None
    before: str | None = None
    from_end: bool = False
    """True for the last entries, False for the first."""


@frozen_dataclass
class Entry(Generic[AnyArtifact_co]):
    """An artifact and its position in the list."""

    position: str
    artifact: AnyArtifact_co


@dataclass(frozen=True, slots=True)
class Page(Generic[AnyArtifact_co]):
    """A page of a list, without the artifacts that cannot be decoded.

    `start` and `end` are the positions of its first and last entry, also of one that cannot be
    decoded; None if there is none.
    """

    entries: tuple[Entry[AnyArtifact_co], ...] = ()
    start: str | None = None
    end: str | None = None
    has_next: bool = False
    """True if the list has entries after the page."""
    has_previous: bool = False
    """True if the list has entries before the page; not known of reverse links."""
    has_unreadable: bool = False
    """True if artifacts that cannot be decoded were left out; known of reverse links alone."""


def cut_page(entries: Sequence[Entry[AnyArtifact]], first: int) -> Page[AnyArtifact]:
    """Return the page of the `first` entries; if there are more, there is a next page."""
    on_page = tuple(entries[:first])
    start, end = (on_page[0].position, on_page[-1].position) if on_page else (None, None)
    return Page(on_page, start, end, has_next=len(entries) > first)
