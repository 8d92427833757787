"""Compressed responses: for clients that accept gzip, where it is worth it."""

import gzip
import json

import httpx
import pytest

from graph.settings import Settings
from tests.graph.clients import Client, code, serving
from tests.graph.recording_store import RecordingStore
from tests.storage.samples import MODEL, new_artifact
from tests.storage.store_calls import register

pytestmark = pytest.mark.anyio

QUERY = "{ artifacts { nodes { name description } } }"


async def post(http: httpx.AsyncClient, encoding: str | None) -> httpx.Response:
    headers = {} if encoding is None else {"accept-encoding": encoding}
    return await http.post("/graphql", json={"query": QUERY}, headers=headers)


@pytest.fixture
async def long_client(client: Client) -> Client:
    """A client of a registry whose artifacts take over a thousand bytes."""
    del client.http.headers["accept-encoding"]
    await client.register(code(description="Trains models. " * 100))
    return client


@pytest.mark.parametrize(
    ("encoding", "is_compressed"),
    [
        ("gzip", True),
        ("gzip, deflate, br, zstd", True),
        ("GZip;q=0.5, br", True),
        ("*", True),
        (None, False),
        ("", False),
        ("br", False),
        ("gzip;q=0", False),
        ("gzip;q=0, *", False),
        ("*;q=0", False),
        ("identity", False),
        ("xgzip", False),
    ],
)
async def test_a_long_response_is_compressed_if_the_client_accepts_gzip(
    long_client: Client, encoding: str | None, is_compressed: bool
) -> None:
    plain = await post(long_client.http, None)
    answer = await post(long_client.http, encoding)

    assert answer.headers.get("content-encoding") == ("gzip" if is_compressed else None)
    assert answer.headers["vary"] == "Accept-Encoding"
    assert answer.json() == plain.json()
    assert (int(answer.headers["content-length"]) < 300) is is_compressed


async def test_a_short_response_is_not_compressed(long_client: Client) -> None:
    answer = await long_client.http.get("/livez", headers={"accept-encoding": "gzip"})

    assert "content-encoding" not in answer.headers
    assert "vary" not in answer.headers


async def test_the_files_of_the_explorer_are_compressed(long_client: Client) -> None:
    path = "/explorer/examples.js"
    plain = await long_client.http.get(path)
    answer = await long_client.http.get(path, headers={"accept-encoding": "gzip"})

    assert answer.headers["content-encoding"] == "gzip"
    assert answer.content == plain.content


async def test_a_compressed_response_says_that_it_depends_on_both_headers(
    recorded: RecordingStore,
) -> None:
    async with serving(recorded, Settings(cors_origins=("https://a.example",))) as http:
        headers = {"accept-encoding": "gzip", "origin": "https://a.example"}
        answer = await http.get("/explorer/examples.js", headers=headers)

    assert answer.headers["vary"] == "Accept-Encoding, Origin"


@pytest.mark.parametrize(("characters", "level_flag"), [(2_000, 0), (4_000, 4)])
async def test_long_responses_are_compressed_with_the_fastest_level(
    recorded: RecordingStore, characters: int, level_flag: int
) -> None:
    text = "\u20ac" * characters
    register(recorded, *(new_artifact(MODEL, f"m{n}", description=text) for n in range(100)))
    query = "{ models(first: 100) { nodes { description } } }"
    async with (
        serving(recorded, Settings()) as http,
        http.stream("POST", "/graphql", json={"query": query}) as answer,
    ):
        content = b"".join([chunk async for chunk in answer.aiter_raw()])

    assert content[:2] == b"\x1f\x8b"
    assert content[8] == level_flag  # RFC 1952, section 2.3.1
    nodes = json.loads(gzip.decompress(content))["data"]["models"]["nodes"]
    assert nodes == [{"description": text}] * 100
