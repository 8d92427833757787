"""Generated items of the earlier backend, and bulk access to a table's items."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from random import Random
from typing import Any
from uuid import UUID

import orjson

from storage.dynamodb.store import DynamoStore
from tests.storage.dynamodb.legacy.legacy_backend import (
    LINKED,
    Item,
    legacy_item,
    map_value,
    string_value,
)
from tests.storage.samples import CODE, DATASET, MODEL, scores

_BATCH_SIZE = 25


def generate_items(count: int, seed: int = 0) -> Iterator[Item]:
    """Generate artifacts, half of them models.

    Among them are namesakes, blank names, duplicate urls, ratings of all formats, and links to
    artifacts that do not exist.
    """
    random = Random(seed)  # noqa: S311 - the same table every time
    for at in range(count):
        artifact_type = random.choice((MODEL, MODEL, DATASET, CODE))
        id_ = str(UUID(int=random.getrandbits(128), version=4)) if at % 5 else str(at)
        shared_name = f"Name {at // 4}"
        name = random.choice(
            (shared_name, f" {shared_name.upper()} ", f"{artifact_type.value} {at}")
        )
        more: dict[str, Any] = {}
        if at % 97 == 0:
            name = random.choice(("", "  "))
        if at % 50 == 0:
            more["url"] = f"https://example.org/taken/{at // 200}"
        if at % 7 == 0:
            more["data"] = random.choice(({}, {"download_url": None}))
        if at % 11 == 0:
            more["other_program"] = {"L": [{"N": "1"}, {"B": "AP8="}]}
        if artifact_type is MODEL:
            more |= _generate_model_attributes(random, at)
        yield legacy_item(artifact_type, id_, name, **more)


def _generate_model_attributes(random: Random, at: int) -> Item:
    text_rating = string_value(orjson.dumps(scores(at % 100 / 100)).decode())
    ratings: tuple[Item, ...] = (
        {},
        {"rating": text_rating},
        {"rating": map_value(scores(0.5))},
        {"rating": {"NULL": True}},
    )
    attributes = dict(random.choice(ratings))
    for linked_type in LINKED:
        prefix = linked_type.value
        names = f"NAME {at // 4 + 1}", f"{prefix} {at + 1}", "nobody", ""
        values = {
            "name": random.choice(names),
            "id": random.choice((str(5 * (at // 5)), "nobody-at-all")),
            "url": f"https://example.org/{prefix}/{5 * (at // 5)}",
        }
        links = ("name",), ("name", "id", "url"), ("id",), ("url",), ()
        for field in random.choice(links):
            attributes[f"{prefix}_{field}"] = string_value(values[field])
    return attributes


def put_items(store: DynamoStore, items: Iterator[Item]) -> None:
    """Put items in batches, four of them at a time."""
    puts: list[Any] = [{"PutRequest": {"Item": item}} for item in items]

    def write_batch(start: int) -> None:
        remaining = puts[start : start + _BATCH_SIZE]
        while remaining:
            calls = [("BatchWriteItem", {"RequestItems": {store.name: remaining}})]
            (answer,) = store.client.send_all(calls)
            remaining = answer["UnprocessedItems"].get(store.name, [])

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write_batch, range(0, len(puts), _BATCH_SIZE)))


def read_items(store: DynamoStore) -> dict[str, Item]:
    """Return all items of the table by key."""
    items = (dict(item) for item in store.client.scan(ConsistentRead=True, Limit=1_000))
    return {item["artifact_id"]["S"]: item for item in items}
