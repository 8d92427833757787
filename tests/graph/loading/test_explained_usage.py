"""The use of the store that a response reports."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from storage.artifacts.writes import OnConflict
from storage.dynamodb.store import DynamoStore
from tests.graph.clients import Client
from tests.graph.loading.test_dynamodb_calls import (
    DATASETS_AND_CODE,
    MODELS,
    PAGE,
    build_index,
    serve,
)

pytestmark = pytest.mark.anyio

LOG = 9
"""The schema item and the newest segment of each shard of the log."""
STORE_USAGE: dict[str, dict[str, object]] = {
    # The end of the log, and the links; the page itself is read from the search index.
    PAGE: {
        "calls": 2,
        "roundTrips": 2,
        "itemsRead": LOG + 20,
        "itemsReturned": 30,
        "indexes": [],
    },
    '{ models(filter: { name: { contains: "9" } }) { nodes { name } } }': {
        "calls": 1,
        "roundTrips": 1,
        "itemsRead": LOG,
        "itemsReturned": 1,
        "indexes": [],
    },
    # The page and the count look for changes each: the search's maximum age is 0 here.
    "{ datasets(first: 1) { totalCount } }": {
        "calls": 2,
        "roundTrips": 2,
        "itemsRead": 2 * LOG,
        "itemsReturned": 1,
        "indexes": [],
    },
    # The name's uniqueness item, the dataset, the uniqueness items of its url and name, the
    # references by id, url and name, and the model.
    '{ dataset(by: { name: "data 7" }) { models { nodes { name } } } }': {
        "calls": 1 + 1 + 1 + 3 + 1,
        "roundTrips": 5,
        "itemsRead": 1 + 1 + 2 + 1 + 1,
        "itemsReturned": 2,
        "indexes": ["by_reference"],
    },
    # The end of the log. The schema item, and three changes.
    "{ datasets(first: 3) { nodes { history(first: 1) { nodes { kind } } } } }": {
        "calls": 1 + 1 + 1,
        "roundTrips": 3,
        "itemsRead": LOG + 1 + 3,
        "itemsReturned": 3,
        "indexes": [],
    },
    '{ model(by: { name: "nobody" }) { name } }': {
        "calls": 1,
        "roundTrips": 1,
        "itemsRead": 0,
        "itemsReturned": 0,
        "indexes": [],
    },
}


@pytest.fixture
async def dynamodb_client(dynamo: DynamoStore) -> AsyncIterator[Client]:
    async with serve(dynamo) as client:
        yield client


async def test_the_explain_header_returns_the_use_of_the_store(
    dynamodb_client: Client, dynamo: DynamoStore
) -> None:
    dynamo.register([*DATASETS_AND_CODE[:10], *DATASETS_AND_CODE[100:110]], OnConflict.REJECT)
    dynamo.register(MODELS[:10], OnConflict.REJECT)

    await build_index(dynamodb_client)
    usage = {query: await read_store_usage(dynamodb_client, query) for query in STORE_USAGE}

    read_units = {query: each.pop("readUnits") for query, each in usage.items()}
    write_units = {query: each.pop("writeUnits") for query, each in usage.items()}
    assert usage == STORE_USAGE
    # Emulators do not agree on the units of a key that does not exist.
    assert all(read_units[query] > 0 for query, each in usage.items() if each["itemsRead"])
    assert set(write_units.values()) == {0}


async def read_store_usage(client: Client, query: str) -> dict[str, Any]:
    response = await client.http.post(
        "/graphql", json={"query": query}, headers={"X-Explain": "store"}
    )
    content = response.json()
    assert "errors" not in content, content
    usage: dict[str, Any] = content["extensions"]["store"]
    return usage
