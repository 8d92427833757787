"""Reads the changes of log entries."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from storage.artifacts.changes import Change
from storage.dynamodb.client.client import DynamoClient
from storage.dynamodb.client.retry import backoff
from storage.dynamodb.feed.segments import LogEntry
from storage.dynamodb.items.changes import decode_change
from storage.dynamodb.reads.history import change_size, is_expired
from storage.dynamodb.schema.attributes import Item
from storage.dynamodb.schema.keys import change_key
from storage.errors import UndecodableError

_MAX_ATTEMPTS = 4
"""A change may become readable a moment after its entry in the log, of the same transaction."""


class ChangeReader:
    """Reads changes by their entries, and keeps them until it is dropped."""

    def __init__(self, client: DynamoClient, not_before: datetime | None) -> None:
        self._client = client
        self._not_before = not_before
        self._items: dict[str, Item] = {}
        self._missing: set[str] = set()

    def load(self, entries: Iterable[LogEntry], others: Sequence[str] = ()) -> dict[str, Item]:
        """Read the changes of entries, and in the same call the items with other keys."""
        left = {entry_key(entry) for entry in entries} - self._items.keys() - self._missing
        items = self._client.get_items([*left, *others])
        for attempt in backoff():
            self._items |= {key: items[key] for key in left if key in items}
            left -= items.keys()
            if not left or attempt >= _MAX_ATTEMPTS:
                break
            items |= self._client.get_items(left)
        self._missing |= left
        return items

    def find(self, entry: LogEntry) -> Change | None:
        """Return the change of an entry; None if it is no longer kept, or cannot be decoded."""
        item = self._items.get(entry_key(entry))
        if item is None or is_expired(item, self._not_before):
            return None
        try:
            return decode_change(item)
        except UndecodableError:
            return None

    def size(self, entry: LogEntry) -> int:
        """Return about as many bytes as an entry's change has."""
        return change_size(self._items.get(entry_key(entry), {}))


def entry_key(entry: LogEntry) -> str:
    """Return the key of an entry's change."""
    return change_key(entry.artifact_id, entry.version)
