"""Retention: changes and deleted artifacts are kept for so long, and then forgotten."""

from datetime import timedelta

import pytest

from storage.artifacts.writes import Identity, WriteErrorCode
from storage.change_queries import HistoryPage, HistoryQuery
from storage.errors import CursorExpiredError
from storage.store import Store
from tests.storage.contract.recorded_changes import (
    ManualClock,
    read_feed,
    read_recent,
    read_steps,
    summarise,
)
from tests.storage.samples import DATASET, START, new_artifact, squad
from tests.storage.store_calls import (
    delete,
    expect_error,
    read,
    register,
    register_one,
    restore,
    update,
)

MONTH = timedelta(days=30)


def _ignore(stage: str, done: int, total: int) -> None:
    """Report no progress."""


def _keep_for(store: Store, retention: timedelta | None) -> None:
    store.set_retention(retention, _ignore)


def test_everything_is_kept_for_ever_by_default(timed_store: Store, clock: ManualClock) -> None:
    made = register_one(timed_store, squad())
    delete(timed_store, made)
    cursor = timed_store.read_feed(None, 1).cursor
    clock.advance(days=40_000)

    assert timed_store.get_retention() is None
    assert len(read_feed(timed_store)) == 2
    assert len(read_feed(timed_store, cursor)) == 1
    assert restore(timed_store, made.id).version == 3


def test_the_retention_can_be_changed(store: Store) -> None:
    for retention in (MONTH, timedelta(days=400), None):
        _keep_for(store, retention)
        assert store.get_retention() == retention


@pytest.mark.parametrize("set_first", [True, False])
def test_expired_changes_are_forgotten_everywhere(
    timed_store: Store, clock: ManualClock, set_first: bool
) -> None:
    if set_first:
        _keep_for(timed_store, MONTH)
    made = update(timed_store, register_one(timed_store, squad()), license="a")
    clock.advance(days=20)
    made = update(timed_store, made, license="b")
    if not set_first:
        _keep_for(timed_store, MONTH)
    clock.advance(days=10)
    assert len(read_feed(timed_store)) == 3

    clock.advance(seconds=1)

    assert read_steps(timed_store, made) == [(3, "UPDATED")]
    assert summarise(read_feed(timed_store)) == [("squad", 3, "UPDATED")]
    assert summarise(read_recent(timed_store)) == [("squad", 3, "UPDATED")]
    clock.advance(days=20)
    assert timed_store.read_history([HistoryQuery(made.id, 3, 5)]) == [HistoryPage((), False)]
    assert read_feed(timed_store) == read_recent(timed_store) == []
    assert read(timed_store, made.id) == made


def test_the_history_goes_on_after_expired_changes(
    timed_store: Store, clock: ManualClock
) -> None:
    _keep_for(timed_store, MONTH)
    made = register_one(timed_store, squad())
    clock.advance(days=31)

    made = update(timed_store, made, license="mit")

    assert made.version == 2
    assert read_steps(timed_store, made) == [(2, "UPDATED")]
    assert summarise(read_feed(timed_store)) == [("squad", 2, "UPDATED")]


def test_a_cursor_before_forgotten_changes_is_expired(
    timed_store: Store, clock: ManualClock
) -> None:
    _keep_for(timed_store, MONTH)
    made = register_one(timed_store, squad())
    before = timed_store.feed_cursor()
    made = update(timed_store, made, license="a")
    clock.advance(days=20)
    kept = timed_store.feed_cursor()
    update(timed_store, made, license="b")
    clock.advance(days=11)

    with pytest.raises(CursorExpiredError):
        timed_store.read_feed(before, 10)
    assert summarise(read_feed(timed_store, kept)) == [("squad", 3, "UPDATED")]


def test_many_forgotten_changes_are_passed_over(timed_store: Store, clock: ManualClock) -> None:
    _keep_for(timed_store, MONTH)
    register(timed_store, *(new_artifact(DATASET, f"old {n}") for n in range(100)))
    for n in range(30):
        register_one(timed_store, new_artifact(DATASET, f"older {n}"))
    clock.advance(days=31)
    register(timed_store, *(new_artifact(DATASET, f"new {n}") for n in range(5)))

    expected = [(f"new {n}", 1, "REGISTERED") for n in range(5)]
    assert sorted(summarise(read_feed(timed_store))) == expected
    assert sorted(summarise(read_recent(timed_store))) == expected


def test_a_deleted_artifact_is_forgotten(timed_store: Store, clock: ManualClock) -> None:
    _keep_for(timed_store, MONTH)
    made = register_one(timed_store, squad())
    clock.advance(days=100)
    delete(timed_store, made)
    clock.advance(days=30)
    assert [each.artifact.id for each in timed_store.scan_deleted()] == [made.id]

    clock.advance(seconds=1)

    assert list(timed_store.scan_deleted()) == []
    expect_error(timed_store.restore(made.id), WriteErrorCode.NOT_FOUND)


def test_the_id_of_a_forgotten_artifact_can_be_imported_again(
    timed_store: Store, clock: ManualClock
) -> None:
    _keep_for(timed_store, MONTH)
    identity = Identity(
        id="again", version=1, created_at=START, updated_at=START, named_at=START
    )
    delete(timed_store, register_one(timed_store, squad(identity=identity)))
    clock.advance(days=31)

    made = register_one(timed_store, squad(identity=identity))
    made = update(timed_store, made, license="mit")
    delete(timed_store, made)

    assert restore(timed_store, "again").version >= made.version + 2


def test_a_reset_keeps_the_retention(timed_store: Store) -> None:
    _keep_for(timed_store, MONTH)
    register_one(timed_store, squad())

    sum(timed_store.reset())

    assert timed_store.get_retention() == MONTH
