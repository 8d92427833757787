"""What a request costs on DynamoDB: the exact calls, whatever the page holds."""

from collections.abc import AsyncIterator

import httpx
import pytest

from graph.app import build
from graph.settings import Settings
from storage import inputs
from storage.dynamodb.store import DynamoStore
from storage.records import ArtifactType, OnConflict
from tests.graph.clients import RATING, Client
from tests.storage.calls import operations, recorded

pytestmark = pytest.mark.anyio

PAGE = """
{
  models(first: 100) {
    nodes { name rating { netScore } dataset { name url } code { name url } }
  }
}
"""
MODELS = [
    inputs.draft(
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
    inputs.draft(of, {"url": f"https://example.org/{of.value}/{n}", "name": f"Data {n}"})
    for of in (ArtifactType.DATASET, ArtifactType.CODE)
    for n in range(100)
]


@pytest.fixture
async def client(moto: DynamoStore) -> AsyncIterator[Client]:
    transport = httpx.ASGITransport(build(moto, Settings()))
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


async def test_the_calls_are_told_to_who_asks(client: Client, moto: DynamoStore) -> None:
    moto.register(LINKED, OnConflict.REJECT)
    moto.register(MODELS, OnConflict.REJECT)

    answer = await client.http.post(
        "/graphql", json={"query": PAGE}, headers={"X-Explain": "store"}
    )

    store = answer.json()["extensions"]["store"]
    assert [store["calls"], store["roundTrips"]] == [3, 2]


def all_linked(data: dict[str, dict[str, list[dict[str, dict[str, str]]]]]) -> bool:
    return all(
        node["dataset"]["name"].startswith("Data") and node["code"]["url"]
        for node in data["models"]["nodes"]
    )
