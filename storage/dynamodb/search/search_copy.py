"""Serves listings of a table from its copy on this machine."""

import logging
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from storage.artifacts.projection import AnyArtifact, Projection
from storage.callbacks import Progress
from storage.clock import Clock, system_clock
from storage.dynamodb.client.client import DynamoClient
from storage.dynamodb.reads.artifacts import decode_or_error
from storage.dynamodb.search.comparing import compare_copy
from storage.dynamodb.search.copy_file import CopyPosition
from storage.dynamodb.search.current_copy import CurrentCopy, OpenCopy
from storage.dynamodb.search.damage import is_damage
from storage.dynamodb.search.freshness import Freshness
from storage.dynamodb.search.page_positions import is_ahead, to_prefix, without_prefix
from storage.dynamodb.search.polling import CopyOutdatedError, poll
from storage.dynamodb.search.private_folder import find_problem, require_private
from storage.errors import (
    SearchNotReadyError,
    UndecodableError,
)
from storage.inconsistencies import Inconsistency
from storage.search.counting import ListingCounts
from storage.search.facets import FacetRequest, FacetValue
from storage.search.links import Resolve, find_links
from storage.search.listing import Listing
from storage.search.pages import Entry, Page, Window
from storage.search.paging import read_page
from storage.search.state import SearchState

_log = logging.getLogger(__name__)

_Result = TypeVar("_Result")
_Read = Callable[[OpenCopy, sqlite3.Connection], _Result]
_ATTEMPTS = 3
"""So many copies are tried that cannot be continued, or are damaged."""
_RETRY_SECONDS = 5
"""After which a listing may be repeated if the copy cannot be used."""
_MAX_AGE_DURING_RESET = 30.0
"""Seconds after which a copy is built anew while a reset deletes without telling the log."""


class SearchCopy:
    """The copy of one table; any number of threads may share it."""

    def __init__(
        self,
        client: DynamoClient,
        folder: Path,
        max_age: float,
        resolve: Resolve,
        *,
        clock: Clock = system_clock,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = client
        self._root = folder
        self._resolve = resolve
        self._monotonic = monotonic
        self._failure = ""
        """The last reason why the copy could not be used."""
        self._copies = CurrentCopy(client, folder, clock, monotonic)
        self._freshness = Freshness(max_age, monotonic)
        self._counts = ListingCounts()

    def prepare(self) -> None:
        """Create the directory of copies, or check that it can be used.

        Raises:
            StoreSetupError: if it cannot, with what to do.
        """
        require_private(self._root)

    def page(
        self, listing: Listing, window: Window, projection: Projection[AnyArtifact]
    ) -> Page[AnyArtifact]:
        """Return a part of a listing; see `Store.page`."""
        links = find_links(listing.filter, self._resolve)
        after, before = without_prefix(window.after), without_prefix(window.before)
        inner = replace(window, after=after, before=before)

        def read(opened: OpenCopy, db: sqlite3.Connection) -> Page[AnyArtifact]:
            found = read_page(db, listing, links, inner)
            items = opened.file.read_items(db, [id_ for _, id_ in found.entries])
            prefix = to_prefix(opened.identity, opened.file.read_cursor(db))
            places = [(prefix + position, id_) for position, id_ in found.entries]
            artifacts = [(at, decode_or_error(items[id_], projection)) for at, id_ in places]
            return Page(
                tuple(
                    Entry(at, each)
                    for at, each in artifacts
                    if not isinstance(each, UndecodableError)
                ),
                start=places[0][0] if places else None,
                end=places[-1][0] if places else None,
                has_next=found.has_next,
                has_previous=found.has_previous,
            )

        return self._read(read, (window.after, window.before))

    def count(self, listing: Listing) -> int | None:
        """Return the number of artifacts of a listing; see `Store.count`."""
        links = find_links(listing.filter, self._resolve)

        def read(opened: OpenCopy, db: sqlite3.Connection) -> int | None:
            return self._counts.count(db, _token(opened, db), listing, links)

        return self._read(read)

    def count_facets(
        self, listing: Listing, requests: Sequence[FacetRequest]
    ) -> Sequence[Sequence[FacetValue] | None]:
        """Return the most frequent values for each request; see `Store.count_facets`."""
        links = find_links(listing.filter, self._resolve)

        def read(
            opened: OpenCopy, db: sqlite3.Connection
        ) -> Sequence[Sequence[FacetValue] | None]:
            token = _token(opened, db)
            return self._counts.count_facets(db, token, listing, links, requests)

        return self._read(read)

    def state(self) -> SearchState:
        """Return the state of the copy, without calls of the table."""
        size = self._copies.size
        return SearchState(
            is_ready=size is not None and not self._failure,
            progress=self._copies.progress,
            age=self._freshness.age,
            size=size or 0,
        )

    def check(self) -> Iterator[Inconsistency]:
        """Yield what differs between the copy and the table; without a copy, only log that."""
        if problem := find_problem(self._root) or self._find_missing():
            _log.warning("the search index was not compared: %s %s", self._root, problem)
            return
        with self._copies.reading() as opened:
            yield from compare_copy(self._client, opened.file)

    def _find_missing(self) -> str | None:
        return None if self._copies.folder.current() else "has no copy of this table"

    def reindex(self, progress: Progress) -> int:
        """Build the copy anew, and return its number of artifacts."""
        return self._copies.build(progress)

    def note_write(self) -> None:
        """Let listings after this see what this process wrote; it never waits or fails."""
        self._freshness.note_write()

    def note_reset(self) -> None:
        """Have the copy built anew: a reset deletes without entries in the log."""
        self._copies.discard("the registry is being reset")

    def close(self) -> None:
        """Close the copy and stop the threads."""
        self._copies.close()

    def _read(self, read: _Read[_Result], seen: Iterable[str | None] = ()) -> _Result:
        """Read a copy that is fresh, and has what a page showed whose positions were `seen`.

        Raises:
            SearchNotReadyError: if there is no copy, or it cannot be used: the disk is full.
            StoreUnavailableError: if the table does not answer when it is polled.
        """
        for _ in range(_ATTEMPTS):
            with self._copies.reading() as opened:
                try:
                    self._refresh(opened, seen)
                    with opened.file.reading() as db:
                        result = read(opened, db)
                except CopyOutdatedError as error:
                    self._copies.drop(opened, str(error))
                except sqlite3.Error as error:
                    if not is_damage(error, opened.file.path):
                        self._log_failure(error)
                        raise SearchNotReadyError(_RETRY_SECONDS) from error
                    self._copies.drop(opened, f"it is damaged: {error}")
                else:
                    self._failure = ""
                    return result
        raise SearchNotReadyError(self._copies.retry_after)

    def _log_failure(self, error: sqlite3.Error) -> None:
        """Log why the copy cannot be used, once until it can, or the reason changes."""
        if str(error) != self._failure:
            self._failure = str(error)
            _log.error("the search index in %s cannot be used: %s", self._root, error)

    def _refresh(self, opened: OpenCopy, seen: Iterable[str | None]) -> None:
        is_behind = False
        if any(seen):
            with opened.file.reading() as db:
                is_behind = is_ahead(seen, opened.identity, opened.file.read_cursor(db))
        self._freshness.refresh(opened, lambda: self._poll(opened), is_ahead=is_behind)

    def _poll(self, opened: OpenCopy) -> None:
        state = poll(self._client, opened.file)
        age = self._monotonic() - opened.since
        if state.is_being_reset and age > _MAX_AGE_DURING_RESET:
            raise CopyOutdatedError("the registry is being reset, or that was interrupted")


def _token(opened: OpenCopy, db: sqlite3.Connection) -> tuple[Path, CopyPosition]:
    """Return what differs after every change of the copy."""
    return opened.file.path, opened.file.read_cursor(db)
