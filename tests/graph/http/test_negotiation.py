"""Methods, media types and encodings, as HTTP and GraphQL over HTTP have them."""

import gzip

import httpx
import pytest

from tests.graph.recording_store import RecordingStore

pytestmark = pytest.mark.anyio

JSON = "application/json"
GRAPHQL_JSON = "application/graphql-response+json"
EVENT_STREAM = "text/event-stream"
QUERY = {"query": "{ __typename }"}
MUTATION = {"query": 'mutation { deleteArtifact(id: "a") { deletedId } }'}


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        (None, JSON),
        ("", JSON),
        ("*/*", JSON),
        ("application/*", JSON),
        (JSON, JSON),
        ("Application/JSON; charset=utf-8", JSON),
        (GRAPHQL_JSON, GRAPHQL_JSON),
        (f"{GRAPHQL_JSON}, {JSON};q=0.9", GRAPHQL_JSON),
        (f"{JSON}, {GRAPHQL_JSON}", GRAPHQL_JSON),
        (f"{JSON}, {GRAPHQL_JSON}; q=0.9", JSON),
        (f"{JSON}, {GRAPHQL_JSON};q=0", JSON),
        (f"{JSON};q=0, */*", GRAPHQL_JSON),
        (f"{JSON};q=0.1, {GRAPHQL_JSON};q=nonsense", GRAPHQL_JSON),
        ("text/html, */*;q=0.8", JSON),
    ],
)
async def test_the_media_type_is_the_one_that_the_client_prefers(
    http: httpx.AsyncClient, accept: str | None, media_type: str
) -> None:
    del http.headers["accept"]
    headers = {} if accept is None else {"accept": accept}

    answer = await http.post("/graphql", json=QUERY, headers=headers)

    assert answer.status_code == 200
    assert answer.headers["content-type"] == f"{media_type}; charset=utf-8"


@pytest.mark.parametrize(
    "accept",
    [
        "text/plain",
        "text/*",
        f"{JSON};q=0",
        "*/*;q=0",
        f"{JSON};q=0, {GRAPHQL_JSON};q=0.0, */*",
    ],
)
async def test_nothing_is_executed_for_a_client_that_accepts_no_answer(
    http: httpx.AsyncClient, recorded: RecordingStore, accept: str
) -> None:
    answer = await http.post("/graphql", json=MUTATION, headers={"accept": accept})

    assert answer.status_code == 406
    assert answer.json()["errors"] == [
        {
            "message": f"The Accept header must allow {GRAPHQL_JSON}, {JSON}"
            f" or {EVENT_STREAM}.",
            "extensions": {"code": "BAD_USER_INPUT"},
        }
    ]
    assert recorded.calls == []


@pytest.mark.parametrize(
    ("accept", "is_page"),
    [
        ("text/html,application/xhtml+xml,*/*;q=0.8", True),
        ("text/html", True),
        (f"text/html;q=0, {JSON}", False),
        (f"{JSON}, text/html;q=0.5", False),
        ("*/*", False),
    ],
)
async def test_clients_that_prefer_html_get_the_explorer(
    http: httpx.AsyncClient, accept: str, is_page: bool
) -> None:
    answer = await http.get("/graphql", headers={"accept": accept})

    assert answer.status_code == (200 if is_page else 400)
    assert answer.headers["content-type"].startswith("text/html" if is_page else JSON)


@pytest.mark.parametrize("encoding", ["gzip", "br", "identity, gzip", "unknown"])
async def test_a_compressed_body_is_rejected(
    http: httpx.AsyncClient, recorded: RecordingStore, encoding: str
) -> None:
    answer = await http.post(
        "/graphql",
        content=gzip.compress(b'{"query": "{ models { totalCount } }"}'),
        headers={"content-type": JSON, "content-encoding": encoding},
    )

    assert answer.status_code == 415
    assert answer.headers["accept-encoding"] == "identity"
    assert answer.json()["errors"][0]["message"] == (
        "The body must not be compressed: send it without a Content-Encoding."
    )
    assert recorded.calls == []


async def test_a_body_may_say_that_it_is_not_compressed(http: httpx.AsyncClient) -> None:
    answer = await http.post("/graphql", json=QUERY, headers={"content-encoding": "Identity"})

    assert answer.status_code == 200


@pytest.mark.parametrize("method", ["OPTIONS", "PUT", "PATCH", "DELETE", "TRACE"])
async def test_other_methods_are_answered_with_those_that_are_allowed(
    http: httpx.AsyncClient, method: str
) -> None:
    answer = await http.request(method, "/graphql")

    assert answer.status_code == 405
    assert sorted(answer.headers["allow"].split(", ")) == ["GET", "HEAD", "POST"]


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/explorer/explorer.js"])
async def test_what_can_only_be_read_says_so(http: httpx.AsyncClient, path: str) -> None:
    answer = await http.post(path)

    assert answer.status_code == 405
    assert sorted(answer.headers["allow"].split(", ")) == ["GET", "HEAD"]


@pytest.mark.parametrize(
    ("method", "path", "status", "message"),
    [
        ("GET", "/nowhere", 404, "There is nothing at this path; the API is at /graphql."),
        ("POST", "/graphql/", 404, "There is nothing at this path; the API is at /graphql."),
        (
            "PUT",
            "/graphql",
            405,
            "This path does not have the method; the header Allow says which it has.",
        ),
    ],
)
async def test_what_no_endpoint_handles_is_answered_with_an_error(
    http: httpx.AsyncClient, method: str, path: str, status: int, message: str
) -> None:
    answer = await http.request(method, path)

    assert answer.status_code == status
    assert answer.json()["errors"] == [
        {"message": message, "extensions": {"code": "BAD_USER_INPUT"}}
    ]


@pytest.mark.parametrize(
    "path",
    ["/livez", "/readyz", "/explorer/explorer.js", "/graphql?query={__typename}", "/nowhere"],
)
async def test_head_has_the_status_and_headers_of_get(
    http: httpx.AsyncClient, path: str
) -> None:
    get, head = [await http.request(method, path) for method in ("GET", "HEAD")]

    assert head.status_code == get.status_code
    for name in ("content-type", "content-length"):
        assert head.headers.get(name) == get.headers.get(name)


@pytest.mark.parametrize("variables", ["", "null", "{}", " {} "])
@pytest.mark.parametrize("extensions", ["", "null", "{}"])
async def test_empty_members_of_a_query_string_are_none(
    http: httpx.AsyncClient, variables: str, extensions: str
) -> None:
    parameters = {**QUERY, "variables": variables, "extensions": extensions}

    answer = await http.get("/graphql", params={**parameters, "operationName": ""})

    assert answer.json()["data"] == {"__typename": "Query"}


@pytest.mark.parametrize("variables", [{}, {"variables": None}, {"variables": {}}])
async def test_empty_variables_of_a_body_are_none(
    http: httpx.AsyncClient, variables: dict[str, object]
) -> None:
    query = "query ($n: Int = 3) { models(first: $n) { nodes { id } } }"

    answer = await http.post("/graphql", json={"query": query, **variables})

    assert answer.json()["data"] == {"models": {"nodes": []}}
