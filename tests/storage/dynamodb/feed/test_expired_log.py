"""The feed of a table whose changes expire, before and after DynamoDB deleted them."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from storage.artifacts.changes import Change
from storage.change_queries import ALL_CHANGES
from storage.dynamodb.store import DynamoStore
from storage.errors import CursorExpiredError
from tests.storage.contract.recorded_changes import ManualClock, read_feed, read_recent
from tests.storage.dynamodb.recorded_calls import record_calls
from tests.storage.dynamodb.table_items import (
    all_items,
    delete_expired,
    delete_item,
    set_attributes,
)
from tests.storage.engines import DYNAMO_ENGINES, opened
from tests.storage.samples import DATASET, new_artifact, squad
from tests.storage.store_calls import register, register_one, update

DAY = timedelta(days=1)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture(params=DYNAMO_ENGINES)
def daily(
    request: pytest.FixtureRequest, tmp_path: Path, clock: ManualClock
) -> Iterator[DynamoStore]:
    """A table that keeps changes for a day, in one shard."""
    with opened(request.param, tmp_path, clock) as made:
        assert isinstance(made, DynamoStore)
        set_attributes(made, "meta#schema", shards={"N": "1"}, retention={"N": "86400"})
        made.ensure()
        yield made


def _register(store: DynamoStore, name: str, count: int) -> None:
    """Register artifacts, at most twelve in a transaction: these fill a segment."""
    for start in range(0, count, 12):
        numbers = range(start, min(start + 12, count))
        register(store, *(new_artifact(DATASET, f"{name}{n:03}") for n in numbers))


def _names(changes: list[Change]) -> list[str]:
    return [change.name for change in changes]


@pytest.mark.parametrize("is_deleted", [False, True])
def test_changes_that_expired_are_not_read(
    daily: DynamoStore, clock: ManualClock, is_deleted: bool
) -> None:
    _register(daily, "old", 45)
    clock.advance(hours=25)
    _register(daily, "new", 45)
    clock.advance(minutes=1)
    if is_deleted:
        assert delete_expired(daily, clock.now)

    expected = [f"new{n:03}" for n in range(45)]
    assert _names(read_feed(daily, first=20)) == expected
    assert _names(read_recent(daily, first=20)) == expected[::-1]


@pytest.mark.parametrize("is_deleted", [False, True])
@pytest.mark.parametrize("count", [0, 3, 10, 45])
def test_a_cursor_whose_next_changes_expired_is_refused(
    daily: DynamoStore, clock: ManualClock, is_deleted: bool, count: int
) -> None:
    _register(daily, "before", count)
    cursor = daily.feed_cursor()
    _register(daily, "old", 45)
    clock.advance(hours=25)
    _register(daily, "new", 5)
    if is_deleted:
        delete_expired(daily, clock.now)

    with pytest.raises(CursorExpiredError):
        daily.read_feed(cursor, 10, ALL_CHANGES)


@pytest.mark.parametrize("count", [0, 3, 10, 20, 45])
def test_a_cursor_after_which_nothing_expired_is_good(
    daily: DynamoStore, clock: ManualClock, count: int
) -> None:
    _register(daily, "before", count)
    cursor = daily.feed_cursor()
    clock.advance(hours=25)
    delete_expired(daily, clock.now)
    assert daily.read_feed(cursor, 10, ALL_CHANGES).changes == ()
    _register(daily, "new", 25)

    assert len(read_feed(daily, cursor)) == 25


def test_a_quiet_table_goes_on_after_all_changes_expired(
    daily: DynamoStore, clock: ManualClock
) -> None:
    made = register_one(daily, squad())
    _register(daily, "old", 204)
    clock.advance(days=2)
    delete_expired(daily, clock.now)
    kept = [item for key, item in all_items(daily).items() if key.startswith("log#")]
    assert sum(bool(item.get("entries", {}).get("L")) for item in kept) == 1

    server = DynamoStore(daily.name, daily.client.control.meta.region_name, clock=clock)
    server.ensure()
    update(server, made, license="mit")

    assert _names(read_feed(server)) == ["squad"]
    assert _names(read_recent(server)) == ["squad"]
    assert read_feed(server, server.feed_cursor()) == []
    server.close()


def test_the_oldest_change_is_found_in_few_calls(
    daily: DynamoStore, clock: ManualClock
) -> None:
    _register(daily, "old", 300)
    clock.advance(hours=25)
    _register(daily, "new", 20)

    with record_calls(daily) as calls:
        page = daily.read_feed(None, 5)

    assert _names(list(page.changes)) == [f"new{n:03}" for n in range(5)]
    assert len(calls) <= 10


def test_a_longer_retention_lets_changes_be_kept_for_longer(
    daily: DynamoStore, clock: ManualClock
) -> None:
    _register(daily, "old", 45)
    daily.set_retention(10 * DAY, lambda *_: None)
    clock.advance(days=5)

    assert delete_expired(daily, clock.now) == []
    assert len(read_feed(daily)) == 45


def test_a_cursor_before_a_segment_that_was_lost_is_expired(daily: DynamoStore) -> None:
    set_attributes(daily, "meta#schema", retention=None)
    daily.ensure()
    _register(daily, "old", 24)
    cursor = daily.feed_cursor()
    _register(daily, "new", 36)
    segments = sorted(key for key in all_items(daily) if key.startswith("log#1#0#"))
    delete_item(daily, segments[2])

    with pytest.raises(CursorExpiredError):
        read_feed(daily, cursor)
    assert read_feed(daily, daily.feed_cursor()) == []


@pytest.mark.parametrize("lost", [1, 3])
@pytest.mark.parametrize("retention", [None, {"N": "86400"}], ids=["for ever", "a day"])
def test_recent_changes_end_with_an_error_before_a_segment_that_was_lost(
    daily: DynamoStore, retention: dict[str, str] | None, lost: int
) -> None:
    set_attributes(daily, "meta#schema", retention=retention)
    daily.ensure()
    _register(daily, "a", 60)
    segments = sorted(key for key in all_items(daily) if key.startswith("log#1#0#"))
    assert len(segments) == 5
    delete_item(daily, segments[4 - lost])

    seen: list[str] = []
    page = daily.read_recent_changes(None, 5, ALL_CHANGES)
    while page.changes and page.has_more:
        seen += _names(list(page.changes))
        if len(seen) == 12 * lost:
            break
        page = daily.read_recent_changes(page.cursor, 5, ALL_CHANGES)

    assert seen == [f"a{n:03}" for n in range(59, 59 - 12 * lost, -1)]
    with pytest.raises(CursorExpiredError):
        daily.read_recent_changes(page.cursor, 5, ALL_CHANGES)
