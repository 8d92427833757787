"""Pages of other sites, which a browser on the same machine lets ask this server."""

import httpx
import pytest

from graph.auth.roles import Role
from graph.settings import Settings
from tests.graph.clients import serving
from tests.graph.recording_store import RecordingStore

pytestmark = pytest.mark.anyio

ASKED = {"query": "{ models { totalCount } }"}


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
async def test_where_everybody_may_write_a_browser_must_name_this_machine(
    http: httpx.AsyncClient, recorded: RecordingStore, host: str, status: int, field: str
) -> None:
    headers = {"host": host, field: f"http://{host}"}

    answers = [
        await http.post("/graphql", json=ASKED, headers=headers),
        await http.get("/graphql", params=ASKED, headers=headers),
    ]

    assert [answer.status_code for answer in answers] == [status] * 2
    if status == 403:
        assert answers[0].json()["errors"][0]["extensions"] == {"code": "FORBIDDEN"}
        assert recorded.calls == []


async def test_other_programs_may_call_it_what_they_like(http: httpx.AsyncClient) -> None:
    answer = await http.post("/graphql", json=ASKED, headers={"host": "registry.example"})

    assert answer.status_code == 200


async def test_where_tokens_are_needed_to_write_any_name_will_do(
    recorded: RecordingStore,
) -> None:
    headers = {"host": "registry.example", "origin": "https://registry.example"}

    async with serving(recorded, Settings(auth_anonymous=Role.READ)) as http:
        answer = await http.post("/graphql", json=ASKED, headers=headers)

    assert answer.status_code == 200
