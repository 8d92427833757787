"""What a server in production need not tell: its schema, near misses, and GraphiQL."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from graphql import get_introspection_query

from graph.settings import Settings
from tests.graph.clients import Client, serving
from tests.graph.recording_store import RecordingStore

pytestmark = pytest.mark.anyio

PRODUCTION = Settings(introspection=False, suggestions=False, explorer=False)
NEAR_MISSES: tuple[tuple[str, dict[str, Any]], ...] = (
    ("{ model { id } }", {}),
    ("{ modelss { totalCount } }", {}),
    ('{ model(bye: { name: "a" }) { id } }', {}),
    ('{ model(by: { nam: "a" }) { id } }', {}),
    ('{ model(by: { name: "a" }) { nam } }', {}),
    ('{ artifact(id: "a") { ... on Modl { id } } }', {}),
    ('{ artifact(id: "a") { rating { netScore } } }', {}),
    ("{ models @skp(if: true) { totalCount } }", {}),
    ("{ models(orderBy: { field: NAM }) { totalCount } }", {}),
    ("query ($o: ArtifactOder) { models(orderBy: $o) { totalCount } }", {}),
    ("query ($o: ArtifactOrder) { models(orderBy: $o) { totalCount } }", {"o": {"fild": 1}}),
    (
        "query ($o: ArtifactOrder) { models(orderBy: $o) { totalCount } }",
        {"o": {"field": "NAM"}},
    ),
    ("mutation { registerModl { id } }", {}),
)


@pytest.fixture
async def quiet(recorded: RecordingStore) -> AsyncIterator[httpx.AsyncClient]:
    async with serving(recorded, PRODUCTION) as http:
        yield http


async def test_near_misses_are_told_or_not(client: Client, quiet: httpx.AsyncClient) -> None:
    told, kept = [
        [str((await asked.send(query, **given))["errors"]) for query, given in NEAR_MISSES]
        for asked in (client, Client(quiet))
    ]

    assert sum("Did you mean" in errors for errors in told) >= len(NEAR_MISSES) - 3
    assert [errors for errors in kept if "Did you mean" in errors] == []


@pytest.mark.parametrize(
    "query",
    [
        get_introspection_query(),
        "{ __schema { queryType { name } } }",
        '{ __type(name: "Model") { name } }',
        "{ ...f } fragment f on Query { __schema { types { name } } }",
    ],
)
async def test_the_schema_can_be_asked_for_or_not(
    client: Client, quiet: httpx.AsyncClient, query: str
) -> None:
    told = await client.send(query)
    kept = await Client(quiet).send(query)

    assert told["data"]
    assert "data" not in kept
    assert {e["extensions"]["code"] for e in kept["errors"]} == {"GRAPHQL_VALIDATION_FAILED"}


async def test_without_introspection_types_can_be_told_apart(
    quiet: httpx.AsyncClient,
) -> None:
    assert (await Client(quiet).data("{ __typename }")) == {"__typename": "Query"}


async def test_without_the_explorer_a_browser_gets_an_error(
    quiet: httpx.AsyncClient,
) -> None:
    page = await quiet.get("/graphql", headers={"accept": "text/html"})
    file = await quiet.get("/explorer/explorer.js")

    assert [page.status_code, page.headers["content-type"]] == [400, "application/json"]
    assert file.status_code == 404
