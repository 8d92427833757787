"""What a request costs on DynamoDB: the exact calls, whatever the page holds."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from graph.app import build
from graph.settings import Settings
from storage.artifacts import inputs
from storage.artifacts.projection import DETAILS
from storage.artifacts.records import ArtifactType, OnConflict
from storage.dynamodb.store import DynamoStore
from tests.graph.clients import RATING, Client
from tests.storage.dynamodb.recorded_calls import operations, recorded

pytestmark = pytest.mark.anyio

PAGE = """
{
  models(first: 100) {
    nodes { name rating { netScore } dataset { name url } code { name url } }
  }
}
"""
USED: dict[str, dict[str, object]] = {
    PAGE: {
        "calls": 2,
        "roundTrips": 2,
        "itemsRead": 30,
        "itemsReturned": 30,
        "indexes": ["by_name"],
    },
    '{ models(filter: { name: { contains: "9" } }) { nodes { name } } }': {
        "calls": 1,
        "roundTrips": 1,
        "itemsRead": 10,
        "itemsReturned": 1,
        "indexes": ["by_name"],
    },
    # One dataset and two behind it, then all ten in the four shards of their creation.
    "{ datasets(first: 1) { totalCount } }": {
        "calls": 1 + 4,
        "roundTrips": 2,
        "itemsRead": 3 + 10,
        "itemsReturned": 1,
        "indexes": ["by_creation", "by_name"],
    },
    # The name's owner, the dataset, who owns its url and name, three ways to say it, the model.
    '{ dataset(by: { name: "data 7" }) { models { nodes { name } } } }': {
        "calls": 1 + 1 + 1 + 3 + 1,
        "roundTrips": 5,
        "itemsRead": 1 + 1 + 2 + 1 + 1,
        "itemsReturned": 2,
        "indexes": ["by_reference"],
    },
    '{ model(by: { name: "nobody" }) { name } }': {
        "calls": 1,
        "roundTrips": 1,
        "itemsRead": 0,
        "itemsReturned": 0,
        "indexes": [],
    },
}
MODELS = [
    inputs.parse_new_artifact(
        ArtifactType.MODEL,
        {
            "url": f"https://example.org/models/{n}",
            "datasets": [{"name": f"data {n}"}],
            "codes": [{"url": f"https://example.org/code/{n}"}],
            "rating": RATING,
        },
    )
    for n in range(100)
]
LINKED = [
    inputs.parse_new_artifact(
        of, {"url": f"https://example.org/{of.value}/{n}", "name": f"Data {n}"}
    )
    for of in (ArtifactType.DATASET, ArtifactType.CODE)
    for n in range(100)
]


@pytest.fixture
async def client(moto: DynamoStore) -> AsyncIterator[Client]:
    async with served(moto) as client:
        yield client


@pytest.fixture
async def on_dynamo(dynamo: DynamoStore) -> AsyncIterator[Client]:
    async with served(dynamo) as client:
        yield client


@asynccontextmanager
async def served(store: DynamoStore) -> AsyncIterator[Client]:
    transport = httpx.ASGITransport(build(store, Settings()))
    async with httpx.AsyncClient(transport=transport, base_url="http://registry") as http:
        yield Client(http)


async def test_links_that_resolved_at_registration_cost_two_batches(
    client: Client, moto: DynamoStore
) -> None:
    moto.register(LINKED, OnConflict.REJECT)
    moto.register(MODELS, OnConflict.REJECT)

    with recorded(moto) as made:
        data = await client.data(PAGE)

    assert operations(made) == ["BatchGetItem", "BatchGetItem", "Query"]
    assert all_linked(data)


async def test_links_that_resolved_later_cost_four_batches(
    client: Client, moto: DynamoStore
) -> None:
    moto.register(MODELS, OnConflict.REJECT)
    moto.register(LINKED, OnConflict.REJECT)

    with recorded(moto) as made:
        data = await client.data(PAGE)

    assert operations(made) == [*["BatchGetItem"] * 4, "Query"]
    assert all_linked(data)


async def test_links_that_resolve_to_nothing_cost_two_batches(
    client: Client, moto: DynamoStore
) -> None:
    moto.register(MODELS, OnConflict.REJECT)

    with recorded(moto) as made:
        data = await client.data(PAGE)

    assert operations(made) == ["BatchGetItem", "BatchGetItem", "Query"]
    assert [node["dataset"] for node in data["models"]["nodes"]] == [None] * 100


@pytest.mark.parametrize(
    ("selected", "details"),
    [
        ("name url version", set()),
        ("license", {"license"}),
        ("rating { license }", {"rating"}),
        ("... on Model { rating { ...scores } }", {"rating"}),
        ("rating { license } license", {"rating", "license"}),
        ("createdAt tags", {"created_at", "tags"}),
    ],
)
async def test_what_is_asked_for_is_all_that_is_read(
    client: Client, moto: DynamoStore, selected: str, details: set[str]
) -> None:
    fragment = "fragment scores on ModelRating { license }" if "...scores" in selected else ""

    with recorded(moto) as made:
        await client.data(f"{{ models {{ nodes {{ {selected} }} }} }} {fragment}")

    [(_, query)] = made
    assert {*query["ExpressionAttributeNames"].values()} & DETAILS == details


async def test_what_a_request_used_is_told_to_who_asks(
    on_dynamo: Client, dynamo: DynamoStore
) -> None:
    dynamo.register([*LINKED[:10], *LINKED[100:110]], OnConflict.REJECT)
    dynamo.register(MODELS[:10], OnConflict.REJECT)

    used = {query: await explained(on_dynamo, query) for query in USED}

    units = {query: (of.pop("readUnits"), of.pop("writeUnits")) for query, of in used.items()}
    assert used == USED
    # Emulators do not agree on what a key that is not there costs.
    assert all(units[query][0] > 0 for query in USED if USED[query]["itemsRead"])
    assert {written for _, written in units.values()} == {0}


def all_linked(data: dict[str, dict[str, list[dict[str, dict[str, str]]]]]) -> bool:
    return all(
        node["dataset"]["name"].startswith("Data") and node["code"]["url"]
        for node in data["models"]["nodes"]
    )


async def explained(client: Client, query: str) -> dict[str, Any]:
    answer = await client.http.post(
        "/graphql", json={"query": query}, headers={"X-Explain": "store"}
    )
    content = answer.json()
    assert "errors" not in content, content
    store: dict[str, Any] = content["extensions"]["store"]
    return store
