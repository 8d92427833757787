"""The checks of security scanners, on a server with the settings for the internet."""

import re
from collections.abc import AsyncIterator, Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import httpx
import pytest
from packaging.version import Version

from graph.settings import Settings
from tests.graph.clients import serving
from tests.graph.recording_store import RecordingStore

pytestmark = pytest.mark.anyio

PAGE = (Path(__file__).parents[3] / "docs/aws.md").read_text()
TYPENAME = "query { __typename }"
DEEP = "fields { type { " * 4 + "name" + " } }" * 4
CIRCULAR = f"query {{ __schema {{ types {{ {DEEP} }} }} }}"
CIRCULAR_FRAGMENTS = """
query { __schema { ...A } }
fragment A on __Schema { __typename ...B }
fragment B on __Schema { ...A }
"""


@pytest.fixture
async def http(
    recorded: RecordingStore, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[httpx.AsyncClient]:
    """An anonymous client, which may read, of a server with the settings of docs/aws.md."""
    (parameters,) = re.findall(r"also set `(Introspection=[^`]*) AllowedHosts=[^`]*`", PAGE)
    for parameter in parameters.split():
        name, value = parameter.split("=")
        monkeypatch.setenv(re.sub("(?<=[a-z])(?=[A-Z])", "_", name).upper(), value)
    monkeypatch.setenv("AUTH_ANONYMOUS", "read")
    async with serving(recorded, Settings()) as client:
        yield client


Finding = Callable[[Any], bool]


def has_data(content: Any) -> bool:
    return isinstance(content, dict) and bool(content.get("data"))


@pytest.mark.parametrize(
    ("query", "is_found"),
    [
        ("query { " + " ".join(f"a{n}: __typename" for n in range(101)) + " }", has_data),
        ("query { __typename " + "@aa" * 10 + " }", lambda c: len(c["errors"]) >= 10),
        ("query { __typename " + "@include(if: true) " * 10 + " }", has_data),
        ("query { " + "__typename " * 500 + "}", has_data),
        (CIRCULAR, has_data),
        (CIRCULAR_FRAGMENTS, has_data),
        ("query { __schema { queryType { name } } }", has_data),
        ("query { __schema { directive } }", lambda c: "Did you mean" in str(c)),
        (TYPENAME, lambda c: "tracing" in str(c) or "stacktrace" in str(c).lower()),
        ("qwerty cop { abc }", lambda c: "exception" in str(c).lower()),
    ],
    ids=[
        "alias overload",
        "directive overload",
        "repeated directive",
        "repeated fields",
        "circular introspection",
        "circular fragments",
        "introspection",
        "field suggestions",
        "tracing",
        "unhandled errors",
    ],
)  # fmt: skip
async def test_a_scan_finds_nothing(
    http: httpx.AsyncClient, query: str, is_found: Finding
) -> None:
    content = (await http.post("/graphql", json={"query": query})).json()

    assert content.get("data") or content["errors"]
    assert not is_found(content)


async def test_a_batch_is_rejected(http: httpx.AsyncClient) -> None:
    answer = await http.post("/graphql", json=[{"query": TYPENAME}] * 10)

    assert answer.status_code == 400
    assert len(answer.json()["errors"]) == 1


@pytest.mark.parametrize("query", [TYPENAME, "mutation { __typename }"])
async def test_nothing_is_executed_by_get(http: httpx.AsyncClient, query: str) -> None:
    answer = await http.get("/graphql", params={"query": query})

    assert [answer.status_code, answer.headers["allow"]] == [405, "POST"]
    assert "data" not in answer.json()


async def test_no_form_is_executed(http: httpx.AsyncClient) -> None:
    encoded = await http.post("/graphql", data={"query": TYPENAME})
    in_the_url = await http.post("/graphql", params={"query": TYPENAME})
    uploaded = await http.post(
        "/graphql",
        data={"operations": f'{{"query": "{TYPENAME}"}}', "map": "{}"},
        files={"0": b"file"},
    )

    assert [encoded.status_code, in_the_url.status_code, uploaded.status_code] == [415] * 3


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/graphql", 406),
        ("/graphiql", 404),
        ("/playground", 404),
        ("/console", 404),
        ("/", 200),
    ],
)
async def test_the_explorer_is_switched_off(
    http: httpx.AsyncClient, path: str, status: int
) -> None:
    page = await http.get(path, headers={"accept": "text/html"})

    assert page.status_code == status
    assert not re.search("(?i)graphiql|playground", page.text)


async def test_responses_have_the_rate_limit(http: httpx.AsyncClient) -> None:
    answer = await http.post("/graphql", json={"query": TYPENAME})

    assert answer.headers["ratelimit-policy"] == '"requests";q=600;w=60'


@pytest.mark.parametrize(
    ("package", "least"),
    [
        ("strawberry-graphql", "0.327.2"),
        ("graphql-core", "3.3.2"),
        ("starlette", "1.3.1"),
        ("h11", "0.16"),
    ],
)
def test_no_library_has_a_known_vulnerability(package: str, least: str) -> None:
    assert Version(version(package)) >= Version(least)
