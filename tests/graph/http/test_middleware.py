"""The headers of every response, and the response for an unexpected error."""

import re
from importlib.metadata import version

import httpx
import pytest

from tests.graph.recording_store import RecordingStore

pytestmark = pytest.mark.anyio

SECRET = "table artifacts_metadata at /var/lib"
SECURITY = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "x-registry-version": version("artifact-registry"),
}


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/graphql?query={__typename}", 200),
        ("GET", "/graphql", 400),
        ("POST", "/graphql", 415),
        ("PUT", "/graphql", 405),
        ("GET", "/livez", 200),
        ("GET", "/readyz", 200),
        ("GET", "/nowhere", 404),
        ("GET", "/explorer/nothing", 404),
    ],
)
async def test_every_response_has_security_headers_and_an_id(
    http: httpx.AsyncClient, method: str, path: str, status: int
) -> None:
    answers = [await http.request(method, path) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [status] * 2
    for answer in answers:
        assert {name: answer.headers.get(name) for name in SECURITY} == SECURITY
    assert len({answer.headers["x-request-id"] for answer in answers}) == 2


@pytest.mark.parametrize("id_", ["7", "0e2c.A_b-9", "a" * 128])
async def test_the_response_has_the_id_of_the_request(
    http: httpx.AsyncClient, id_: str
) -> None:
    answer = await http.get("/livez", headers={"x-request-id": id_})

    assert answer.headers["x-request-id"] == id_


@pytest.mark.parametrize("id_", ["", "a b", 'a"b', "a" * 129, "\u00e9", "a\n", "1;2"])
async def test_a_malformed_id_is_replaced(http: httpx.AsyncClient, id_: str) -> None:
    answer = await http.get("/livez", headers={b"x-request-id": id_.encode()})

    assert re.fullmatch("[0-9a-f]{32}", answer.headers["x-request-id"])


async def test_the_explorer_has_its_own_policy_and_its_files_their_own_caching(
    http: httpx.AsyncClient,
) -> None:
    page = await http.get("/graphql", headers={"accept": "text/html"})
    file = await http.get("/explorer/explorer.js")

    assert page.headers["content-security-policy"].startswith("default-src 'none'; script-src")
    assert file.headers["cache-control"] == "no-cache"
    for answer in (page, file):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-frame-options"] == "DENY"


async def test_strict_transport_security_is_sent_with_https_only(
    http: httpx.AsyncClient,
) -> None:
    plain = await http.get("/livez")
    secure = await http.get("https://registry/livez")

    assert "strict-transport-security" not in plain.headers
    assert secure.headers["strict-transport-security"] == "max-age=31536000"


async def test_an_unexpected_error_is_logged_with_its_id_and_masked(
    http: httpx.AsyncClient, recorded: RecordingStore, caplog: pytest.LogCaptureFixture
) -> None:
    recorded.failure = RuntimeError(SECRET)

    answer = await http.get("/readyz")

    id_ = answer.headers["x-request-id"]
    assert answer.status_code == 500
    assert answer.json() == {
        "errors": [
            {
                "message": "Internal server error.",
                "extensions": {"code": "INTERNAL", "requestId": id_},
            }
        ]
    }
    assert answer.headers["x-content-type-options"] == "nosniff"
    (record,) = caplog.records
    assert record.getMessage() == f"request {id_} failed"
    assert SECRET in caplog.text


async def test_an_error_of_a_field_has_the_id_of_the_response(
    http: httpx.AsyncClient, recorded: RecordingStore, caplog: pytest.LogCaptureFixture
) -> None:
    recorded.failure = RuntimeError(SECRET)

    answer = await http.post("/graphql", json={"query": "{ models { totalCount } }"})

    (error,) = answer.json()["errors"]
    assert error["extensions"]["requestId"] == answer.headers["x-request-id"]
    assert answer.headers["x-request-id"] in caplog.text
