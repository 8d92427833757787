"""Reads ranges of the orders by name and by creation from their indexes."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from heapq import merge
from typing import Any

from storage.artifacts.projection import AnyArtifact, Projection
from storage.dynamodb.client.client import DynamoClient, projection_expression
from storage.dynamodb.reads.artifacts import decode_or_error, get_readable
from storage.dynamodb.schema.attributes import (
    BY_CREATION,
    BY_NAME,
    INDEXES,
    KEY,
    attributes_to_read,
)
from storage.dynamodb.schema.keys import created_shards
from storage.errors import UndecodableError
from storage.search.listing import KeyRange, Order, OrderField

_LEAST = 2
"""Items that a query reads at least: it begins with the last one of the query before."""
_Chunk = tuple[Sequence[AnyArtifact], str | None]
"""The readable artifacts of a range's next items, and the last item's position if it was not
the last of the range."""


def read_key_ranges(
    client: DynamoClient,
    order: Order,
    ranges: Sequence[KeyRange],
    limit: int,
    projection: Projection[AnyArtifact],
) -> list[list[AnyArtifact]]:
    """Return the first artifacts of each key range, in order.

    It reads on in place of artifacts that are deleted or cannot be decoded.
    """
    read = _by_name if order.field is OrderField.NAME else _by_creation
    found: list[dict[str, AnyArtifact]] = [{} for _ in ranges]
    left = dict(enumerate(ranges))
    while left:
        chunks = read(client, order, list(left.values()), max(limit, _LEAST), projection)
        for (at, range_), (artifacts, last) in zip(tuple(left.items()), chunks, strict=True):
            found[at] |= {artifact.id: artifact for artifact in artifacts}
            del left[at]
            if last is not None and len(found[at]) < limit:
                left[at] = _remaining(range_, order, last)
    return [list(artifacts.values())[:limit] for artifacts in found]


def _by_name(
    client: DynamoClient,
    order: Order,
    ranges: Sequence[KeyRange],
    limit: int,
    projection: Projection[AnyArtifact],
) -> list[_Chunk[AnyArtifact]]:
    """Read artifacts from the index, which has their whole items."""
    attributes = attributes_to_read(projection)
    read = projection_expression((*attributes, "name_key") if attributes else ())
    queries = [_with_projection(read, _query(BY_NAME, r.type.value, r, order)) for r in ranges]
    chunks: list[_Chunk[AnyArtifact]] = []
    for page in client.query(queries, limit):
        decoded = [decode_or_error(item, projection) for item in page]
        readable = [a for a in decoded if not isinstance(a, UndecodableError)]
        chunks.append((readable, page[-1]["name_key"]["S"] if len(page) == limit else None))
    return chunks


def _by_creation(
    client: DynamoClient,
    order: Order,
    ranges: Sequence[KeyRange],
    limit: int,
    projection: Projection[AnyArtifact],
) -> list[_Chunk[AnyArtifact]]:
    """Merge the shards of each range."""
    shards = [(at, shard) for at, r in enumerate(ranges) for shard in created_shards(r.type)]
    queries = [_query(BY_CREATION, shard, ranges[at], order) for at, shard in shards]
    pages = client.query(queries, limit)
    chunks: list[_Chunk[AnyArtifact]] = []
    for at in range(len(ranges)):
        mine = [page for (of, _), page in zip(shards, pages, strict=True) if of == at]
        keys = _merge(mine, order)[:limit]
        found = get_readable(client, (id_ for _, id_ in keys), projection)
        artifacts = [found[id_] for _, id_ in keys if id_ in found]
        chunks.append((artifacts, keys[-1][0] if len(keys) == limit else None))
    return chunks


def _merge(pages: Sequence[Sequence[Any]], order: Order) -> list[tuple[str, str]]:
    keys = [[(i["created_key"]["S"], i[KEY]["S"]) for i in page] for page in pages]
    return list(merge(*keys, reverse=order.descending))


def _remaining(range_: KeyRange, order: Order, key: str) -> KeyRange:
    return replace(range_, high=key) if order.descending else replace(range_, low=key)


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
