"""docs/limits-and-errors.md says what the code does: each setting, limit and error code."""

import json
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from graph.app import build
from graph.errors import Code, RequestError
from graph.http.response import to_error_response
from graph.settings import Settings
from storage.artifacts.inputs import parse_new_artifact
from storage.artifacts.records import ArtifactType, InvalidInputError, WriteErrorCode
from storage.search.paging import MAX_COUNTED, MAX_READ
from storage.sqlite.store import SqliteStore
from tests.docs.blocks import ROOT, rows

PAGE = "docs/limits-and-errors.md"
URL = "https://example.org/"


def test_every_setting_is_there_with_its_default() -> None:
    defaults = {name: cells[0].strip("`") for name, cells in rows(PAGE, "Settings").items()}

    assert defaults == {
        f"`{name.upper()}`": shown(field.default)
        for name, field in Settings.model_fields.items()
    }


def shown(default: object) -> str:
    if default is None or default == ():
        return "unset"
    return " ".join(default) if isinstance(default, tuple) else str(default)


def text(field: str) -> Callable[[int], Mapping[str, Any]]:
    return lambda size: {field: "a" * size}


def label(size: int) -> Mapping[str, Any]:
    line = (ROOT / "storage/transfer/sample.ndjson").read_text().splitlines()[0]
    return {"rating": {**json.loads(line)["rating"], "category": "a" * size}}


def named(size: int) -> Mapping[str, Any]:
    names = [{"name": str(number)} for number in range(size)]
    return {"datasets": names[:40], "codes": names[40:80], "baseModels": names[80:]}


INPUTS: dict[str, Callable[[int], Mapping[str, Any]]] = {
    "`url`, `downloadUrl`": lambda size: {"downloadUrl": URL.ljust(size, "a")},
    "`name`": text("name"),
    "`license`": text("license"),
    "`tags`": lambda size: {"tags": ["a"] * size},
    "a tag": lambda size: {"tags": ["a" * size]},
    "references of a model, all kinds together": named,
    "an `id` in a reference": lambda size: {"datasets": [{"id": "a" * size}]},
    "`name`, `category` of a rating": label,
}


def test_every_limit_of_an_input_is_where_it_is_said_to_be() -> None:
    said = rows(PAGE, "What an artifact may hold")

    found = {name: [cells[0].split()[1], limit(name)] for name, cells in said.items()}

    assert {name: f"{at:,} {unit}" for name, (unit, (at, _)) in found.items()} == {
        name: cells[0] for name, cells in said.items()
    }
    assert {name: f"`{code}`" for name, (_, (_, code)) in found.items()} == {
        name: cells[1] for name, cells in said.items()
    }
    assert found.keys() == INPUTS.keys()


def limit(name: str) -> tuple[int, str]:
    """The greatest size that is taken, and the code with which the next is refused."""
    least, most = 1, 10_000
    while most - least > 1:
        middle = (least + most) // 2
        least, most = (middle, most) if refused(name, middle) is None else (least, middle)
    return least, str(refused(name, most))


def refused(name: str, size: int) -> str | None:
    try:
        parse_new_artifact(ArtifactType.MODEL, {"url": f"{URL}model", **INPUTS[name](size)})
    except InvalidInputError as error:
        return error.errors[0].code.value
    return None


ARGUMENTS: dict[str, tuple[str, Callable[[int], object]]] = {
    "`first` of a listing, and of `models` and `derivedModels`": (
        "query ($size: Int!) { models(first: $size) { totalCount } }",
        int,
    ),
    "`lineage(depth:)`": (
        'query ($size: Int!) { code(by: {name: "c"}) { lineage(depth: $size) { truncated } } }',
        int,
    ),
    "`lineage(first:)`": (
        'query ($size: Int!) { code(by: {name: "c"}) { lineage(first: $size) { truncated } } }',
        int,
    ),
    "`nodes(ids:)`": (
        "query ($size: [ID!]!) { nodes(ids: $size) { id } }",
        lambda size: [str(number) for number in range(size)],
    ),
    "`registerArtifacts(inputs:)`": (
        (
            "mutation ($size: [RegisterArtifactInput!]!) {"
            " registerArtifacts(inputs: $size) { results { userErrors { code } } } }"
        ),
        lambda size: [{"code": {"url": f"{URL}{number}"}} for number in range(size)],
    ),
    "`filter.name.in`": (
        "query ($size: [String!]!) { codes(filter: {name: {in: $size}}) { nodes { id } } }",
        lambda size: [str(number) for number in range(size)],
    ),
    "`filter.name.matches`, in characters": (
        "query ($size: String!) { codes(filter: {name: {matches: $size}}) { nodes { id } } }",
        lambda size: "a" * size,
    ),
}


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def http(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    store = SqliteStore(tmp_path / "artifacts.db")
    transport = httpx.ASGITransport(build(store, Settings()))
    async with httpx.AsyncClient(transport=transport, base_url="http://registry") as client:
        yield client
    store.close()


@pytest.mark.anyio
async def test_every_limit_of_an_argument_is_where_it_is_said_to_be(
    http: httpx.AsyncClient,
) -> None:
    register = (
        'mutation { registerCode(input: {url: "https://example.org/c"}) { code { id } } }'
    )
    await http.post("/graphql", json={"query": register})
    said = rows(PAGE, "What a query may ask for")
    assert said.keys() == ARGUMENTS.keys()

    for name, (low, high) in said.items():
        least, most = (int(cell.replace(",", "")) for cell in (low, high))
        codes = [await code(http, name, size) for size in (least, most, most + 1)]
        assert codes == [None, None, "BAD_USER_INPUT"], name
        if least:
            assert await code(http, name, least - 1) == "BAD_USER_INPUT", name


async def code(http: httpx.AsyncClient, name: str, size: int) -> str | None:
    query, given = ARGUMENTS[name]
    body = {"query": query, "variables": {"size": given(size)}}
    answer = (await http.post("/graphql", json=body)).json()
    return answer["errors"][0]["extensions"]["code"] if "errors" in answer else None


def test_what_is_read_is_bounded_as_it_is_said() -> None:
    text = (ROOT / PAGE).read_text()
    assert f"A page reads at most {MAX_READ:,} index items" in text
    assert f"`totalCount` is exact up to {MAX_COUNTED:,} artifacts" in text


def test_every_code_of_an_error_is_there() -> None:
    writes, requests = rows(PAGE, "Errors of a write"), rows(PAGE, "Errors of a request")

    assert sorted(writes) == sorted(f"`{code.value}`" for code in WriteErrorCode)
    assert list(requests) == [f"`{code.value}`" for code in Code]


@pytest.mark.anyio
async def test_the_statuses_are_those_that_are_said(http: httpx.AsyncClient) -> None:
    said = {
        name.strip("`"): cells[0] for name, cells in rows(PAGE, "Errors of a request").items()
    }
    for name in ("UNAUTHENTICATED", "FORBIDDEN", "RATE_LIMITED", "UNAVAILABLE"):
        assert said[name] == str(
            to_error_response(RequestError(Code[name], ""), {}).status_code
        )
    for query in (
        "{",
        "{ nothing }",
        "{ ...a } " + "# long" * 20_000,
        "query ($a: Int!) { models(first: $a) { totalCount } }",
    ):
        answers = [
            await http.post("/graphql", json={"query": query}, headers={"accept": accepted})
            for accepted in ("application/graphql-response+json", "application/json")
        ]
        (found,) = {answer.json()["errors"][0]["extensions"]["code"] for answer in answers}
        assert said[found].startswith("400, 200")
        assert [answer.status_code for answer in answers] == [400, 200]
