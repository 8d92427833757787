"""Short forms of reading histories and the feed, and a clock that tests set."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from storage.artifacts.changes import Change
from storage.artifacts.records import Artifact
from storage.change_queries import ALL_CHANGES, ChangeFilter, FeedPage, HistoryQuery
from storage.store import Store
from tests.storage.samples import START


@dataclass
class ManualClock:
    """A clock that stands still until a test sets it."""

    now: datetime = START

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **by: float) -> None:
        self.now += timedelta(**by)


def read_history(store: Store, id_: str, version: int) -> list[Change]:
    """All changes of an artifact up to a version, the newest first; read in small pages."""
    found: list[Change] = []
    while version:
        (page,) = store.read_history([HistoryQuery(id_, version, 3)])
        assert len(page.changes) <= 3
        found += page.changes
        if not page.has_next:
            break
        version = page.changes[-1].version - 1
    return found


def read_steps(store: Store, artifact: Artifact) -> list[tuple[int, str]]:
    """The version and kind of each change of an artifact, the newest first."""
    changes = read_history(store, artifact.id, artifact.version)
    return [(change.version, change.kind.name) for change in changes]


def read_feed(
    store: Store, after: str | None = None, first: int = 3, filter_: ChangeFilter = ALL_CHANGES
) -> list[Change]:
    """All changes after a cursor, read in small pages."""
    return [change for page in _feed_pages(store, after, first, filter_) for change in page]


def _feed_pages(
    store: Store, after: str | None, first: int, filter_: ChangeFilter
) -> Iterator[tuple[Change, ...]]:
    while True:
        page = store.read_feed(after, first, filter_)
        check_page(page, first)
        yield page.changes
        if not page.has_more:
            return
        assert page.cursor != after
        after = page.cursor


def read_recent(
    store: Store, first: int = 3, filter_: ChangeFilter = ALL_CHANGES
) -> list[Change]:
    """All changes, the newest first, read in small pages."""
    found: list[Change] = []
    before = None
    while True:
        page = store.read_recent_changes(before, first, filter_)
        check_page(page, first)
        found += page.changes
        if not page.has_more:
            return found
        assert page.cursor != before
        before = page.cursor


def check_page(page: FeedPage, first: int) -> None:
    assert len(page.changes) == len(page.cursors) <= first


def summarise(changes: list[Change]) -> list[tuple[str, int, str]]:
    """The name, version and kind of each change."""
    return [(change.name, change.version, change.kind.name) for change in changes]
