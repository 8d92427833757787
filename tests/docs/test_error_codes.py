"""Compares the error codes and statuses in docs/limits-and-errors.md with the server's."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from graph.app import build
from graph.errors import Code, RequestError
from graph.http.response import to_error_response
from graph.settings import Settings
from storage.artifacts.writes import WriteErrorCode
from storage.sqlite.store import SqliteStore
from tests.docs.blocks import read_table

PAGE = "docs/limits-and-errors.md"


def test_every_error_code_is_documented() -> None:
    mutations = read_table(PAGE, "Errors of mutations")
    requests = read_table(PAGE, "Errors of requests")

    assert sorted(mutations) == sorted(f"`{code.value}`" for code in WriteErrorCode)
    assert list(requests) == [f"`{code.value}`" for code in Code]


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


def read_statuses() -> dict[str, str]:
    table = read_table(PAGE, "Errors of requests")
    return {name.strip("`"): cells[0] for name, cells in table.items()}


@pytest.mark.parametrize(
    "name", ["UNAUTHENTICATED", "FORBIDDEN", "RATE_LIMITED", "UNAVAILABLE"]
)
def test_rejected_requests_have_the_documented_status(name: str) -> None:
    response = to_error_response(RequestError(Code[name], ""), {})

    assert read_statuses()[name] == str(response.status_code)


@pytest.mark.anyio
@pytest.mark.parametrize(
    "query",
    [
        "{",
        "{ nothing }",
        "{ ...a } " + "# long" * 20_000,
        "query ($a: Int!) { models(first: $a) { totalCount } }",
    ],
    ids=["syntax", "unknown field", "too long", "missing variable"],
)
async def test_documents_that_are_not_executed_have_the_documented_status(
    http: httpx.AsyncClient, query: str
) -> None:
    answers = [
        await http.post("/graphql", json={"query": query}, headers={"accept": media_type})
        for media_type in ("application/graphql-response+json", "application/json")
    ]

    (code,) = {answer.json()["errors"][0]["extensions"]["code"] for answer in answers}
    assert read_statuses()[code].startswith("400, 200")
    assert [answer.status_code for answer in answers] == [400, 200]
