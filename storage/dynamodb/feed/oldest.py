"""Finds where the entries begin that are still kept, in each shard of the log."""

from datetime import datetime

from storage.dynamodb.client.client import DynamoClient
from storage.dynamodb.feed.cursors import START, Position, Positions
from storage.dynamodb.feed.heads import find_heads
from storage.dynamodb.feed.log_state import LogState
from storage.dynamodb.feed.shards import decode_segment
from storage.dynamodb.schema.attributes import Item
from storage.dynamodb.schema.keys import segment_key

_PROBES = 12
"""Segments of each shard that are looked at in one call."""


def find_oldest(
    client: DynamoClient, state: LogState, not_before: datetime | None
) -> Positions:
    """Return the positions before the oldest segments with entries that are kept."""
    shards = range(state.shards)
    first = client.get_items(_key(state, shard, 1) for shard in shards)
    found = dict.fromkeys(
        (s for s in shards if has_kept(first.get(_key(state, s, 1)), not_before)), START
    )
    if len(found) < state.shards:
        heads = find_heads(client, state.log_epoch, state.shards)
        left = {s: (1, head) for s, head in heads.items() if s not in found}
        found |= _search(client, state, left, not_before)
    return tuple(found[s] for s in shards)


def has_kept(item: Item | None, not_before: datetime | None) -> bool:
    """Return whether any entry of a segment is kept."""
    if item is None or not_before is None:
        return item is not None
    return any(entry and entry.at >= not_before for entry in decode_segment(item))


def _search(
    client: DynamoClient,
    state: LogState,
    left: dict[int, tuple[int, int]],
    not_before: datetime | None,
) -> dict[int, Position]:
    """Narrow, for each shard, the range of numbers that the oldest kept segment is in.

    The newest segment is taken if the others are no longer kept.
    """
    found: dict[int, Position] = {}
    while left:
        probes = {s: _probe_numbers(*bounds) for s, bounds in left.items()}
        items = client.get_items(_key(state, s, n) for s in left for n in probes[s])
        for shard, (low, high) in tuple(left.items()):
            kept = [
                n
                for n in probes[shard]
                if has_kept(items.get(_key(state, shard, n)), not_before)
            ]
            end = min(kept, default=high)
            start = max((n + 1 for n in probes[shard] if n < end), default=low)
            left[shard] = start, end
            if start >= end:
                found[shard] = Position(max(end, START.number), 0)
                del left[shard]
    return found


def _probe_numbers(low: int, high: int) -> list[int]:
    """Return numbers from `low` to before `high`, evenly spaced."""
    count = min(high - low, _PROBES)
    return [low + (high - low) * at // count for at in range(count)] if count > 0 else []


def _key(state: LogState, shard: int, number: int) -> str:
    return segment_key(state.log_epoch, shard, number)
