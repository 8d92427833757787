"""Repairs histories: adds missing changes and entries of the log, deletes what is too much."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from storage.artifacts.changes import Change, ChangeKind
from storage.clock import Clock
from storage.dynamodb.client.client import DynamoClient
from storage.dynamodb.feed.log_state import LogState, read_log_state
from storage.dynamodb.feed.segments import LogAppender, LogEntry, LogHeads
from storage.dynamodb.items.changes import (
    decode_change,
    decode_deleted_version,
    encode_change,
    encode_deleted,
)
from storage.dynamodb.items.values import DECODING_ERRORS, decode_version
from storage.dynamodb.maintenance.histories import HistoryRepair, WrongHistory
from storage.dynamodb.maintenance.scan_rows import ItemReader
from storage.dynamodb.schema.attributes import KEY, Item
from storage.dynamodb.schema.keys import change_key, deleted_key
from storage.dynamodb.writes.item_updates import Action, only_if_absent, only_if_equal
from storage.dynamodb.writes.table_view import TableView
from storage.errors import UndecodableError


@dataclass(frozen=True, slots=True)
class HistoryRepairer:
    """Repairs histories of one table."""

    client: DynamoClient
    reader: ItemReader
    clock: Clock
    heads: LogHeads

    def repair(self, found: Sequence[WrongHistory]) -> int:
        """Repair histories together, or each on its own, and return how many it were.

        What others have changed since the scan is left to the next one.
        """
        if self._repair_together(found):
            return len(found)
        return sum(self._repair_together([each]) for each in found) if len(found) > 1 else 0

    def _repair_together(self, found: Sequence[WrongHistory]) -> bool:
        state = read_log_state(self.client)
        view = TableView(self.client)
        for each in found:
            newest = change_key(each.id, each.version)
            view.load([each.id, deleted_key(each.id), newest])
        repair = _Repair(self.reader, self.clock, state, view)
        for each in found:
            if not repair.add(each):
                return False
        log: list[Action] = []
        if repair.entries:
            appender = LogAppender(self.client, self.heads, state)
            appender.settle(view)
            log += appender.actions(repair.entries)
        return self.client.transact([*repair.actions.values(), *log])


class _Repair:
    """The actions of a transaction that repairs histories, by their keys."""

    def __init__(
        self, reader: ItemReader, clock: Clock, state: LogState, view: TableView
    ) -> None:
        self.actions: dict[str, Action] = {}
        self.entries: list[LogEntry] = []
        self._reader = reader
        self._clock = clock
        self._state = state
        self._view = view

    def add(self, found: WrongHistory) -> bool:
        """Add what repairs a history; False if it is no longer as it was found."""
        item, deleted = self._view[found.id], self._view[deleted_key(found.id)]
        if found.repair is HistoryRepair.DELETE_DELETED:
            self._delete_deleted(found.id, deleted)
            return item is not None
        if found.repair is HistoryRepair.ADD_DELETION:
            return item is None and deleted is None and self._add_deletion(found)
        version = _version(item) if item else decode_deleted_version(deleted)
        if version != found.version:
            return False
        self._check_version(found.id, item, deleted)
        if found.repair is HistoryRepair.DELETE_CHANGE:
            key = found.inconsistency.about
            self.actions[key] = {"Delete": {"Key": {KEY: {"S": key}}}}
            return True
        self.entries.append(LogEntry(found.id, found.version, self._clock()))
        return found.repair is HistoryRepair.ADD_LOG_ENTRY or self._add_change(item)

    def _delete_deleted(self, id_: str, deleted: Item | None) -> None:
        key = {KEY: {"S": deleted_key(id_)}}
        if deleted is not None:
            condition = only_if_equal(deleted, "version", "at")
            self.actions[deleted_key(id_)] = {"Delete": {"Key": key, **condition}}
        is_there = {"ConditionExpression": f"attribute_exists({KEY})"}
        check = {"ConditionCheck": {"Key": {KEY: {"S": id_}}, **is_there}}
        self.actions.setdefault(id_, check)

    def _check_version(self, id_: str, item: Item | None, deleted: Item | None) -> None:
        condition = self._reader.only_if_unchanged(item) if item else only_if_absent()
        self.actions[id_] = {"ConditionCheck": {"Key": {KEY: {"S": id_}}, **condition}}
        if item is None and deleted is not None:
            key = deleted_key(id_)
            unchanged = only_if_equal(deleted, "version", "at")
            self.actions[key] = {"ConditionCheck": {"Key": {KEY: {"S": key}}, **unchanged}}

    def _add_change(self, item: Item | None) -> bool:
        """Add a change that says no more than that there is this version."""
        try:
            artifact = self._reader.decode(item or {})
        except UndecodableError:
            return False
        change = Change(
            artifact_id=artifact.id,
            type=artifact.type,
            name=artifact.name,
            version=artifact.version,
            kind=ChangeKind.UPDATED,
            at=artifact.updated_at,
            by=artifact.updated_by,
        )
        self._put(encode_change(change, self._state.retention))
        return True

    def _add_deletion(self, found: WrongHistory) -> bool:
        """Add the deletion of an artifact that is gone, after the newest of its changes."""
        try:
            change = decode_change(self._view[change_key(found.id, found.version)] or {})
        except UndecodableError:
            return False
        retention = self._state.retention
        if change.kind is not ChangeKind.DELETED:
            change = replace(
                change,
                version=change.version + 1,
                kind=ChangeKind.DELETED,
                at=max(self._clock(), change.at + timedelta(milliseconds=1)),
                by=None,
                request_id=None,
                fields=(),
            )
            self._put(encode_change(change, retention))
            self.entries.append(LogEntry(change.artifact_id, change.version, self._clock()))
        deleted = encode_deleted(
            found.id, version=change.version, at=change.at, content=None, retention=retention
        )
        self._put(deleted)
        self._check_version(found.id, None, None)
        return True

    def _put(self, item: Item) -> None:
        self.actions[item[KEY]["S"]] = {"Put": {"Item": item, **only_if_absent()}}


def _version(item: Item) -> int:
    try:
        return decode_version(item)
    except DECODING_ERRORS:
        return 0
