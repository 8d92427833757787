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
        """Return the number of a shard's newest segment, or of an earlier one.

        The first segments of a new log are put here, in a transaction of their own. 0 if that
        was not possible, because a reset has begun another log.
        """
        key = state.log_epoch, shard
        if key not in self._numbers:
            found = find_heads(client, state.log_epoch, state.shards)
            missing = [each for each in range(state.shards) if not found.get(each)]
            if missing and not _begin_log(client, state.log_epoch, missing):
                return found.get(shard, 0)
            for each in range(state.shards):
                self.note(state.log_epoch, each, found.get(each) or 1)
        return self._numbers[key]

    def note(self, log_epoch: int, shard: int, number: int) -> None:
        """Note the number of a shard's newest segment."""
        self._numbers[log_epoch, shard] = number

    def forget(self, log_epoch: int, shard: int) -> None:
        """Look the number up anew at the next write."""
        self._numbers.pop((log_epoch, shard), None)


def _begin_log(client: DynamoClient, log_epoch: int, shards: Sequence[int]) -> bool:
    """Put the first segment of shards; False if others did, or a reset began another log."""
    check = {
        "Key": {KEY: {"S": SCHEMA_KEY}},
        "ConditionExpression": "log_epoch = :epoch",
        "ExpressionAttributeValues": {":epoch": {"N": str(log_epoch)}},
    }
    keys = (segment_key(log_epoch, shard, 1) for shard in shards)
    return client.transact(
        [*(_put_segment(key, {"L": []}) for key in keys), {"ConditionCheck": check}]
    )


def _put_segment(key: str, entries: Item) -> Action:
    return {
        "Put": {
            "Item": {KEY: {"S": key}, "entries": entries},
            "ConditionExpression": "attribute_not_exists(entries)",
        }
    }


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
        segment = items[self._key(self._number)]
        if segment is None:
            # A reset has begun another log: the append will fail.
            self._heads.forget(self._state.log_epoch, self._shard)
        entries = (segment or {}).get("entries", {})
        self._count = len(entries.get("L", ()))

    def actions(self, entries: Sequence[LogEntry]) -> list[Action]:
        """Return the actions that append entries."""
        encoded = {"L": [{"S": encode_entry(entry)} for entry in entries]}
        if self._count >= SEGMENT_ENTRIES:
            number = self._number + 1
            put = _put_segment(self._key(number), encoded)
            return [put, self._close(entries), *self._point_to(number)]
        return [self._append(encoded)]

    def record(self, entries: Sequence[LogEntry]) -> None:
        """Note that the actions for these entries took effect."""
        if self._count >= SEGMENT_ENTRIES:
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
