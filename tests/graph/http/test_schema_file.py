"""The schema at `/schema.graphql`, for tools that generate code from it."""

from pathlib import Path

import httpx
import pytest

from graph.auth.roles import Role
from graph.auth.static_tokens import create_token
from graph.settings import Settings, parse_rate_limits
from tests.graph.clients import serving
from tests.graph.recording_store import RecordingStore

pytestmark = pytest.mark.anyio

PATH = "/schema.graphql"
SCHEMA = (Path(__file__).parents[3] / "schema.graphql").read_text()


async def test_the_schema_is_returned_without_introspection(recorded: RecordingStore) -> None:
    async with serving(recorded, Settings(introspection=False)) as http:
        answer = await http.get(PATH)

    assert answer.status_code == 200
    assert answer.text == SCHEMA
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["cache-control"] == "private, no-cache"


@pytest.mark.parametrize(
    ("known", "status"),
    [
        ("{etag}", 304),
        ("{strong}", 304),
        ('"other", {etag}', 304),
        ("*", 304),
        ('"other"', 200),
        ("", 200),
    ],
)
async def test_a_client_that_has_the_schema_gets_304(
    http: httpx.AsyncClient, known: str, status: int
) -> None:
    etag = (await http.get(PATH)).headers["etag"]
    tags = known.format(etag=etag, strong=etag.removeprefix("W/"))

    answer = await http.get(PATH, headers={"if-none-match": tags})

    assert answer.status_code == status
    assert answer.text == ("" if status == 304 else SCHEMA)
    assert answer.headers["etag"] == etag
    assert answer.headers["cache-control"] == "private, no-cache"


async def test_head_has_the_etag_too(http: httpx.AsyncClient) -> None:
    answer = await http.head(PATH)

    assert answer.status_code == 200
    assert answer.headers["etag"] == (await http.get(PATH)).headers["etag"]


async def test_the_schema_needs_the_role_read(recorded: RecordingStore) -> None:
    token, entry = create_token("codegen", Role.READ)
    settings = Settings(auth_tokens=(entry,))
    headers: list[dict[str, str]] = [
        {},
        {"authorization": "Bearer wrong"},
        {"authorization": f"Bearer {token}"},
    ]

    async with serving(recorded, settings) as http:
        answers = [await http.get(PATH, headers=each) for each in headers]

    assert [answer.status_code for answer in answers] == [401, 401, 200]
    assert answers[0].headers["www-authenticate"] == "Bearer"


async def test_the_rate_limit_counts_it(recorded: RecordingStore) -> None:
    settings = Settings(rate_limit=parse_rate_limits("2/minute"))

    async with serving(recorded, settings) as http:
        answers = [await http.get(PATH) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[0].headers["ratelimit"].startswith('"requests";r=1;')
    assert answers[2].json()["errors"][0]["extensions"] == {"code": "RATE_LIMITED"}
