"""Reads ranges of the orders by name and by creation from their indexes."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from heapq import merge
from typing import Any

from storage.artifacts.projection import AnyArtifact, Projection
from storage.dynamodb.client.client import DynamoClient, projection_expression
from storage.dynamodb.items.codec import decode_projected
from storage.dynamodb.reads.artifacts import get
from storage.dynamodb.schema.attributes import (
    BY_CREATION,
    BY_NAME,
    INDEXES,
    KEY,
    attributes_to_read,
)
from storage.dynamodb.schema.keys import created_shards
from storage.search.listing import KeyRange, Order, OrderField


def read_key_ranges(
    client: DynamoClient,
    order: Order,
    ranges: Sequence[KeyRange],
    limit: int,
    projection: Projection[AnyArtifact],
) -> list[list[AnyArtifact]]:
    """Return the first artifacts of each key range, in order."""
    if order.field is OrderField.NAME:
        read = projection_expression(attributes_to_read(projection))
        queries = [
            _with_projection(read, _query(BY_NAME, s.type.value, s, order)) for s in ranges
        ]
        pages = client.query(queries, limit)
        return [[decode_projected(item, projection) for item in page] for page in pages]
    return _by_creation(client, order, ranges, limit, projection)


def _by_creation(
    client: DynamoClient,
    order: Order,
    ranges: Sequence[KeyRange],
    limit: int,
    projection: Projection[AnyArtifact],
) -> list[list[AnyArtifact]]:
    """Merge the shards of each range, and read on in place of artifacts that are deleted."""
    found: list[list[AnyArtifact]] = [[] for _ in ranges]
    left = dict(enumerate(ranges))
    while left:
        shards = [(at, shard) for at, s in left.items() for shard in created_shards(s.type)]
        queries = [_query(BY_CREATION, shard, left[at], order) for at, shard in shards]
        pages = client.query(queries, limit)
        for at, range_ in tuple(left.items()):
            mine = [page for (of, _), page in zip(shards, pages, strict=True) if of == at]
            keys = _merge(mine, order)[:limit]
            artifacts = get(client, (id_ for _, id_ in keys), projection)
            found[at] += [artifacts[id_] for _, id_ in keys if id_ in artifacts]
            del left[at]
            if len(keys) == limit and len(found[at]) < limit:
                left[at] = _remaining(range_, order, keys[-1][0])
    return [_remove_duplicates(artifacts)[:limit] for artifacts in found]


def _merge(pages: Sequence[Sequence[Any]], order: Order) -> list[tuple[str, str]]:
    keys = [[(i["created_key"]["S"], i[KEY]["S"]) for i in page] for page in pages]
    return list(merge(*keys, reverse=order.descending))


def _remaining(range_: KeyRange, order: Order, key: str) -> KeyRange:
    return replace(range_, high=key) if order.descending else replace(range_, low=key)


def _remove_duplicates(artifacts: Sequence[AnyArtifact]) -> list[AnyArtifact]:
    return list({artifact.id: artifact for artifact in artifacts}.values())


def _with_projection(read: Mapping[str, Any], query: Mapping[str, Any]) -> dict[str, Any]:
    """Return a query that reads only some attributes; both have attribute names."""
    of = "ExpressionAttributeNames"
    return {**query, **read, of: {**query[of], **read.get(of, {})}}


def _query(index: str, partition: str, range_: KeyRange, order: Order) -> dict[str, Any]:
    values = {":p": {"S": partition}}
    condition, names = "#p = :p", {"#p": INDEXES[index].partition_key}
    bounds = {":low": range_.low, ":high": range_.high}
    values |= {name: {"S": bound} for name, bound in bounds.items() if bound is not None}
    if between := _BETWEEN[range_.low is not None, range_.high is not None]:
        condition, names = (
            f"{condition} AND {between}",
            {**names, "#s": INDEXES[index].sort_key},
        )
    return {
        "IndexName": index,
        "KeyConditionExpression": condition,
        "ExpressionAttributeNames": names,
        "ExpressionAttributeValues": values,
        "ScanIndexForward": not order.descending,
    }


_BETWEEN = {
    (True, True): "#s BETWEEN :low AND :high",
    (True, False): "#s >= :low",
    (False, True): "#s <= :high",
    (False, False): "",
}
