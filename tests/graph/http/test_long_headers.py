"""Lists in headers and query strings that are longer than any that clients send."""

import httpx
import pytest

from graph.settings import Settings
from tests.graph.clients import serving
from tests.graph.recording_store import RecordingStore

pytestmark = pytest.mark.anyio

QUERY = {"query": "{ __typename }"}
LONG = ",".join(f"a/{n}" for n in range(300))


@pytest.mark.parametrize(
    ("accept", "status"),
    [("text/plain".ljust(999), 406), ("text/plain".ljust(1_000), 200), (LONG, 200)],
)
async def test_a_long_accept_header_is_ignored(
    http: httpx.AsyncClient, accept: str, status: int
) -> None:
    answer = await http.post("/graphql", json=QUERY, headers={"accept": accept + "x"})

    assert answer.status_code == status


@pytest.mark.parametrize(("length", "encoding"), [(1_000, "gzip"), (1_001, None)])
async def test_a_long_accept_encoding_header_is_ignored(
    http: httpx.AsyncClient, length: int, encoding: str | None
) -> None:
    headers = {"accept-encoding": "gzip,".ljust(length, "a")}

    answer = await http.get("/schema.graphql", headers=headers)

    assert answer.headers.get("content-encoding") == encoding


@pytest.mark.parametrize(("length", "status"), [(1_000, 304), (1_001, 200)])
async def test_a_long_if_none_match_header_is_ignored(
    http: httpx.AsyncClient, length: int, status: int
) -> None:
    answer = await http.get(
        "/schema.graphql", headers={"if-none-match": "*,".ljust(length, "a")}
    )

    assert answer.status_code == status


async def test_a_long_name_is_no_host(recorded: RecordingStore) -> None:
    settings = Settings(allowed_hosts=("*.example.org",))
    async with serving(recorded, settings) as http:
        answers = [
            await http.post("/graphql", json=QUERY, headers={"host": host + ".example.org"})
            for host in ("a" * 200, "a." * 150)
        ]

    assert [answer.status_code for answer in answers] == [200, 403]


@pytest.mark.parametrize("accept", ["application/json", "text/html"])
async def test_a_query_string_has_a_limited_number_of_parameters(
    http: httpx.AsyncClient, accept: str
) -> None:
    answers = [
        await http.get(
            f"/graphql?{'a=b&' * others}query=%7B__typename%7D",
            headers={"accept": accept + ",*/*"},
        )
        for others in (99, 100)
    ]

    assert [answer.status_code for answer in answers] == [200, 400]
    assert answers[1].json()["errors"] == [
        {
            "message": "The query string must have at most 100 parameters.",
            "extensions": {"code": "BAD_USER_INPUT"},
        }
    ]


async def test_a_body_has_a_limited_number_of_lists_and_objects(
    http: httpx.AsyncClient,
) -> None:
    headers = {"content-type": "application/json"}
    bodies = [
        b'{"query": "{ __typename }", "extensions": {"a": [%s{}]}}' % (b"[]," * count)
        for count in (39_995, 39_996)
    ]

    answers = [await http.post("/graphql", content=body, headers=headers) for body in bodies]

    assert [answer.status_code for answer in answers] == [200, 413]
    assert answers[1].json()["errors"] == [
        {
            "message": "The body must have at most 40,000 lists and objects.",
            "extensions": {"code": "BAD_USER_INPUT"},
        }
    ]
