"""Reads a whole table into a ledger: what there is, and what the artifacts claim.

The items beside the artifacts are read before them. What does not fit is therefore wrong, or
was written meanwhile; and then a condition on the item as it was read does not hold any more.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

import orjson

from storage.artifacts.ids import is_id
from storage.artifacts.rating import is_rating
from storage.artifacts.records import Artifact
from storage.artifacts.write_rules import reference_targets
from storage.dynamodb.client.client import DynamoClient
from storage.dynamodb.items.codec import Item, decode, is_backfilled, name_since
from storage.dynamodb.maintenance.patience import retry_for
from storage.dynamodb.maintenance.scan_db import Row, ScanDatabase, opened
from storage.dynamodb.schema import table
from storage.dynamodb.schema.keys import reference_id, reference_key, url_key
from storage.dynamodb.schema.table import KEY
from storage.dynamodb.writes.plans import name_item_key
from storage.dynamodb.writes.rewriting import rewritten
from storage.errors import UndecodableError
from storage.store import UNREADABLE_RATING, Progress

_SEGMENTS = 4
"""Parts of the table that are read side by side."""
_AT_ONCE = 1_000
"""Items of a part that a call reads: 1 MB or less, which no endpoint takes seconds for."""
_BESIDE = "begins_with(#k, :url) OR begins_with(#k, :name) OR begins_with(#k, :reference)"
_PREFIXES = {f":{of}": {"S": f"{of}#"} for of in ("url", "name", "reference")}
_ARTIFACTS = "NOT contains(#k, :mark)"
"""A key with a # that is none of ours is another program's."""
_MARK = {":mark": {"S": "#"}}


@contextmanager
def scan_table(client: DynamoClient, progress: Progress) -> Iterator[ScanDatabase]:
    """Read every item, and keep what was found until the block ends."""
    total, seen = 2 * retry_for(partial(table.estimated_size, client.boto, client.table)), 0
    readings = (_BESIDE, _PREFIXES, _beside), (_ARTIFACTS, _MARK, _artifact)
    with opened() as scan_db:
        for which, values, rows in readings:
            for read, items in _pages(client, which, values):
                scan_db.write(row for item in items for row in rows(item))
                seen += read
                progress("reading", seen, max(seen, total))
        yield scan_db


def _pages(
    client: DynamoClient, which: str, values: Mapping[str, Any]
) -> Iterator[tuple[int, Sequence[Item]]]:
    """How many items were read, consistently, and those that a condition holds for."""
    scan = {
        "ConsistentRead": True,
        "Limit": _AT_ONCE,
        "FilterExpression": which,
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


def _beside(item: Item) -> Iterator[Row]:
    columns = (KEY, "owner", "bearers", "reference", "model_id")
    yield "item", (*(_text(item, name) for name in columns), orjson.dumps(item))


def _artifact(item: Item) -> Iterator[Row]:
    id_ = item[KEY]["S"]
    if not is_id(id_):
        yield "undecided", (id_, "has an id that no artifact can have", False)
        return
    try:
        artifact = decode(item)
    except UndecodableError:
        yield "undecided", (id_, "is no artifact that can be read", False)
        # Whoever mends it finds it counted among the bearers of its name.
        if (key := _text(item, "bears")) and (place := _text(item, "named_key")):
            yield "name", (key, id_, place, True)
        return
    yield from _claims(item, artifact)


def _claims(item: Item, artifact: Artifact) -> Iterator[Row]:
    id_ = artifact.id
    if artifact.rating is not None and not is_rating(artifact.rating):
        yield "undecided", (id_, UNREADABLE_RATING, True)
    adopted = is_backfilled(item)
    if not adopted:
        yield "earlier", (id_,)
    elif (right := rewritten(item, artifact)) != item:
        wrong = sorted(k for k in right.keys() | item.keys() if right.get(k) != item.get(k))
        yield "stale", (id_, f"has stale {', '.join(wrong)}")
    yield "url", (url_key(artifact), id_, artifact.created_at.isoformat(), adopted)
    if key := name_item_key(artifact):
        yield "name", (key, id_, name_since(artifact), adopted)
    for target in reference_targets(artifact):
        yield "reference", (reference_id(id_, target), id_, reference_key(target), adopted)


def _text(item: Item, name: str) -> str | None:
    value = next(iter(item.get(name, {}).values()), None)
    return value if isinstance(value, str) else None
