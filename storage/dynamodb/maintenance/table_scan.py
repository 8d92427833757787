"""Scans the whole table into a database: the side items, and what the artifacts need of them.

Side items are read before artifacts. So whatever does not fit is wrong, or was written
meanwhile; and then a condition on the item as it was read does not hold any more.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import orjson

from storage.artifacts.ids import is_id
from storage.artifacts.rating import is_rating
from storage.artifacts.records import Artifact
from storage.artifacts.write_rules import reference_targets
from storage.dynamodb.client.client import DynamoClient
from storage.dynamodb.items.codec import decode, name_since
from storage.dynamodb.maintenance.batches import retry_for
from storage.dynamodb.maintenance.scan_db import Row, ScanDatabase, open_scan_database
from storage.dynamodb.schema import table
from storage.dynamodb.schema.attributes import KEY, Item
from storage.dynamodb.schema.keys import reference_id, reference_key, url_key
from storage.dynamodb.writes.item_updates import (
    Condition,
    only_if_unchanged,
    to_updated_item,
)
from storage.dynamodb.writes.transitions import name_item_key
from storage.errors import UndecodableError
from storage.store import UNREADABLE_RATING, Progress

_SEGMENTS = 4
"""Parts of the table that are scanned in parallel."""
_PAGE_SIZE = 1_000
"""Items of a segment that one call reads: 1 MB at most, which no endpoint takes seconds for."""
_SIDE_ITEMS = "begins_with(#k, :url) OR begins_with(#k, :name) OR begins_with(#k, :reference)"
_PREFIXES = {f":{prefix}": {"S": f"{prefix}#"} for prefix in ("url", "name", "reference")}
_ARTIFACTS = "NOT contains(#k, :mark)"
"""Other keys with a # are the schema item's, or another program's."""
_MARK = {":mark": {"S": "#"}}


_LEGACY = "was written by the earlier backend; run `python -m storage migrate`"


@dataclass(frozen=True, slots=True)
class ItemReader:
    """Reads the items of artifacts; a migration reads those of two backends."""

    decode: Callable[[Item], Artifact] = decode
    is_backfilled: Callable[[Item], bool] = lambda _: True
    """Returns whether the artifact has its side items."""
    only_if_unchanged: Callable[[Item], Condition] = only_if_unchanged


CURRENT = ItemReader()


@contextmanager
def scan_table(
    client: DynamoClient, reader: ItemReader, progress: Progress
) -> Iterator[ScanDatabase]:
    """Read every item; what was found can be queried until the block ends."""
    size = retry_for(partial(table.estimated_size, client.control, client.table))
    expected, scanned = 2 * size, 0
    with open_scan_database() as scan_db:
        for filter_, values, to_rows in (
            (_SIDE_ITEMS, _PREFIXES, _side_item_rows),
            (_ARTIFACTS, _MARK, partial(_artifact_rows, reader)),
        ):
            for count, items in _read_pages(client, filter_, values):
                scan_db.insert(row for item in items for row in to_rows(item))
                scanned += count
                progress("reading", scanned, max(scanned, expected))
        yield scan_db


def _read_pages(
    client: DynamoClient, filter_: str, values: Mapping[str, Any]
) -> Iterator[tuple[int, Sequence[Item]]]:
    """Yield how many items were read, consistently, and those that pass the filter."""
    scan = {
        "ConsistentRead": True,
        "Limit": _PAGE_SIZE,
        "FilterExpression": filter_,
        "ExpressionAttributeNames": {"#k": KEY},
        "ExpressionAttributeValues": values,
        "TotalSegments": _SEGMENTS,
    }
    left: list[dict[str, Any]] = [{**scan, "Segment": at} for at in range(_SEGMENTS)]
    while left:
        calls = [("Scan", parameters) for parameters in left]
        answers = retry_for(partial(client.send_all, calls))
        for answer in answers:
            yield answer["ScannedCount"], answer["Items"]
        left = [
            {**parameters, "ExclusiveStartKey": answer["LastEvaluatedKey"]}
            for parameters, answer in zip(left, answers, strict=True)
            if "LastEvaluatedKey" in answer
        ]


def _side_item_rows(item: Item) -> Iterator[Row]:
    columns = (KEY, "owner", "bearers", "reference", "model_id")
    yield "item", (*(_text(item, name) for name in columns), orjson.dumps(item))


def _artifact_rows(reader: ItemReader, item: Item) -> Iterator[Row]:
    id_ = item[KEY]["S"]
    if not is_id(id_):
        yield "undecided", (id_, "has an id that no artifact can have", False)
        return
    try:
        artifact = reader.decode(item)
    except UndecodableError:
        is_legacy = "artifact" in item and "version" not in item
        yield "undecided", (id_, _LEGACY if is_legacy else "is not a readable artifact", False)
        # It stays counted among those of its name, so that whoever repairs it finds it so.
        if (key := _text(item, "bears")) and (place := _text(item, "named_key")):
            yield "name", (key, id_, place, True)
        return
    yield from _needed_rows(item, artifact, is_backfilled=reader.is_backfilled(item))


def _needed_rows(item: Item, artifact: Artifact, *, is_backfilled: bool) -> Iterator[Row]:
    id_ = artifact.id
    if artifact.rating is not None and not is_rating(artifact.rating):
        yield "undecided", (id_, UNREADABLE_RATING, True)
    if not is_backfilled:
        yield "legacy", (id_,)
    elif (right := to_updated_item(item, artifact)) != item:
        wrong = sorted(k for k in right.keys() | item.keys() if right.get(k) != item.get(k))
        yield "stale", (id_, f"has stale {', '.join(wrong)}")
    yield "url", (url_key(artifact), id_, artifact.created_at.isoformat(), is_backfilled)
    if key := name_item_key(artifact):
        yield "name", (key, id_, name_since(artifact), is_backfilled)
    for target in reference_targets(artifact):
        key = reference_id(id_, target)
        yield "reference", (key, id_, reference_key(target), is_backfilled)


def _text(item: Item, name: str) -> str | None:
    value = next(iter(item.get(name, {}).values()), None)
    return value if isinstance(value, str) else None
