"""The place in the log from which a new copy reads it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from storage.dynamodb.feed.cursors import Position
from storage.dynamodb.feed.log_state import LogState
from storage.dynamodb.feed.segments import LogEntry, encode_entry
from storage.dynamodb.schema.keys import head_pointer_key, segment_key
from storage.dynamodb.search.log_start import find_start
from storage.dynamodb.store import DynamoStore
from tests.storage.dynamodb.table_items import put_item, set_attributes

NOW = datetime(2024, 5, 1, tzinfo=UTC)
STATE = LogState(epoch=1, log_epoch=9, shards=2, retention=None)


def put_segments(store: DynamoStore, shard: int, ages: list[int], **attributes: Any) -> None:
    """Put a segment for each age of its entry, in minutes."""
    for number, age in enumerate(ages, 1):
        entry = encode_entry(LogEntry("a", number, NOW - timedelta(minutes=age)))
        entries = {"L": [{"S": entry}]}
        put_item(store, segment_key(9, shard, number), entries=entries, **attributes)
    head = {"N": str(len(ages))}
    put_item(store, head_pointer_key(9, shard), head=head)


def start_in_shard_1(store: DynamoStore) -> int:
    (first, second) = find_start(store.client, STATE, NOW)
    assert first == Position(1, 0)
    assert second.offset == 0
    return second.number


@pytest.mark.parametrize(
    ("ages", "expected"),
    [
        ([], 1),
        ([0], 1),
        ([500] * 40, 40 - 12),
        ([500] * 28 + [5] * 12, 40 - 24),
        ([500] * 20 + [5] * 20, 40 - 36),
        ([500] * 20 + [5] * 10 + [99] * 10, 40 - 36),
        ([5] * 40, 1),
    ],
)
def test_a_copy_begins_before_what_an_index_may_lack(
    moto: DynamoStore, ages: list[int], expected: int
) -> None:
    put_segments(moto, 1, ages)
    assert start_in_shard_1(moto) == expected


def test_a_copy_begins_after_segments_that_may_be_deleted_at_any_time(
    moto: DynamoStore,
) -> None:
    put_segments(moto, 1, [5] * 40)
    expired = {"N": str(int((NOW - timedelta(minutes=1)).timestamp()))}
    set_attributes(moto, segment_key(9, 1, 34), expires_at=expired)
    assert start_in_shard_1(moto) == 35
