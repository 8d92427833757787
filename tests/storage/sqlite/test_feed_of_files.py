"""Cursors of the feed are of one file in one state: copies and older states are noticed."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from storage.errors import CursorExpiredError
from storage.sqlite.store import SqliteStore
from tests.storage.contract.recorded_changes import ManualClock, read_feed, summarise
from tests.storage.samples import DATASET, new_artifact, squad
from tests.storage.store_calls import delete, register, register_one, update

MONTH = timedelta(days=30)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "registry.db"


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def store(path: Path, clock: ManualClock) -> Iterator[SqliteStore]:
    with closing(SqliteStore(path, clock=clock)) as store:
        yield store
        assert list(store.check()) == []


def copy(path: Path, target: Path) -> None:
    """Copy the file as `sqlite3 registry.db .backup` does."""
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(target)) as made:
        source.backup(made)


def count_rows(path: Path) -> tuple[int, int]:
    """Return the numbers of changes and deleted artifacts in the file."""
    with closing(sqlite3.connect(path)) as db:
        (changes,) = db.execute("SELECT count(*) FROM change").fetchone()
        (deleted,) = db.execute("SELECT count(*) FROM deleted").fetchone()
    return changes, deleted


def test_a_cursor_goes_on_after_the_file_was_opened_again(
    store: SqliteStore, path: Path
) -> None:
    made = register_one(store, squad())
    cursor = store.feed_cursor()
    update(store, made, license="mit")

    with closing(SqliteStore(path)) as second:
        assert summarise(read_feed(second, cursor)) == [("squad", 2, "UPDATED")]


def test_a_cursor_of_another_file_is_expired(store: SqliteStore, tmp_path: Path) -> None:
    with (
        closing(SqliteStore(tmp_path / "other.db")) as other,
        pytest.raises(CursorExpiredError),
    ):
        store.read_feed(other.feed_cursor(), 10)


def test_a_cursor_ahead_of_a_restored_older_file_is_expired(
    store: SqliteStore, path: Path, clock: ManualClock
) -> None:
    made = register_one(store, squad())
    earlier = store.feed_cursor()
    copy(path, path.with_name("copy.db"))
    made = update(store, made, license="mit")
    later = store.feed_cursor()

    with closing(SqliteStore(path.with_name("copy.db"), clock=clock)) as restored:
        assert read_feed(restored, earlier) == []
        with pytest.raises(CursorExpiredError):
            restored.read_feed(later, 10)


@pytest.mark.parametrize("is_same_artifact", [True, False])
def test_a_cursor_of_what_a_restored_file_replaced_is_expired(
    is_same_artifact: bool, store: SqliteStore, path: Path, clock: ManualClock
) -> None:
    made = register_one(store, squad())
    copy(path, path.with_name("copy.db"))
    update(store, made, license="mit")
    replaced, recent = store.feed_cursor(), store.read_recent_changes(None, 1).cursor

    with closing(SqliteStore(path.with_name("copy.db"), clock=clock)) as restored:
        clock.advance(seconds=1)
        if is_same_artifact:
            update(restored, made, license="apache-2.0")
        else:
            register_one(restored, new_artifact(DATASET, "glue"))
        with pytest.raises(CursorExpiredError):
            restored.read_feed(replaced, 10)
        with pytest.raises(CursorExpiredError):
            restored.read_recent_changes(recent, 10)


def test_each_write_removes_only_a_few_expired_changes(
    store: SqliteStore, path: Path, clock: ManualClock
) -> None:
    store.set_retention(MONTH, lambda *_: None)
    old = register(store, *(new_artifact(DATASET, f"old {n}") for n in range(25)))
    for artifact in old[:15]:
        delete(store, artifact)
    start = store.read_feed(None, 1).cursor
    clock.advance(days=31)
    left = []

    for n in range(5):
        register_one(store, new_artifact(DATASET, f"new {n}"))
        left.append(count_rows(path))
        assert len(read_feed(store)) == n + 1
        with pytest.raises(CursorExpiredError):
            store.read_feed(start, 10)

    assert left == [(31, 5), (22, 0), (13, 0), (4, 0), (5, 0)]


def test_changes_stay_in_the_feed_when_clocks_differ(
    store: SqliteStore, clock: ManualClock
) -> None:
    store.set_retention(MONTH, lambda *_: None)
    made = register_one(store, squad())
    clock.advance(hours=-1)
    register_one(store, new_artifact(DATASET, "glue"))
    clock.advance(hours=1, days=29)
    made = update(store, made, license="mit")
    clock.advance(hours=23, minutes=30)

    assert summarise(read_feed(store)) == [
        ("squad", 1, "REGISTERED"),
        ("glue", 1, "REGISTERED"),
        ("squad", 2, "UPDATED"),
    ]
    clock.advance(hours=1)
    assert summarise(read_feed(store)) == [("squad", 2, "UPDATED")]
    assert summarise(list(store.read_recent_changes(None, 10).changes)) == [
        ("squad", 2, "UPDATED")
    ]


def test_setting_the_retention_removes_all_that_expired(
    store: SqliteStore, path: Path, clock: ManualClock
) -> None:
    register(store, *(new_artifact(DATASET, f"old {n}") for n in range(1_200)))
    cursor = store.feed_cursor()
    clock.advance(days=31)
    stages: list[tuple[str, int, int]] = []

    store.set_retention(MONTH, lambda *stage: stages.append(stage))

    assert stages == [("removing what expired", done, 1_200) for done in (0, 1_000, 1_200)]
    assert count_rows(path) == (0, 0)
    assert read_feed(store, cursor) == read_feed(store) == []


def test_a_file_that_was_moved_keeps_its_feed(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    with closing(SqliteStore(path)) as store:
        made = register_one(store, squad())
        cursor = store.feed_cursor()
        update(store, made, license="mit")

    with closing(SqliteStore(path.rename(tmp_path / "new.db"))) as moved:
        assert summarise(read_feed(moved, cursor)) == [("squad", 2, "UPDATED")]
