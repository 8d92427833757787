"""Finds where a new copy begins to read the log.

Indexes lag, so a copy that is built from one polls again what was written shortly before.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from storage.dynamodb.client.client import DynamoClient
from storage.dynamodb.feed.cursors import START, Position, Positions
from storage.dynamodb.feed.heads import find_heads
from storage.dynamodb.feed.log_state import LogState
from storage.dynamodb.feed.shards import decode_segment
from storage.dynamodb.schema.attributes import Item
from storage.dynamodb.schema.keys import segment_key

_LAG = timedelta(minutes=10)
"""Entries of that time are polled again."""
_STEP = 12
"""Segments of a shard that are looked at in one call, and that are polled again in any case:
the clocks of writers may be slow."""


def find_start(client: DynamoClient, state: LogState, now: datetime) -> Positions:
    """Return positions that come before what an index may not have yet.

    Raises:
        StoreUnavailableError: if the table does not answer.
    """
    heads = find_heads(client, state.log_epoch, state.shards)
    starts = {shard: max(head, START.number) for shard, head in heads.items()}
    left = set(starts)
    while left:
        numbers = {shard: _numbers_before(starts[shard]) for shard in left}
        items = client.get_items(
            segment_key(state.log_epoch, shard, n) for shard in left for n in numbers[shard]
        )
        for shard in tuple(left):
            keys = [segment_key(state.log_epoch, shard, n) for n in numbers[shard]]
            kept = _take_kept((items.get(key) for key in keys), now)
            starts[shard] -= len(kept)
            if len(kept) < _STEP or not any(_is_recent(item, now) for item in kept):
                left.remove(shard)
    return tuple(Position(starts[shard], 0) for shard in range(state.shards))


def _numbers_before(number: int) -> range:
    """Return the numbers of segments before one, the last first."""
    return range(number - 1, max(number - 1 - _STEP, START.number - 1), -1)


def _take_kept(items: Iterable[Item | None], now: datetime) -> list[Item]:
    """Return the items up to the first that is gone, or may be deleted at any time."""
    kept: list[Item] = []
    for item in items:
        if item is None or _is_expired(item, now):
            break
        kept.append(item)
    return kept


def _is_expired(item: Item, now: datetime) -> bool:
    expiry = item.get("expires_at", {}).get("N")
    return expiry is not None and float(expiry) < now.timestamp()


def _is_recent(item: Item, now: datetime) -> bool:
    return any(entry and entry.at >= now - _LAG for entry in decode_segment(item))
