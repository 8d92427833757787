"""Repairs what a table scan found, on the condition that it still is as it was read."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby, islice

import orjson

from storage.artifacts.ids import is_id
from storage.artifacts.reference_stamps import reference_targets
from storage.callbacks import Progress
from storage.clock import Clock, system_clock
from storage.dynamodb.client.client import MAX_ACTIONS, MAX_BYTES, DynamoClient
from storage.dynamodb.feed.segments import LogHeads
from storage.dynamodb.maintenance.batches import run_batches
from storage.dynamodb.maintenance.histories import WrongHistory
from storage.dynamodb.maintenance.inconsistencies import (
    WrongArtifact,
    WrongName,
    WrongUrl,
    count_repairable,
    find_inconsistencies,
)
from storage.dynamodb.maintenance.repair_histories import HistoryRepairer
from storage.dynamodb.maintenance.scan_db import ScanDatabase
from storage.dynamodb.maintenance.scan_rows import CURRENT, OLDER_ATTRIBUTES, ItemReader
from storage.dynamodb.maintenance.table_inconsistency import TableInconsistency
from storage.dynamodb.maintenance.table_scan import scan_table
from storage.dynamodb.schema.attributes import KEY, Item
from storage.dynamodb.schema.keys import reference_id, url_key
from storage.dynamodb.writes.item_updates import (
    Action,
    Condition,
    only_if,
    only_if_absent,
    only_if_equal,
    to_updated_item,
    update_item,
)
from storage.dynamodb.writes.plan import reference_item
from storage.errors import UndecodableError

MAX_ROUNDS = 5
"""Another round helps if something was written meanwhile; they end in any case."""
_BATCH = 25
_MAX_CLAIMANTS = 25
"""Artifacts that are read to see whether they still have a url that nobody owns."""


def repair(client: DynamoClient, progress: Progress, clock: Clock = system_clock) -> int:
    """Repair all that follows from the artifacts, and return how many items that was."""
    repaired = 0
    for _ in range(MAX_ROUNDS):
        with scan_table(client, CURRENT, progress, clock) as scan_db:
            repairable, _undecided = count_repairable(scan_db)
            if not repairable:
                break
            repairer = Repairer(client, CURRENT, clock)
            repaired += repairer.repair(scan_db, repairable, progress)
    return repaired


class Repairer:
    """Repairs what a scan found, in a few threads."""

    def __init__(self, client: DynamoClient, reader: ItemReader, clock: Clock) -> None:
        self._client = client
        self._reader = reader
        self._histories = HistoryRepairer(client, reader, clock, LogHeads())

    def repair(self, scan_db: ScanDatabase, repairable: int, progress: Progress) -> int:
        """Repair what a scan found, and return how many items that was."""
        all_found = find_inconsistencies(scan_db)
        found = (each for each in all_found if each.inconsistency.is_repairable)
        return run_batches(
            self._repair_batch,
            iter(lambda: list(islice(found, _BATCH)), []),
            lambda finished: progress("repairing", finished, repairable),
        )

    def _repair_batch(self, found: Sequence[TableInconsistency]) -> int:
        histories = [each for each in found if isinstance(each, WrongHistory)]
        others = [each for each in found if not isinstance(each, WrongHistory)]
        repaired = self._histories.repair(histories) if histories else 0
        return repaired + self._repair_items(others)

    def _repair_items(self, found: Sequence[TableInconsistency]) -> int:
        client = self._client
        parts = [list(part) for _, part in groupby(found, _subject)]
        items = client.get_items(key for each in found for key in _keys_to_read(each))
        plans = {
            at: actions
            for at, part in enumerate(parts)
            if (actions := list(_to_actions(self._reader, part, items)))
        }
        repaired: list[int] = []
        for group in _group(plans, items):
            if client.transact([action for at in group for action in plans[at]]):
                repaired += group
            elif len(group) > 1:
                repaired += [at for at in group if client.transact(plans[at])]
        return sum(len(parts[at]) for at in repaired)


def _group(plans: Mapping[int, list[Action]], items: Mapping[str, Item]) -> list[list[int]]:
    """Divide plans into transactions, in which each item may occur once."""
    if len(orjson.dumps([items, *plans.values()])) > MAX_BYTES:
        return [[at] for at in plans]
    groups: list[list[int]] = []
    keys: set[str] = set()
    for at, actions in plans.items():
        own = {_key(action) for action in actions}
        if not groups or keys & own or len(keys) + len(own) > MAX_ACTIONS:
            groups.append([])
            keys = set()
        groups[-1].append(at)
        keys |= own
    return groups


def _key(action: Action) -> str:
    ((operation, parameters),) = action.items()
    holder = parameters["Item"] if operation == "Put" else parameters["Key"]
    return str(holder[KEY]["S"])


def _subject(found: TableInconsistency) -> str:
    """Return the key of what is repaired together: all that depends on one item."""
    return found.id if isinstance(found, WrongArtifact) else found.inconsistency.about


def _keys_to_read(found: TableInconsistency) -> Iterator[str]:
    if isinstance(found, WrongArtifact) and is_id(found.id):
        yield found.id
    if isinstance(found, WrongUrl):
        owner = [found.owner] if found.owner and is_id(found.owner) else []
        yield from (found.key, *owner, *found.claimants[:_MAX_CLAIMANTS])


def _to_actions(
    reader: ItemReader, part: Sequence[TableInconsistency], items: Mapping[str, Item]
) -> Iterator[Action]:
    first = part[0]
    if isinstance(first, WrongArtifact):
        keys = [f.reference_key for f in part if isinstance(f, WrongArtifact)]
        present = [key for key in keys if key]
        # The next round finds the rest.
        yield from _artifact_actions(reader, first.id, present[: MAX_ACTIONS - 1], items)
    elif isinstance(first, WrongUrl):
        yield from _url_actions(reader, first, items)
    elif isinstance(first, WrongName):
        yield from _name_actions(first)


def _artifact_actions(
    reader: ItemReader, id_: str, reference_keys: Sequence[str], items: Mapping[str, Item]
) -> Iterator[Action]:
    item = items.get(id_)
    right: dict[str, Item] = {}
    if item is not None:
        try:
            artifact = reader.decode(item)
        except UndecodableError:
            return
        right = {
            reference_id(id_, t): reference_item(id_, t) for t in reference_targets(artifact)
        }
        if reader.is_backfilled(item) and to_updated_item(item, artifact) != item:
            yield update_item(item, artifact, reader.only_if_unchanged(item))
        else:
            yield _check_unchanged(reader, id_, item)
    elif is_id(id_):
        yield _check_unchanged(reader, id_, None)
    for key in reference_keys:
        if key in right:
            yield {"Put": {"Item": right[key]}}
        else:
            yield {"Delete": {"Key": {KEY: {"S": key}}}}


def _url_actions(
    reader: ItemReader, wrong: WrongUrl, items: Mapping[str, Item]
) -> Iterator[Action]:
    """Give the url to the oldest migrated artifact that has it; else delete the item."""
    item = items.get(wrong.key)
    having = [id_ for id_ in wrong.claimants if _has_url(reader, items.get(id_), wrong.key)]
    if item is not None and item.get("owner", {}).get("S") in having:
        return
    migrated = (id_ for id_ in having if reader.is_backfilled(items[id_]))
    if owner := next(migrated, None):
        right = {**(item or {}), KEY: {"S": wrong.key}, "owner": {"S": owner}}
        yield {"Put": {"Item": right, **_only_if_as_read(item)}}
        has_url = only_if("#u = :u", {":u": items[owner]["url"]}, {"#u": "url"})
        yield {"ConditionCheck": {"Key": {KEY: {"S": owner}}, **has_url}}
    elif item is not None:
        yield {"Delete": {"Key": {KEY: item[KEY]}, **_only_if_as_read(item)}}
        if wrong.owner and is_id(wrong.owner):
            # An update may give its owner the url again, and leaves this item as it is.
            yield _check_unchanged(reader, wrong.owner, items.get(wrong.owner))


def _has_url(reader: ItemReader, item: Item | None, key: str) -> bool:
    try:
        return item is not None and url_key(reader.decode(item)) == key
    except UndecodableError:
        return False


def _name_actions(wrong: WrongName) -> Iterator[Action]:
    """Set owner and latest time, unless an artifact took or left the name since the scan."""
    key, item = {"S": wrong.key}, wrong.item
    if wrong.owner is None:
        yield {"Delete": {"Key": {KEY: key}, **_only_if_as_read(item)}}
        return
    owner = {"S": wrong.owner}
    last = {"last_since": {"S": wrong.last_since}} if wrong.last_since else {}
    replaced = {*OLDER_ATTRIBUTES, "last_since"}
    kept = {name: value for name, value in (item or {}).items() if name not in replaced}
    right = {**kept, KEY: key, "owner": owner, **last}
    yield {"Put": {"Item": right, **_only_if_as_read(item)}}
    if item is None or item.get("owner") != owner:
        still_there = only_if("named_key = :n AND bears = :b", {":n": owner, ":b": key})
        id_ = wrong.owner.rpartition("#")[2]
        yield {"ConditionCheck": {"Key": {KEY: {"S": id_}}, **still_there}}


def _check_unchanged(reader: ItemReader, id_: str, item: Item | None) -> Action:
    condition = only_if_absent() if item is None else reader.only_if_unchanged(item)
    return {"ConditionCheck": {"Key": {KEY: {"S": id_}}, **condition}}


def _only_if_as_read(item: Item | None) -> Condition:
    return only_if_absent() if item is None else only_if_equal(item)
