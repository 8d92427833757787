"""Requests that a browser on the same machine sends for other websites."""

import httpx
import pytest

from graph.auth.roles import Role
from graph.settings import Settings
from tests.graph.clients import serving
from tests.graph.recording_store import RecordingStore

pytestmark = pytest.mark.anyio

QUERY = {"query": "{ models { totalCount } }"}


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:8000", 200),
        ("localhost:8000", 200),
        ("registry.localhost", 200),
        ("[::1]:8000", 200),
        ("rebound.example:8000", 403),
        ("127.0.0.1.example", 403),
        ("localhost.example", 403),
        ("10.0.0.1", 403),
        ("", 403),
    ],
)
@pytest.mark.parametrize("field", ["origin", "sec-fetch-site"])
async def test_browsers_must_use_a_loopback_name_while_anonymous_callers_may_write(
    http: httpx.AsyncClient, recorded: RecordingStore, host: str, status: int, field: str
) -> None:
    headers = {"host": host, field: f"http://{host}"}

    answers = [
        await http.post("/graphql", json=QUERY, headers=headers),
        await http.get("/graphql", params=QUERY, headers=headers),
    ]

    assert [answer.status_code for answer in answers] == [status] * 2
    if status == 403:
        assert answers[0].json()["errors"] == [
            {
                "message": "Browsers must use localhost or 127.0.0.1 while anonymous callers"
                " may write; to use another host name, set AUTH_ANONYMOUS to none or read.",
                "extensions": {"code": "FORBIDDEN"},
            }
        ]
        assert recorded.calls == []


async def test_other_clients_may_use_any_host_name(http: httpx.AsyncClient) -> None:
    answer = await http.post("/graphql", json=QUERY, headers={"host": "registry.example"})

    assert answer.status_code == 200


async def test_browsers_may_use_any_host_name_if_writing_needs_a_token(
    recorded: RecordingStore,
) -> None:
    headers = {"host": "registry.example", "origin": "https://registry.example"}

    async with serving(recorded, Settings(auth_anonymous=Role.READ)) as http:
        answer = await http.post("/graphql", json=QUERY, headers=headers)

    assert answer.status_code == 200
