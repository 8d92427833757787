"""Scans the whole table into a database: the side items, and what the artifacts need of them.

Side items are read before artifacts. So whatever does not fit is wrong, or was written
meanwhile; and then a condition on the item as it was read does not hold any more. Changes are
read before the log, so that each must be in it.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

from storage.callbacks import Progress
from storage.clock import Clock
from storage.dynamodb.client.client import DynamoClient
from storage.dynamodb.maintenance.batches import retry_for
from storage.dynamodb.maintenance.scan_db import ScanDatabase, open_scan_database
from storage.dynamodb.maintenance.scan_rows import ItemReader, artifact_rows, side_item_rows
from storage.dynamodb.schema import table
from storage.dynamodb.schema.attributes import KEY, Item
from storage.dynamodb.schema.keys import LOG_PREFIX

_SEGMENTS = 4
"""Parts of the table that are scanned in parallel."""
_PAGE_SIZE = 1_000
"""Items of a segment that one call reads: 1 MB at most, which no endpoint takes seconds for."""
_SIDE_ITEMS = "contains(#k, :mark) AND NOT begins_with(#k, :log)"
_ARTIFACTS = "begins_with(#k, :log) OR NOT contains(#k, :mark)"
"""Other keys with a # are the schema item's, or another program's."""
_VALUES = {":mark": {"S": "#"}, ":log": {"S": LOG_PREFIX}}


@contextmanager
def scan_table(
    client: DynamoClient, reader: ItemReader, progress: Progress, clock: Clock
) -> Iterator[ScanDatabase]:
    """Read every item; what was found can be queried until the block ends."""
    size = retry_for(partial(table.estimated_size, client.control, client.table))
    expected, scanned = 2 * size, 0
    with open_scan_database() as scan_db:
        for filter_, to_rows in (
            (_SIDE_ITEMS, partial(side_item_rows, clock().timestamp())),
            (_ARTIFACTS, partial(artifact_rows, reader)),
        ):
            for count, items in _read_pages(client, filter_):
                scan_db.insert(row for item in items for row in to_rows(item))
                scanned += count
                progress("reading", scanned, max(scanned, expected))
        yield scan_db


def _read_pages(client: DynamoClient, filter_: str) -> Iterator[tuple[int, Sequence[Item]]]:
    """Yield how many items were read, consistently, and those that pass the filter."""
    scan = {
        "ConsistentRead": True,
        "Limit": _PAGE_SIZE,
        "FilterExpression": filter_,
        "ExpressionAttributeNames": {"#k": KEY},
        "ExpressionAttributeValues": _VALUES,
        "TotalSegments": _SEGMENTS,
    }
    left: list[Mapping[str, Any]] = [{**scan, "Segment": at} for at in range(_SEGMENTS)]
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
