"""Compares the documented limits of arguments with those of the API."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import httpx
import pytest

from graph.app import build
from graph.settings import Settings
from storage.change_queries import MAX_FEED_ENTRIES
from storage.search.pages import MAX_COUNTED
from storage.sqlite.store import SqliteStore
from tests.docs.blocks import read_table, read_text

PAGE = "docs/limits-and-errors.md"
URL = "https://example.org/"


def list_condition(
    condition: str, list_type: str = "[String!]!"
) -> tuple[str, Callable[[int], object]]:
    """Return a query with a condition that has a list, and what makes a list of a size."""
    query = f"query ($size: {list_type}) {{ codes(filter: {condition}) {{ totalCount }} }}"
    return query, lambda size: [str(number) for number in range(size)]


LINEAGE = """
query ($size: Int!) {
  code(by: {name: "c"}) { lineage(direction: UPSTREAM, LIMIT: $size) { complete } }
}
"""
PROVENANCE = """
query ($size: Int!) { model(by: {name: "m"}) { provenance(LIMIT: $size) { complete } } }
"""
PATHS = """
query ($size: Int!) { lineagePaths(from: "a", to: "b", LIMIT: $size) { complete } }
"""
ARGUMENTS: dict[str, tuple[str, Callable[[int], object]]] = {
    "`first` of listings, `models` and `derivedModels`": (
        "query ($size: Int!) { models(first: $size) { totalCount } }",
        int,
    ),
    "`first` of `history` and `recentChanges`": (
        "query ($size: Int!) { recentChanges(first: $size) { nodes { id } } }",
        int,
    ),
    "`changes(first:)`": ("query ($size: Int!) { changes(first: $size) { cursor } }", int),
    "`first` of `datasets`, `codes` and `baseModels` of a model": (
        'query ($size: Int!) { model(by: {name: "m"}) { codes(first: $size) { id } } }',
        int,
    ),
    "`lineage(depth:)`": (
        LINEAGE.replace("LIMIT", "depth"),
        int,
    ),
    "`lineage(first:)`": (
        LINEAGE.replace("LIMIT", "first"),
        int,
    ),
    "`provenance(depth:)`": (PROVENANCE.replace("LIMIT", "depth"), int),
    "`provenance(first:)`": (PROVENANCE.replace("LIMIT", "first"), int),
    "`lineagePaths(maxLength:)`": (PATHS.replace("LIMIT", "maxLength"), int),
    "`lineagePaths(first:)`": (PATHS.replace("LIMIT", "first"), int),
    "`nodes(ids:)`": (
        "query ($size: [ID!]!) { nodes(ids: $size) { id } }",
        lambda size: [str(number) for number in range(size)],
    ),
    "`filter.artifactIds` of changes": (
        "query ($size: [ID!]!) { changes(filter: {artifactIds: $size}) { cursor } }",
        lambda size: [str(number) for number in range(size)],
    ),
    "`last` of listings": ("query ($size: Int!) { models(last: $size) { totalCount } }", int),
    "`facets(by:)`": (
        "query ($size: [FacetInput!]!) { models { facets(by: $size) { field } } }",
        lambda size: [{"field": "TAG"}] * size,
    ),
    "`first` of a facet": (
        "query ($size: Int!) { codes { facets(by: { field: TAG, first: $size }) { field } } }",
        int,
    ),
    "`search`, in characters": (
        "query ($size: String!) { codes(search: $size) { nodes { id } } }",
        lambda size: "a" * size,
    ),
    "`search`, in words": (
        "query ($size: String!) { codes(search: $size) { nodes { id } } }",
        lambda size: "abc " * size,
    ),
    "`filter.ids`": list_condition("{ids: $size}", "[ID!]!"),
    "`filter.name.in`": list_condition("{name: {in: $size}}"),
    "`filter.name.matches`, in characters": (
        "query ($size: String!) { codes(filter: {name: {matches: $size}}) { nodes { id } } }",
        lambda size: "a" * size,
    ),
    "`filter.url.in`": list_condition("{url: {in: $size}}", "[URL!]!"),
    "`filter.tags.all`": list_condition("{tags: {all: $size}}"),
    "`filter.tags.any`": list_condition("{tags: {any: $size}}"),
    "`filter.tags.none`": list_condition("{tags: {none: $size}}"),
    "`filter.license.in`": list_condition("{license: {in: $size}}"),
    "`filter.createdBy.in`": list_condition("{createdBy: {in: $size}}"),
    "`filter.properties`": (
        list_condition("{properties: $size}", "[PropertyFilter!]")[0],
        lambda size: [{"key": str(number)} for number in range(size)],
    ),
    "`filter.references`": (
        """
        query ($size: [ReferenceFilter!]) {
          models(filter: {references: $size}) { totalCount }
        }
        """,
        lambda size: [{"kind": "CODE"}] * size,
    ),
}


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def http(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    store = SqliteStore(tmp_path / "artifacts.db")
    transport = httpx.ASGITransport(build(store, Settings()))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        yield client
    store.close()


@pytest.mark.anyio
async def test_argument_limits_are_documented(http: httpx.AsyncClient) -> None:
    register = (
        'mutation { registerCode(input: {url: "https://example.org/c"}) { code { id } }'
        ' registerModel(input: {url: "https://example.org/m"}) { model { id } } }'
    )
    await http.post("/graphql", json={"query": register})
    documented = read_table(PAGE, "Limits of arguments")
    assert documented.keys() == ARGUMENTS.keys()

    for name, cells in documented.items():
        minimum, maximum = (int(cell.replace(",", "")) for cell in cells)
        sizes = (minimum, maximum, maximum + 1)
        codes = [await request_error_code(http, name, size) for size in sizes]
        assert codes == [None, None, "BAD_USER_INPUT"], name
        if minimum:
            assert await request_error_code(http, name, minimum - 1) == "BAD_USER_INPUT", name


async def request_error_code(http: httpx.AsyncClient, name: str, size: int) -> str | None:
    query, make_value = ARGUMENTS[name]
    body = {"query": query, "variables": {"size": make_value(size)}}
    answer = (await http.post("/graphql", json=body)).json()
    return answer["errors"][0]["extensions"]["code"] if "errors" in answer else None


def test_read_limits_are_documented() -> None:
    text = read_text(PAGE)
    assert f"looks at no more than {MAX_FEED_ENTRIES:,} changes" in text
    assert f"are exact up to {MAX_COUNTED:,} matches" in text


@pytest.mark.anyio
@pytest.mark.parametrize(("count", "codes"), [(100, []), (101, ["TOO_MANY"])])
async def test_the_number_of_inputs_is_documented(
    http: httpx.AsyncClient, count: int, codes: list[str]
) -> None:
    mutation = (
        "mutation ($inputs: [RegisterArtifactInput!]!) {"
        " registerArtifacts(inputs: $inputs) { userErrors { code } } }"
    )
    inputs = [{"code": {"url": f"{URL}{number}"}} for number in range(count)]

    body = {"query": mutation, "variables": {"inputs": inputs}}
    answer = (await http.post("/graphql", json=body)).json()

    assert [e["code"] for e in answer["data"]["registerArtifacts"]["userErrors"]] == codes
    assert "takes at most 100 inputs. More are `TOO_MANY`" in read_text(PAGE)
