"""Requests that a browser sends for another website."""

import httpx
import pytest

from tests.graph.recording_store import RecordingStore

pytestmark = pytest.mark.anyio

QUERY = {"query": "{ models { totalCount } }"}


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"sec-fetch-site": "none"}, 200),
        ({"sec-fetch-site": "same-origin"}, 200),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "cross-site", "origin": "http://localhost"}, 403),
        ({"sec-fetch-site": "cross-site", "accept": "text/html"}, 403),
        ({"sec-fetch-site": ""}, 403),
        ({"sec-fetch-site": "cross-site", "x-graphql-csrf": "1"}, 200),
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_a_query_with_get_must_not_come_from_another_website(
    http: httpx.AsyncClient,
    recorded: RecordingStore,
    headers: dict[str, str],
    status: int,
    method: str,
) -> None:
    answer = await http.request(method, "/graphql", params=QUERY, headers=headers)

    assert answer.status_code == status
    if status == 403:
        assert recorded.calls == []
        if method == "GET":
            assert answer.json()["errors"] == [
                {
                    "message": "Other websites cannot send queries with GET; use POST, or send"
                    " the header x-graphql-csrf.",
                    "extensions": {"code": "FORBIDDEN"},
                }
            ]


@pytest.mark.parametrize(
    "content_type",
    [
        None,
        "text/plain",
        "text/plain; charset=application/json",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=application/json",
    ],
)
async def test_a_body_that_websites_can_send_without_permission_is_rejected(
    http: httpx.AsyncClient, recorded: RecordingStore, content_type: str | None
) -> None:
    headers = {"content-type": content_type} if content_type else {}

    answer = await http.post("/graphql", content=b'{"query": "{__typename}"}', headers=headers)

    assert answer.status_code == 415
    assert recorded.calls == []


async def test_other_websites_may_link_to_the_explorer(http: httpx.AsyncClient) -> None:
    headers = {"sec-fetch-site": "cross-site", "accept": "text/html"}

    answer = await http.get("/graphql", headers=headers)

    assert answer.status_code == 200
