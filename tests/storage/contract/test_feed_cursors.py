"""Cursors of the feed and of the recent changes that are of another store, or of none."""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode

import pytest

from storage.errors import CursorExpiredError, InvalidCursorError
from storage.store import Store
from tests.storage.contract.recorded_changes import read_feed
from tests.storage.samples import DATASET, bert, new_artifact, squad
from tests.storage.store_calls import register


def _write_some(store: Store) -> None:
    register(store, bert(), squad())
    register(store, new_artifact(DATASET, "new"))


@pytest.mark.parametrize(
    "cursor", ["", "x", "0", "\x00", "é", "AAAA", "=" * 8, "1:2:3", "9" * 5_000], ids=ascii
)
def test_rubbish_is_not_a_cursor(store: Store, cursor: str) -> None:
    _write_some(store)

    with pytest.raises(InvalidCursorError):
        store.read_feed(cursor, 10)
    with pytest.raises(InvalidCursorError):
        store.read_recent_changes(cursor, 10)


@pytest.mark.parametrize("number", [-1, 2**63, 2**64 - 1, 10**30])
def test_a_forged_number_is_not_of_a_cursor(store: Store, number: int) -> None:
    _write_some(store)
    feed, recent = store.feed_cursor(), store.read_recent_changes(None, 2).cursor

    for forged in _with_number(feed, number):
        with pytest.raises((InvalidCursorError, CursorExpiredError)):
            store.read_feed(forged, 10)
    for forged in _with_number(recent, number):
        with pytest.raises((InvalidCursorError, CursorExpiredError)):
            store.read_recent_changes(forged, 10)


def _with_number(cursor: str, number: int) -> list[str]:
    """Return the cursor with the number in the place of each of its own."""
    text = urlsafe_b64decode(f"{cursor}==").decode()
    forged = [
        text[: found.start()] + str(number) + text[found.end() :]
        for found in re.finditer(r"(?<=[\[,])\d+(?=[\],])", text)
    ]
    assert forged
    return [urlsafe_b64encode(each.encode()).decode().rstrip("=") for each in forged]


def test_a_cursor_of_another_store_is_refused(store: Store, other: Store) -> None:
    _write_some(store)
    _write_some(other)

    for cursor in (other.feed_cursor(), other.read_feed(None, 2).cursor):
        with pytest.raises(CursorExpiredError):
            store.read_feed(cursor, 10)
    with pytest.raises(CursorExpiredError):
        store.read_recent_changes(other.read_recent_changes(None, 2).cursor, 10)


@pytest.mark.parametrize("registered", [0, 3])
def test_a_cursor_from_before_a_reset_is_expired(store: Store, registered: int) -> None:
    _write_some(store)
    cursors = [store.feed_cursor(), *store.read_feed(None, 100).cursors]
    recent = store.read_recent_changes(None, 2).cursor
    sum(store.reset())
    register(store, *(new_artifact(DATASET, f"d{n}") for n in range(registered)))

    for cursor in cursors:
        with pytest.raises(CursorExpiredError):
            store.read_feed(cursor, 10)
    with pytest.raises(CursorExpiredError):
        store.read_recent_changes(recent, 10)
    assert len(read_feed(store)) == registered
