"""Decodes uniqueness items: the owners of urls and of names.

What other programs left in them is no owner, so that it can be replaced.
"""

from contextlib import suppress
from datetime import datetime

from storage.artifacts.records import ResolvedTarget
from storage.dynamodb.items.references import decode_resolved
from storage.dynamodb.items.values import DECODING_ERRORS, decode_time, place_key
from storage.dynamodb.schema.attributes import Item

_LAST_YEAR = 9999
"""There is hardly a time after it, so it would stop a name from being taken."""


def encode_since(since: datetime) -> str:
    """Return a time as text that sorts like the times themselves."""
    return place_key(since, "").removesuffix("#")


def decode_owner(item: Item | None) -> ResolvedTarget | None:
    """Return the owner in a uniqueness item; None if it has none, or one that is no owner."""
    try:
        return decode_resolved(item["owner"]["S"]) if item else None
    except DECODING_ERRORS:
        return None


def decode_last_since(item: Item | None) -> datetime | None:
    """Return the latest time at which an artifact took a name, as far as its item tells."""
    owner = decode_owner(item)
    times = [owner.named_at] if owner and owner.named_at else []
    with suppress(*DECODING_ERRORS):
        times += [decode_time(item["last_since"]["S"])] if item else []
    return max((time for time in times if time.year < _LAST_YEAR), default=None)
