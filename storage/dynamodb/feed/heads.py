"""Finds the newest segment of each shard of the log.

A pointer beside the shard's segments says near which number it is. The newest segment never
expires, so it is there although all before it may have expired.
"""

from storage.dynamodb.client.client import DynamoClient
from storage.dynamodb.items.values import DECODING_ERRORS
from storage.dynamodb.schema.attributes import KEY, Item
from storage.dynamodb.schema.keys import head_pointer_key, segment_key

POINTER_SPACING = 16
"""The pointer is set by whoever begins a segment whose number is a multiple of this."""


def find_heads(client: DynamoClient, log_epoch: int, shards: int) -> dict[int, int]:
    """Return the number of each shard's newest segment; 0 for a shard without entries."""
    pointers = client.get_items(head_pointer_key(log_epoch, s) for s in range(shards))
    heads = {s: _pointed(pointers.get(head_pointer_key(log_epoch, s))) for s in range(shards)}
    left = set(heads)
    while left:
        ranges = {shard: _next_numbers(heads[shard]) for shard in left}
        items = client.get_items(
            (segment_key(log_epoch, s, n) for s in left for n in ranges[s]), (KEY,)
        )
        for shard, numbers in ranges.items():
            present = [n for n in numbers if segment_key(log_epoch, shard, n) in items]
            heads[shard] = max(present, default=heads[shard])
        # Segments that were begun meanwhile.
        left = {shard for shard in left if heads[shard] == ranges[shard][-1]}
    return heads


def _next_numbers(number: int) -> range:
    first = max(number, 1)
    return range(first, first + POINTER_SPACING)


def _pointed(item: Item | None) -> int:
    try:
        return int(item["head"]["N"]) if item else 0
    except DECODING_ERRORS:
        return 0
