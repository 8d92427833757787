"""Reads the histories of artifacts: change items, whose keys follow from the versions."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

from storage.artifacts.changes import Change
from storage.artifacts.ids import is_id
from storage.change_queries import HistoryPage, HistoryQuery
from storage.dynamodb.client.client import DynamoClient
from storage.dynamodb.items.changes import decode_change
from storage.dynamodb.items.values import DECODING_ERRORS, decode_time
from storage.dynamodb.schema.attributes import Item
from storage.dynamodb.schema.keys import change_key
from storage.errors import UndecodableError

MAX_PAGE_BYTES = 1_000_000
"""A page of changes ends with the one that exceeds this."""
_CHUNK = 50
"""Changes of an artifact that are read at once: at most the 16 MB of one answer."""


def read_history(
    client: DynamoClient, queries: Sequence[HistoryQuery], not_before: datetime | None
) -> list[HistoryPage]:
    """Return a page for each query; changes from before a time are no longer kept."""
    walks = [_Walk(query) for query in queries]
    while open_walks := [walk for walk in walks if not walk.is_finished]:
        keys = (change_key(*key) for walk in open_walks for key in walk.next_keys())
        items = client.get_items(keys)
        for walk in open_walks:
            walk.take(items, not_before)
    return [walk.to_page() for walk in walks]


def change_size(item: Item) -> int:
    """Return about as many bytes as a change's item has."""
    return len(item.get("fields", {}).get("S", "").encode())


def is_expired(item: Item, not_before: datetime | None) -> bool:
    """Return whether the item of a change, or of a deleted artifact, is from before a time."""
    try:
        return not_before is not None and decode_time(item["at"]["S"]) < not_before
    except DECODING_ERRORS:
        return False


@dataclass(slots=True)
class _Walk:
    """One history, from a version downwards."""

    query: HistoryQuery
    changes: list[Change] = field(default_factory=list)
    has_next: bool = False
    is_finished: bool = False
    _version: int = 0
    _bytes: int = 0

    def __post_init__(self) -> None:
        self._version = self.query.version
        self.is_finished = self._version < 1 or not is_id(self.query.artifact_id)

    def next_keys(self) -> list[tuple[str, int]]:
        """Return the ids and versions to read next, with one more than the page has."""
        count = min(self.query.first + 1 - len(self.changes), _CHUNK)
        lowest = max(self._version - count, 0)
        return [(self.query.artifact_id, v) for v in range(self._version, lowest, -1)]

    def take(self, items: Mapping[str, Item], not_before: datetime | None) -> None:
        """Take the changes that were read, up to the end of the page or of the history."""
        for key in self.next_keys():
            item = items.get(change_key(*key))
            is_kept = item is not None and not is_expired(item, not_before)
            is_full = len(self.changes) >= self.query.first or self._bytes > MAX_PAGE_BYTES
            if item is None or not is_kept or is_full:
                self.has_next, self.is_finished = is_kept, True
                return
            self._version -= 1
            self._bytes += change_size(item)
            # One that cannot be decoded spoils only itself.
            with suppress(UndecodableError):
                self.changes.append(decode_change(item))
        self.is_finished = self._version < 1

    def to_page(self) -> HistoryPage:
        """Return the page."""
        return HistoryPage(tuple(self.changes), self.has_next)
