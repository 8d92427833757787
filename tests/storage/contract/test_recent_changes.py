"""Recent changes: each accepted write once, the newest first."""

import pytest

from storage.errors import InvalidCursorError
from storage.store import Store
from tests.storage.contract.recorded_changes import ManualClock, read_history, read_recent
from tests.storage.samples import DATASET, bert, new_artifact, squad
from tests.storage.store_calls import delete, register_one, restore, update


@pytest.mark.parametrize("first", [1, 4, 10, 100])
def test_recent_changes_have_each_write_once_the_newest_first(
    timed_store: Store, clock: ManualClock, first: int
) -> None:
    assert read_recent(timed_store) == []
    model = register_one(timed_store, bert())
    for n in range(7):
        clock.advance(seconds=1)
        model = update(timed_store, model, license=f"{n}")

    found = read_recent(timed_store, first)

    assert [change.version for change in found] == [8, 7, 6, 5, 4, 3, 2, 1]
    assert found == read_history(timed_store, model.id, 8)


def test_recent_changes_continue_before_any_of_their_cursors(
    timed_store: Store, clock: ManualClock
) -> None:
    made = register_one(timed_store, squad())
    for n in range(5):
        clock.advance(seconds=1)
        made = update(timed_store, made, license=f"{n}")
    page = timed_store.read_recent_changes(None, 100)

    update(timed_store, made, license="later")

    for at, cursor in enumerate(page.cursors):
        rest = timed_store.read_recent_changes(cursor, 100)
        assert rest.changes == page.changes[at + 1 :]


def test_recent_changes_of_several_artifacts_are_in_the_order_of_times(
    timed_store: Store, clock: ManualClock
) -> None:
    made = []
    for n in range(12):
        made.append(register_one(timed_store, new_artifact(DATASET, f"d{n:02}")))
        clock.advance(seconds=1)
    for artifact in made[::4]:
        delete(timed_store, artifact)
        clock.advance(seconds=1)
    restore(timed_store, made[4].id)

    found = [(change.name, change.version) for change in read_recent(timed_store, 2)]

    assert found == [
        ("d04", 3),
        *((made[at].name, 2) for at in (8, 4, 0)),
        *((made[at].name, 1) for at in range(11, -1, -1)),
    ]


def test_cursors_of_the_feed_and_of_recent_changes_are_not_mixed_up(store: Store) -> None:
    register_one(store, squad())
    newest = store.read_recent_changes(None, 1).cursor

    with pytest.raises(InvalidCursorError):
        store.read_feed(newest, 1)
    with pytest.raises(InvalidCursorError):
        store.read_recent_changes(store.feed_cursor(), 1)
    with pytest.raises(InvalidCursorError):
        store.read_feed(f" {store.feed_cursor()}", 1)
