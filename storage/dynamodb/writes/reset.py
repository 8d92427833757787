"""Deletes everything, in batches, so that nothing is left of what was there at the beginning.

Consistent scans find the items, for indexes lag. The first act is to begin another log: writers
that still append to the old one are found in it. What is registered meanwhile may remain.
"""

from collections.abc import Iterator, Mapping
from itertools import count as count_up
from typing import Any

from storage.deadline import no_deadline
from storage.dynamodb.client.client import DynamoClient
from storage.dynamodb.schema.attributes import KEY, Item
from storage.dynamodb.writes.artifact_reset import delete_artifacts
from storage.dynamodb.writes.epochs import begin_log, raise_epoch
from storage.dynamodb.writes.leftovers import Leftovers

_BATCH = 200
"""Artifacts that are deleted at the same time."""
_SEGMENTS = 4
"""Parts of the table that are scanned in parallel."""
_PAGE_SIZE = 250
"""Items of a part that one call reads."""
_ARTIFACTS = "NOT contains(#k, :mark)"
_SIDE_ITEMS = "contains(#k, :mark)"


def reset(client: DynamoClient) -> Iterator[int]:
    """Delete every artifact, and yield the number deleted by each batch.

    The caller's deadline does not apply: every batch has its own. A reset that was interrupted
    leaves whole artifacts, and another one deletes them.
    """
    batches = _batches(client)
    while True:
        with no_deadline():
            count = next(batches, None)
        if count is None:
            return
        yield count


def _batches(client: DynamoClient) -> Iterator[int]:
    """Delete what is there; then what others still wrote as if there were no reset."""
    log_epoch = begin_log(client)
    for items in _scan(client, _ARTIFACTS):
        for at in range(0, len(items), _BATCH):
            yield from delete_artifacts(client, items[at : at + _BATCH])
    before = Leftovers(log_epoch)
    for walk in count_up():
        found = Leftovers(log_epoch)
        before.delete_names(client, _used_names(client) if before.ownerless_names else set())
        for items in _scan(client, _SIDE_ITEMS):
            yield from found.delete(client, items)
        if walk and not found.has_old_segments:
            break
        before = found
    raise_epoch(client)


def _used_names(client: DynamoClient) -> set[str]:
    """Return the keys of the names that artifacts have."""
    pages = _scan(client, _ARTIFACTS, ProjectionExpression="#k, bears")
    return {item["bears"]["S"] for items in pages for item in items if "bears" in item}


def _scan(client: DynamoClient, filter_: str, **more: str) -> Iterator[list[Item]]:
    """Yield the items that pass a filter, read consistently, in large batches."""
    scan: Mapping[str, Any] = {
        "ConsistentRead": True,
        "Limit": _PAGE_SIZE,
        "FilterExpression": filter_,
        "ExpressionAttributeNames": {"#k": KEY},
        "ExpressionAttributeValues": {":mark": {"S": "#"}},
        "TotalSegments": _SEGMENTS,
        **more,
    }
    left: list[Mapping[str, Any]] = [{**scan, "Segment": at} for at in range(_SEGMENTS)]
    while left:
        answers = client.send_all([("Scan", parameters) for parameters in left])
        yield [item for answer in answers for item in answer["Items"]]
        left = [
            {**parameters, "ExclusiveStartKey": answer["LastEvaluatedKey"]}
            for parameters, answer in zip(left, answers, strict=True)
            if "LastEvaluatedKey" in answer
        ]
