"""The exact DynamoDB calls of a request, which do not depend on the size of its page."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest

from graph.app import build
from graph.settings import Settings
from storage.artifacts import inputs
from storage.artifacts.projection import DETAILS
from storage.artifacts.records import ArtifactType
from storage.artifacts.writes import OnConflict
from storage.dynamodb.store import DynamoStore
from tests.graph.clients import RATING, Client
from tests.storage.dynamodb.recorded_calls import key_counts, operations, record_calls

pytestmark = pytest.mark.anyio

PAGE = """
{
  models(first: 100) {
    nodes { name rating { netScore } dataset { name url } code { name url } }
  }
}
"""
HISTORIES = "{ models(first: 100) { nodes { history { nodes { kind } } } } }"
STATES = "{ models(first: 50) { nodes { references { state changedSince } } } }"
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
DATASETS_AND_CODE = [
    inputs.parse_new_artifact(
        each, {"url": f"https://example.org/{each.value}/{n}", "name": f"Data {n}"}
    )
    for each in (ArtifactType.DATASET, ArtifactType.CODE)
    for n in range(100)
]


@pytest.fixture
async def client(moto: DynamoStore) -> AsyncIterator[Client]:
    async with serve(moto) as client:
        yield client


@asynccontextmanager
async def serve(store: DynamoStore) -> AsyncIterator[Client]:
    transport = httpx.ASGITransport(build(store, Settings()))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as http:
        yield Client(http)


async def test_links_that_resolved_at_registration_cost_two_batches(
    client: Client, moto: DynamoStore
) -> None:
    moto.register(DATASETS_AND_CODE, OnConflict.REJECT)
    moto.register(MODELS, OnConflict.REJECT)

    await build_index(client)
    with record_calls(moto) as calls:
        data = await client.data(PAGE)

    assert operations(calls) == ["BatchGetItem"] * 3
    assert have_links(data)


async def test_links_that_resolved_after_registration_cost_four_batches(
    client: Client, moto: DynamoStore
) -> None:
    moto.register(MODELS, OnConflict.REJECT)
    moto.register(DATASETS_AND_CODE, OnConflict.REJECT)

    await build_index(client)
    with record_calls(moto) as calls:
        data = await client.data(PAGE)

    assert operations(calls) == ["BatchGetItem"] * 5
    assert have_links(data)


async def test_links_that_do_not_resolve_cost_two_batches(
    client: Client, moto: DynamoStore
) -> None:
    moto.register(MODELS, OnConflict.REJECT)

    await build_index(client)
    with record_calls(moto) as calls:
        data = await client.data(PAGE)

    assert operations(calls) == ["BatchGetItem"] * 3
    assert [node["dataset"] for node in data["models"]["nodes"]] == [None] * 100


async def test_histories_of_a_page_cost_one_batch_and_the_schema_item(
    client: Client, moto: DynamoStore
) -> None:
    moto.register(MODELS, OnConflict.REJECT)

    await build_index(client)
    with record_calls(moto) as calls:
        data = await client.data(HISTORIES)

    # The schema item has the retention.
    assert operations(calls) == ["BatchGetItem"] * 3
    assert key_counts(calls)[1:] == [1, 100]
    histories = [node["history"]["nodes"] for node in data["models"]["nodes"]]
    assert histories == [[{"kind": "REGISTERED"}]] * 100


async def test_states_of_references_cost_as_much_as_their_artifacts(
    client: Client, moto: DynamoStore
) -> None:
    moto.register(DATASETS_AND_CODE, OnConflict.REJECT)
    moto.register(MODELS, OnConflict.REJECT)

    await build_index(client)
    with record_calls(moto) as calls:
        data = await client.data(STATES)

    assert operations(calls) == ["BatchGetItem"] * 2
    references = [each for node in data["models"]["nodes"] for each in node["references"]]
    assert references == [{"state": "RESOLVED", "changedSince": False}] * 100


@pytest.mark.parametrize(
    ("selection", "attributes"),
    [
        ("name url version", set()),
        ("license", {"license"}),
        ("rating { license }", {"rating"}),
        ("... on Model { rating { ...scores } }", {"rating"}),
        ("rating { license } license", {"rating", "license"}),
        ("rating { ratedAt ratedBy { name } }", {"rating"}),
        ("createdAt tags", {"created_at", "tags"}),
        ("description properties { key }", {"description", "properties"}),
        ('property(key: "framework")', {"properties"}),
        ("createdBy { name } updatedBy { name }", {"created_by", "updated_by"}),
        ("updatedAt", {"updated_at"}),
        ("history { nodes { fields { field } } }", set()),
    ],
)
async def test_only_the_selected_attributes_are_read(
    client: Client, moto: DynamoStore, selection: str, attributes: set[str]
) -> None:
    fragment = "fragment scores on ModelRating { license }" if "...scores" in selection else ""

    with record_calls(moto) as calls:
        await client.data(f'{{ model(by: {{ id: "a" }}) {{ {selection} }} }} {fragment}')

    [(_, call)] = calls
    (request,) = call["RequestItems"].values()
    assert {*request["ExpressionAttributeNames"].values()} & DETAILS == attributes


async def build_index(client: Client) -> None:
    """Let the search index be built, and follow the log to its end."""
    await client.data("{ models { totalCount } }")


def have_links(data: dict[str, dict[str, list[dict[str, dict[str, str]]]]]) -> bool:
    return all(
        node["dataset"]["name"].startswith("Data") and node["code"]["url"]
        for node in data["models"]["nodes"]
    )
