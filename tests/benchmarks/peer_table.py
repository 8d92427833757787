"""Creates and fills the table of the Node.js servers, which has small items of its own.

An artifact is one item; the ids of other items contain a `#`: they say which artifact has a
url, and that a model links to an artifact. References are resolved when they are written: a
model has the ids of what it links to, also if that was registered after it.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

import boto3

from storage.artifacts.names import normalise
from storage.artifacts.records import ArtifactType
from tests.benchmarks.fill import (
    CODE,
    DATASET,
    MODEL,
    Size,
    created_at,
    id_of,
    linked_numbers,
    make_fields,
    make_rating,
)
from tests.benchmarks.processes import REGION

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

NAME = "benchmark_peers"
_BATCH = 25
"""The most items that BatchWriteItem takes."""
_CLIENTS = 4
_INDEXES = {
    "by_name": ("type", "nameKey", "ALL"),
    "by_target": ("target", "model", "KEYS_ONLY"),
}

_Item = dict[str, Any]


def fill_peer_table(port: int, table: str, size: Size) -> None:
    """Create the table, and write all artifacts if it lacks some; `port` is DynamoDB's."""
    client, items = connect(port), list(_make_items(size))
    with suppress(client.exceptions.ResourceInUseException):
        _create(client, table)
    if client.describe_table(TableName=table)["Table"]["ItemCount"] < len(items):
        batches = [items[start : start + _BATCH] for start in range(0, len(items), _BATCH)]
        with ThreadPoolExecutor(_CLIENTS) as clients:
            list(clients.map(partial(_write, client, table), batches))


def connect(port: int) -> "DynamoDBClient":
    """Return a boto3 client for the DynamoDB at a port."""
    return boto3.client(
        "dynamodb",
        region_name=REGION,
        endpoint_url=f"http://127.0.0.1:{port}",
        aws_access_key_id="local",
        aws_secret_access_key="local",
    )


def _create(client: "DynamoDBClient", table: str) -> None:
    keys = {name for keys in _INDEXES.values() for name in keys[:2]} | {"id"}
    indexes: Any = [_describe_index(name, *index) for name, index in _INDEXES.items()]
    client.create_table(
        TableName=table,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in keys],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        GlobalSecondaryIndexes=indexes,
    )


def _describe_index(name: str, partition: str, sort: str, projection: str) -> dict[str, Any]:
    return {
        "IndexName": name,
        "KeySchema": [
            {"AttributeName": partition, "KeyType": "HASH"},
            {"AttributeName": sort, "KeyType": "RANGE"},
        ],
        "Projection": {"ProjectionType": projection},
    }


def _make_items(size: Size) -> Iterator[_Item]:
    counts = {MODEL: size.models, DATASET: size.datasets, CODE: size.codes}
    for artifact_type, count in counts.items():
        for number in range(count):
            yield from _make_artifact_items(artifact_type, number, size)


def _make_artifact_items(
    artifact_type: ArtifactType, number: int, size: Size
) -> Iterator[_Item]:
    item = _make_item(artifact_type, number)
    if artifact_type is MODEL:
        dataset, code = linked_numbers(number, size)
        links = {"datasets": [id_of(DATASET, dataset)], "codes": [id_of(CODE, code)]}
        item |= {**links, "rating": make_rating(number)}
        for target in (*links["datasets"], *links["codes"]):
            yield {"id": f"{target}#{item['id']}", "target": target, "model": item["id"]}
    yield item
    yield {"id": f"{item['type']}#{item['url']}", "owner": item["id"]}


def _make_item(artifact_type: ArtifactType, number: int) -> _Item:
    time = created_at(number).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    fields = make_fields(artifact_type, number)
    return {
        **fields,
        "id": id_of(artifact_type, number),
        "type": artifact_type.name,
        "nameKey": normalise(fields["name"]),
        "version": 1,
        "createdAt": time,
        "updatedAt": time,
    }


def _write(client: "DynamoDBClient", table: str, items: Sequence[_Item]) -> None:
    requests: Any = [{"PutRequest": {"Item": _encode(item)["M"]}} for item in items]
    while requests:
        answer = client.batch_write_item(RequestItems={table: requests})
        requests = answer["UnprocessedItems"].get(table)


def _encode(value: Any) -> dict[str, Any]:
    """Return a value as DynamoDB's JSON; boto3's own serializer takes no floats."""
    if isinstance(value, str):
        return {"S": value}
    if isinstance(value, list):
        return {"L": [_encode(each) for each in value]}
    if isinstance(value, dict):
        return {"M": {name: _encode(each) for name, each in value.items()}}
    return {"N": str(value)}
