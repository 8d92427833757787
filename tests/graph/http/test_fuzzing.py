"""Random and damaged requests never cause an internal error."""

import asyncio
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.settings import Settings
from tests.graph.clients import RATING, REGISTER, model, serving
from tests.graph.recording_store import RecordingStore
from tests.graph.server_process import Start, await_ready, free_port

pytestmark = pytest.mark.slow

HERE = Path(__file__).parent
DOCUMENTS = (
    REGISTER,
    "query ($n: Int! = 3) { models(first: $n) { nodes { ...M } } } fragment M on Model { id }",
    '{ model(by: { url: "a" }) { lineage(direction: BOTH) { edges { upstreamId } } } }',
    "fragment F on Query { model(by: { name: $n }) { id } } query ($n: String!) { ...F }",
    'mutation { updateModel(id: "a", input: { license: "b" }) { userErrors { code } } }',
    '{ artifacts(filter: { name: { matches: "a+" }, types: [CODE] }) { edges { cursor } } }',
    """
    query ($n: Int = 3, $search: String = "a b", $tags: [String!]) {
      models(last: $n, search: $search, filter: { tags: { any: $tags }, ids: ["1"] }) {
        totalCount facets(by: [{ field: PROPERTY_VALUE, key: "a" }]) { values { value count } }
      }
    }
    """,
)
VARIABLES: tuple[dict[str, Any], ...] = (
    {},
    {"inputs": [model(rating=RATING)]},
    {"n": 7},
    {"n": "a"},
)
SIGNS = list('{}()[]:$@!#"\\')
WORDS = re.split(
    " ",
    'query mutation fragment on true null {} ... """ \\u0000 models model nodes id by name url'
    " first 0 -1 1e999 99999999999 __schema __typename",
)

any_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
token_soup = st.lists(st.sampled_from(SIGNS + WORDS) | st.text(max_size=5), max_size=40).map(
    " ".join
)


@st.composite
def damage_document(draw: st.DrawFn) -> str:
    """Move or repeat a part of a good document."""
    text = draw(st.sampled_from(DOCUMENTS))
    cuts = sorted(draw(st.tuples(*[st.integers(0, len(text))] * 3)))
    a, b, c = cuts
    return text[:a] + text[b:c] * draw(st.integers(0, 3)) + text[a:b] + text[c:]


members = st.fixed_dictionaries(
    {},
    optional={
        "query": damage_document() | token_soup | any_json,
        "variables": st.sampled_from(VARIABLES) | any_json,
        "operationName": any_json,
        "extensions": any_json,
    },
)


def encode(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=True).encode()


bodies = (
    st.binary(max_size=300)
    | any_json.map(encode)
    | members.map(encode)
    | st.tuples(members.map(encode), st.integers(0, 300)).map(lambda cut: cut[0][: cut[1]])
)
headers = st.fixed_dictionaries(
    {"content-type": st.just("application/json") | st.text("ajsonpli/;= é", max_size=20)},
    optional={
        "accept": st.sampled_from(
            ["", "*/*", "text/html", "application/graphql-response+json"]
        ),
        "authorization": st.text(st.characters(codec="latin-1"), max_size=40),
        "x-explain": st.just("store"),
    },
)


@pytest.fixture(scope="module")
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture(scope="module")
def http(
    runner: asyncio.Runner, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[httpx.AsyncClient]:
    store = RecordingStore(tmp_path_factory.mktemp("fuzzed") / "registry.db")
    client = serving(store, Settings(auth_anonymous=None))
    yield runner.run(client.__aenter__())
    runner.run(client.__aexit__(None, None, None))


def assert_no_internal_error(answer: httpx.Response) -> None:
    assert answer.status_code < 500, answer.text
    if answer.headers["content-type"].startswith("text/html"):
        return
    content = answer.json()
    assert ("data" in content) or content["errors"]
    codes = [error["extensions"]["code"] for error in content.get("errors", ())]
    assert "INTERNAL" not in codes
    assert "STORE_UNAVAILABLE" not in codes


@settings(max_examples=7_000)
@given(body=bodies, fields=headers)
def test_no_body_causes_an_internal_error(
    runner: asyncio.Runner, http: httpx.AsyncClient, body: bytes, fields: dict[str, str]
) -> None:
    encoded = [(name.encode(), value.encode("latin-1")) for name, value in fields.items()]

    assert_no_internal_error(runner.run(http.post("/graphql", content=body, headers=encoded)))


@settings(max_examples=2_000)
@given(
    query=st.binary(max_size=200).map(quote)
    | st.dictionaries(
        st.sampled_from(["query", "variables", "operationName", "extensions"]),
        damage_document() | token_soup | any_json.map(json.dumps),
    ).map(lambda parameters: str(httpx.QueryParams(parameters)))
)
def test_no_query_string_causes_an_internal_error(
    runner: asyncio.Runner, http: httpx.AsyncClient, query: str
) -> None:
    url = httpx.URL("http://localhost/graphql").copy_with(query=query.encode())

    assert_no_internal_error(runner.run(http.get(url)))


def test_no_valid_operation_causes_an_internal_error(start: Start, tmp_path: Path) -> None:
    port = free_port()
    log = tmp_path / "log"
    server = start("--port", str(port), log=log)
    await_ready(port)

    result = subprocess.run(  # noqa: S603 - a development tool
        [sys.executable, "-m", "schemathesis.cli", "run", f"http://127.0.0.1:{port}/graphql",
         "--max-examples=60", "--checks=no_internal_error", "--phases=fuzzing",
         "--continue-on-failure", "--seed=1"],
        env={**os.environ, "SCHEMATHESIS_HOOKS": "fuzzed_scalars", "PYTHONPATH": str(HERE)},  # noqa: TID251 - a process needs one
        capture_output=True, text=True, check=False, cwd=tmp_path,
    )  # fmt: skip
    server.terminate()
    server.wait(timeout=20)

    assert result.returncode == 0, result.stdout
    assert "28 passed" in result.stdout
    assert "Traceback" not in log.read_text()
