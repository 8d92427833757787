"""Brings a copy up to date: reads the log from the copy's positions, and what it names."""

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from storage.artifacts.ids import is_id
from storage.deadline import seconds_left
from storage.dynamodb.client.client import DynamoClient
from storage.dynamodb.feed.cursors import START
from storage.dynamodb.feed.heads import find_heads
from storage.dynamodb.feed.log_state import LogState, decode_log_state
from storage.dynamodb.feed.shards import ShardReader
from storage.dynamodb.schema.attributes import Item
from storage.dynamodb.schema.keys import SCHEMA_KEY, segment_key
from storage.dynamodb.search.copy_file import CopyFile
from storage.dynamodb.search.copy_tables import ATTRIBUTES, CopyPosition
from storage.dynamodb.search.log_tails import (
    Tails,
    check_tails,
    next_tails,
    read_tails,
    write_tails,
)
from storage.errors import CursorExpiredError, StoreUnavailableError
from storage.search.background_build import AbandonedBuildError
from storage.search.writing import merge_words

_FIRST_SEGMENTS = 2
"""Read of each shard at first: the one at the position may be full by now."""
_MORE_SEGMENTS = 12
"""Read of each shard at once after these."""
_ENTRIES = 100
"""Entries of a shard that are enough for one step."""
_MERGED_PAGES = 32
"""About as many pages of trigrams are merged with each step, in a few milliseconds."""


class CopyOutdatedError(AbandonedBuildError):
    """A copy that cannot be continued; the message says why. It must be built anew."""


@dataclass(frozen=True, slots=True)
class _Step:
    """The entries of a part of the log after a copy's positions."""

    start: CopyPosition
    tails: Tails
    state: LogState
    readers: Sequence[ShardReader]

    @property
    def is_last(self) -> bool:
        """True if this is all that the log has."""
        return all(reader.is_complete for reader in self.readers)

    @property
    def end(self) -> CopyPosition:
        """The positions after the step."""
        ends = [r.entries[-1].end if r.entries else r.start for r in self.readers]
        return CopyPosition(self.start.epoch, self.start.log_epoch, tuple(ends))

    def versions(self, *, is_new: bool) -> dict[str, int]:
        """Return the artifacts that the entries name, each with its highest version."""
        found: dict[str, int] = {}
        for entry in (placed.entry for reader in self.readers for placed in reader.entries):
            if entry is not None and is_id(entry.artifact_id):
                found[entry.artifact_id] = max(entry.version, found.get(entry.artifact_id, 0))
            elif not is_new:
                raise CursorExpiredError("an entry of the log cannot be read")
        return found


def poll(client: DynamoClient, file: CopyFile, *, is_new: bool = False) -> LogState:
    """Apply the changes after the copy's positions, up to the end of the log; return its state.

    `is_new`: the copy is being built. Its artifacts were read after the entries that cannot be
    read, if there are any.

    Raises:
        CopyOutdatedError: if the registry was reset, if segments after the positions are gone,
            if the log is not the one that was read before, or if an entry cannot be read.
        StoreUnavailableError: if the table does not answer, or not in time; a later poll
            goes on from where this one ended.
        sqlite3.Error: if the copy cannot be read or written.
    """
    try:
        while True:
            step = _read_step(client, file)
            if _apply(client, file, step, is_new=is_new) and step.is_last:
                return step.state
            if seconds_left() <= 0:
                raise StoreUnavailableError("the search index was not up to date in time")
    except CursorExpiredError as error:
        raise CopyOutdatedError(str(error)) from error


def _read_step(client: DynamoClient, file: CopyFile) -> _Step:
    """Read the log after a copy's positions: in one call, unless there is much."""
    with file.reading() as db:
        start, tails = file.read_cursor(db), read_tails(db)
    readers = [
        ShardReader(start.log_epoch, shard, position)
        for shard, position in enumerate(start.positions)
    ]
    items = client.get_items([SCHEMA_KEY, *_keys(readers, _FIRST_SEGMENTS)])
    state = decode_log_state(items.get(SCHEMA_KEY))
    if (start.epoch, start.log_epoch) != (state.epoch, state.log_epoch):
        raise CursorExpiredError("the registry was reset")
    tails = check_tails(start.positions, start.log_epoch, tails, items)
    for reader in readers:
        reader.take(items, _FIRST_SEGMENTS)
    readers += [
        ShardReader(start.log_epoch, shard, START)
        for shard in range(len(readers), state.shards)
    ]
    while left := [r for r in readers if not r.is_complete and len(r.entries) < _ENTRIES]:
        more = client.get_items(_keys(left, _MORE_SEGMENTS))
        for reader in left:
            reader.take(more, _MORE_SEGMENTS)
    _require_unbegun(client, state, readers, items)
    return _Step(start, tails, state, readers)


def _require_unbegun(
    client: DynamoClient,
    state: LogState,
    readers: Sequence[ShardReader],
    items: Mapping[str, Item],
) -> None:
    """Check that shards that seem not to have begun have not lost their first segments."""
    unbegun = [
        r.shard
        for r in readers
        if r.start == START
        and not r.entries
        and segment_key(state.log_epoch, r.shard, START.number) not in items
    ]
    if unbegun and state.retention is not None:
        heads = find_heads(client, state.log_epoch, state.shards)
        if any(heads[shard] > START.number for shard in unbegun):
            raise CursorExpiredError("segments of the log are gone")


def _apply(client: DynamoClient, file: CopyFile, step: _Step, *, is_new: bool) -> bool:
    """Apply a step; False if another poll has advanced the copy meanwhile."""
    if step.end == step.start:
        return True
    versions = step.versions(is_new=is_new)
    items = client.get_items(versions, ATTRIBUTES)
    with file.writing() as db:
        if file.read_cursor(db) != step.start:
            return False
        _write(db, file, versions, items)
        file.write_cursor(db, step.end)
        write_tails(db, next_tails(step.tails, step.readers))
    return True


def _write(
    db: sqlite3.Connection,
    file: CopyFile,
    versions: Mapping[str, int],
    items: Mapping[str, Item],
) -> None:
    for id_, version in versions.items():
        if id_ in items:
            file.put_item(db, items[id_])
        else:
            file.put_deleted(db, id_, version)
    # Each transaction adds a segment of trigrams.
    merge_words(db, _MERGED_PAGES)


def _keys(readers: Sequence[ShardReader], count: int) -> list[str]:
    return [key for reader in readers for key in reader.keys(count)]
