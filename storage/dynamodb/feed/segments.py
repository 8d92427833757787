"""Appends to the log: entries for changes, in the segments of several shards."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from storage.dynamodb.client.client import DynamoClient
from storage.dynamodb.feed.heads import POINTER_SPACING, find_heads
from storage.dynamodb.feed.log_state import LogState
from storage.dynamodb.items.changes import encode_expiry
from storage.dynamodb.items.values import decode_time
from storage.dynamodb.schema.attributes import KEY, Item
from storage.dynamodb.schema.keys import SCHEMA_KEY, head_pointer_key, segment_key
from storage.errors import UndecodableError

SEGMENT_ENTRIES = 10
"""With so many entries a segment is full; an append of several may exceed it."""
_MAX_STEPS = 2
"""A head that is more segments behind is looked up anew."""
Action = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class LogEntry:
    """A change in the log: which artifact has which version since when."""

    artifact_id: str
    version: int
    at: datetime


def encode_entry(entry: LogEntry) -> str:
    """Return an entry as text."""
    return f"{entry.artifact_id}#{entry.version}#{entry.at.isoformat()}"


def decode_entry(text: str) -> LogEntry:
    """Return the entry of a text.

    Raises:
        UndecodableError: if it is not one of an entry.
    """
    try:
        artifact_id, version, at = text.split("#")
        return LogEntry(artifact_id, int(version), decode_time(at))
    except ValueError as error:
        raise UndecodableError("an entry of the log cannot be read") from error


class LogHeads:
    """The newest segment of each shard, as far as this process knows; threads may share it."""

    def __init__(self) -> None:
        self._numbers: dict[tuple[int, int], int] = {}

    def find(self, client: DynamoClient, state: LogState, shard: int) -> int:
        """Return the number of a shard's newest segment, or of an earlier one; 0 for none."""
        key = state.log_epoch, shard
        if key not in self._numbers:
            found = find_heads(client, state.log_epoch, state.shards)
            for each in range(state.shards):
                self.note(state.log_epoch, each, found.get(each, 0))
        return self._numbers[key]

    def note(self, log_epoch: int, shard: int, number: int) -> None:
        """Note the number of a shard's newest segment."""
        self._numbers[log_epoch, shard] = number

    def forget(self, log_epoch: int, shard: int) -> None:
        """Look the number up anew at the next write."""
        self._numbers.pop((log_epoch, shard), None)


class ItemReader(Protocol):
    """Reads items consistently, each once."""

    def load(self, keys: Sequence[str]) -> None:
        """Read the items that have not been read yet."""

    def __getitem__(self, key: str) -> Item | None:
        """Return an item that was read; None if there is none."""


class LogAppender:
    """Appends to one shard of the log, which is drawn at random."""

    def __init__(self, client: DynamoClient, heads: LogHeads, state: LogState) -> None:
        self._client = client
        self._heads = heads
        self._state = state
        self._shard = random.randrange(state.shards)  # noqa: S311 - no secret
        self._number = heads.find(client, state, self._shard)
        self._segment: Item | None = None
        self._count = 0

    @property
    def keys(self) -> list[str]:
        """The keys of the items that tell which segment is the newest."""
        return [self._key(self._number), self._key(self._number + 1)]

    def settle(self, items: ItemReader) -> None:
        """Go to the newest segment, beginning with the items that were read."""
        items.load(self.keys)
        steps = 0
        while items[self._key(self._number + 1)] is not None:
            steps += 1
            self._number += 1
            if steps == _MAX_STEPS:
                self._heads.forget(self._state.log_epoch, self._shard)
                number = self._heads.find(self._client, self._state, self._shard)
                self._number = max(self._number, number)
            items.load(self.keys)
        self._segment = items[self._key(self._number)]
        if self._segment is None and self._number:
            # The log was reset.
            self._heads.forget(self._state.log_epoch, self._shard)
        entries = (self._segment or {}).get("entries", {})
        self._count = len(entries.get("L", ()))

    def actions(self, entries: Sequence[LogEntry]) -> list[Action]:
        """Return the actions that append entries."""
        encoded = {"L": [{"S": encode_entry(entry)} for entry in entries]}
        if self._number == 0:
            return [self._put(1, encoded), self._check_epoch()]
        if self._count >= SEGMENT_ENTRIES:
            number = self._number + 1
            return [self._put(number, encoded), self._close(entries), *self._point_to(number)]
        return [self._append(encoded)]

    def record(self, entries: Sequence[LogEntry]) -> None:
        """Note that the actions for these entries took effect."""
        if self._number == 0 or self._count >= SEGMENT_ENTRIES:
            self._number += 1
            self._count = 0
        self._count += len(entries)
        self._heads.note(self._state.log_epoch, self._shard, self._number)

    def _key(self, number: int) -> str:
        return segment_key(self._state.log_epoch, self._shard, number)

    def _append(self, encoded: Item) -> Action:
        return {
            "Update": {
                "Key": {KEY: {"S": self._key(self._number)}},
                "UpdateExpression": "SET #e = list_append(#e, :new)",
                "ConditionExpression": "attribute_exists(#e) AND size(#e) < :full",
                "ExpressionAttributeNames": {"#e": "entries"},
                "ExpressionAttributeValues": {
                    ":new": encoded,
                    ":full": {"N": str(SEGMENT_ENTRIES)},
                },
            }
        }

    def _put(self, number: int, encoded: Item) -> Action:
        return {
            "Put": {
                "Item": {KEY: {"S": self._key(number)}, "entries": encoded},
                "ConditionExpression": "attribute_not_exists(entries)",
            }
        }

    def _check_epoch(self) -> Action:
        """Return the condition that no reset has begun another log."""
        return {
            "ConditionCheck": {
                "Key": {KEY: {"S": SCHEMA_KEY}},
                "ConditionExpression": "log_epoch = :epoch",
                "ExpressionAttributeValues": {":epoch": {"N": str(self._state.log_epoch)}},
            }
        }

    def _close(self, entries: Sequence[LogEntry]) -> Action:
        """Return the condition that the newest segment is full; it may expire from now on."""
        parameters: dict[str, Any] = {
            "Key": {KEY: {"S": self._key(self._number)}},
            "ConditionExpression": "attribute_exists(#e) AND size(#e) >= :full",
            "ExpressionAttributeNames": {"#e": "entries"},
            "ExpressionAttributeValues": {":full": {"N": str(SEGMENT_ENTRIES)}},
        }
        newest = max(entry.at for entry in entries)
        expiry = encode_expiry(newest, self._state.retention)
        if expiry is None:
            return {"ConditionCheck": parameters}
        parameters["UpdateExpression"] = "SET expires_at = :expiry"
        parameters["ExpressionAttributeValues"][":expiry"] = {"N": expiry}
        return {"Update": parameters}

    def _point_to(self, number: int) -> list[Action]:
        if number % POINTER_SPACING:
            return []
        key = {"S": head_pointer_key(self._state.log_epoch, self._shard)}
        return [{"Put": {"Item": {KEY: key, "head": {"N": str(number)}}}}]
