"""GraphQL over HTTP: methods, media types, statuses and bodies."""

import httpx
import orjson
import pytest

from tests.graph.clients import BERT, Client, dataset, model
from tests.graph.recording_store import RecordingStore

pytestmark = pytest.mark.anyio

JSON = {"content-type": "application/json"}
GRAPHQL_JSON = "application/graphql-response+json"
NEW = {"accept": GRAPHQL_JSON}
REGISTER = f'mutation {{ registerModel(input: {{ url: "{BERT}" }}) {{ model {{ name }} }} }}'


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff\xfe",
        b'{"query": "\xff"}',
        b'{"query": "\\ud800"}',
        b"not json",
        b"7",
        b"null",
        b'"{ __typename }"',
        b"[]",
        b'[{"query": "{ __typename }"}]',
        b"[" * 40_000,
        b"{}",
        b'{"query": null}',
        b'{"query": 7}',
        b'{"query": ["{ __typename }"]}',
        b'{"query": "{ __typename }", "variables": []}',
        b'{"query": "{ __typename }", "variables": "{}"}',
        b'{"query": "{ __typename }", "operationName": 7}',
        b'{"query": "{ __typename }", "extensions": []}',
    ],
)
async def test_a_malformed_body_is_a_400_with_an_error(
    http: httpx.AsyncClient, body: bytes
) -> None:
    answer = await http.post("/graphql", content=body, headers=JSON)

    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/json"
    (error,) = answer.json()["errors"]
    assert error["extensions"] == {"code": "BAD_USER_INPUT"}
    assert error["message"]
    assert answer.json()["extensions"] == {"cost": {"requested": 0, "maximum": 50_000}}


@pytest.mark.parametrize(
    "content_type",
    ["", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"],
)
async def test_the_content_types_of_html_forms_are_rejected(
    http: httpx.AsyncClient, recorded: RecordingStore, content_type: str
) -> None:
    body = orjson.dumps({"query": REGISTER})

    answer = await http.post("/graphql", content=body, headers={"content-type": content_type})

    assert answer.status_code == 415
    assert answer.json()["errors"][0]["message"] == "The Content-Type must be application/json."
    assert recorded.calls == []


async def test_a_content_type_may_have_a_charset_and_capitals(http: httpx.AsyncClient) -> None:
    answer = await http.post(
        "/graphql",
        content=b'{"query": "{ __typename }"}',
        headers={"content-type": "Application/JSON; charset=utf-8"},
    )

    assert answer.json()["data"] == {"__typename": "Query"}


async def test_a_body_may_have_a_million_bytes_and_no_more(
    http: httpx.AsyncClient,
) -> None:
    query = b'{"query": "{ __typename }"}'

    whole = await http.post("/graphql", content=query.ljust(1_000_000), headers=JSON)
    more = await http.post("/graphql", content=query.ljust(1_000_001), headers=JSON)

    assert [whole.status_code, more.status_code] == [200, 413]
    assert more.json()["errors"][0]["message"] == (
        "The body must have at most 1,000,000 bytes."
    )


async def test_null_members_and_unknown_members_are_ignored(http: httpx.AsyncClient) -> None:
    body = {"query": "{ __typename }", "variables": None, "operationName": None}

    answer = await http.post("/graphql", json={**body, "extensions": None, "more": 1})

    assert answer.json()["data"] == {"__typename": "Query"}


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("{ __typename }", 200),
        ("{ models(first: 0) { totalCount } }", 200),
        ("{", 400),
        ("{ unknown }", 400),
        ("query ($n: Int!) { models(first: $n) { totalCount } }", 400),
        ("query A { __typename } query B { __typename }", 400),
    ],
)
async def test_the_status_says_whether_it_was_executed_for_the_graphql_media_type(
    http: httpx.AsyncClient, query: str, status: int
) -> None:
    old = await http.post("/graphql", json={"query": query})
    new = await http.post("/graphql", json={"query": query}, headers=NEW)

    assert [old.status_code, new.status_code] == [200, status]
    assert old.headers["content-type"] == "application/json; charset=utf-8"
    assert new.headers["content-type"] == f"{GRAPHQL_JSON}; charset=utf-8"
    assert old.json() == new.json()
    assert ("data" in new.json()) is (status == 200)


async def test_get_executes_queries(http: httpx.AsyncClient) -> None:
    parameters = {
        "query": "query A($n: Int!) { models(first: $n) { totalCount } }"
        " query B { __typename }",
        "variables": '{"n": 3}',
        "operationName": "A",
        "extensions": "{}",
    }

    answer = await http.get("/graphql", params=parameters)

    assert answer.json()["data"] == {"models": {"totalCount": 0}}


@pytest.mark.parametrize(
    ("parameters", "status"),
    [
        ({}, 400),
        ({"query": "{ __typename }", "variables": "nope"}, 400),
        ({"query": "{ __typename }", "variables": "[]"}, 400),
        ({"query": "{ __typename }", "extensions": "7"}, 400),
        ({"query": REGISTER}, 405),
    ],
)
async def test_get_rejects_malformed_requests_and_mutations(
    http: httpx.AsyncClient, recorded: RecordingStore, parameters: dict[str, str], status: int
) -> None:
    answer = await http.get("/graphql", params=parameters)

    assert answer.status_code == status
    assert answer.headers.get("allow") == ("POST" if status == 405 else None)
    assert answer.json()["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
    assert recorded.calls == []


async def test_other_methods_are_not_allowed(http: httpx.AsyncClient) -> None:
    statuses = [
        (await http.request(method, "/graphql")).status_code
        for method in ("PUT", "PATCH", "DELETE")
    ]

    assert statuses == [405, 405, 405]


async def test_a_response_reports_the_use_of_the_store_on_request(
    client: Client,
) -> None:
    await client.register(dataset(name="d"), model(datasets=[{"name": "d"}]))
    query = "{ models { nodes { dataset { name } } totalCount } }"

    plain = await client.send(query)
    explained = await client.http.post(
        "/graphql", json={"query": query}, headers={"X-Explain": "store"}
    )

    cost = {"requested": 100 + 20 * (5 + 1 + 1 + 10 + 1) + 1201, "maximum": 50_000}
    assert plain["extensions"] == {"cost": cost}
    assert explained.json()["extensions"]["store"] == {
        "calls": 3,
        "roundTrips": 2,
        "readUnits": 0,
        "writeUnits": 0,
        "itemsRead": 2,
        "itemsReturned": 2,
        "indexes": [],
    }


async def test_each_request_reports_its_own_use_of_the_store(client: Client) -> None:
    for _ in range(2):
        answer = await client.http.post(
            "/graphql",
            json={"query": "{ models { totalCount } }"},
            headers={"X-Explain": "store"},
        )

        assert answer.json()["extensions"]["store"]["calls"] == 2
