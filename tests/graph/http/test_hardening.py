"""The settings that switch off introspection, suggestions and GraphiQL."""

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
    ("query ($o: ModelOrder) { models(orderBy: $o) { totalCount } }", {"o": {"fild": 1}}),
    (
        "query ($o: ModelOrder) { models(orderBy: $o) { totalCount } }",
        {"o": {"field": "NAM"}},
    ),
    ("mutation { registerModl { id } }", {}),
)


@pytest.fixture
async def hardened(recorded: RecordingStore) -> AsyncIterator[httpx.AsyncClient]:
    async with serving(recorded, PRODUCTION) as http:
        yield http


async def test_suggestions_can_be_switched_off(
    client: Client, hardened: httpx.AsyncClient
) -> None:
    default, without = [
        [str((await c.send(query, **variables))["errors"]) for query, variables in NEAR_MISSES]
        for c in (client, Client(hardened))
    ]

    assert sum("Did you mean" in errors for errors in default) >= len(NEAR_MISSES) - 3
    assert [errors for errors in without if "Did you mean" in errors] == []


@pytest.mark.parametrize(
    "query",
    [
        get_introspection_query(),
        "{ __schema { queryType { name } } }",
        '{ __type(name: "Model") { name } }',
        "{ ...f } fragment f on Query { __schema { types { name } } }",
    ],
)
async def test_introspection_can_be_switched_off(
    client: Client, hardened: httpx.AsyncClient, query: str
) -> None:
    default = await client.send(query)
    without = await Client(hardened).send(query)

    assert default["data"]
    assert "data" not in without
    assert {e["extensions"]["code"] for e in without["errors"]} == {"GRAPHQL_VALIDATION_FAILED"}


async def test_typename_works_without_introspection(
    hardened: httpx.AsyncClient,
) -> None:
    assert (await Client(hardened).data("{ __typename }")) == {"__typename": "Query"}


async def test_without_the_explorer_a_browser_gets_an_error(
    hardened: httpx.AsyncClient,
) -> None:
    page = await hardened.get("/graphql", headers={"accept": "text/html, */*;q=0.8"})
    file = await hardened.get("/explorer/explorer.js")

    assert [page.status_code, page.headers["content-type"]] == [400, "application/json"]
    assert file.status_code == 404
