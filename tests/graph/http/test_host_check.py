"""Requests that address the server by names which it does not have, as by DNS rebinding."""

from pathlib import Path

import httpx
import pytest

from graph.auth.roles import Role
from graph.settings import Settings
from storage.errors import StoreSetupError
from storage.settings import load_settings
from tests.graph.clients import serving
from tests.graph.recording_store import RecordingStore
from tests.graph.server_process import await_ready, free_port, starting

pytestmark = pytest.mark.anyio

QUERY = {"query": "{ models { totalCount } }"}


async def send_all(http: httpx.AsyncClient, host: str) -> list[httpx.Response]:
    """Return the responses to requests of each kind that is checked."""
    headers = {"host": host}
    return [
        await http.post("/graphql", json=QUERY, headers=headers),
        await http.get("/graphql", params=QUERY, headers=headers),
        await http.get("/graphql", headers={**headers, "accept": "text/html"}),
        await http.get("/explorer/explorer.js", headers=headers),
    ]


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:8000", 200),
        ("localhost:8000", 200),
        ("LocalHost.", 200),
        ("registry.localhost", 200),
        ("[::1]:8000", 200),
        ("[::ffff:127.0.0.1]", 200),
        ("rebound.example:8000", 403),
        ("127.0.0.1.example", 403),
        ("localhost.example", 403),
        ("rebound.example@localhost", 403),
        ("localhost:80@rebound.example", 403),
        ("localhost/", 403),
        ("10.0.0.1", 403),
        ("", 403),
    ],
)
async def test_requests_must_use_a_loopback_name_while_anonymous_callers_may_write(
    http: httpx.AsyncClient, recorded: RecordingStore, host: str, status: int
) -> None:
    answers = await send_all(http, host)

    assert [answer.status_code for answer in answers] == [status] * 4
    if status == 403:
        for answer in answers:
            assert answer.json()["errors"] == [
                {
                    "message": "The Host header must be localhost or a loopback address while"
                    " anonymous callers may write; to use another host name, set ALLOWED_HOSTS"
                    " to it, or AUTH_ANONYMOUS to none or read.",
                    "extensions": {"code": "FORBIDDEN"},
                }
            ]
        assert recorded.calls == []


async def test_a_request_must_have_one_host(http: httpx.AsyncClient) -> None:
    headers = [("host", "localhost"), ("host", "rebound.example")]

    answer = await http.get("/graphql", params=QUERY, headers=headers)

    assert answer.status_code == 403


async def test_any_host_name_may_be_used_if_writing_needs_a_token(
    recorded: RecordingStore,
) -> None:
    async with serving(recorded, Settings(auth_anonymous=Role.READ)) as http:
        answers = await send_all(http, "registry.example")

    assert [answer.status_code for answer in answers] == [200] * 4


@pytest.mark.parametrize("role", [Role.READ, Role.ADMIN])
@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("registry.example:8443", 200),
        ("Registry.Example.", 200),
        ("a.b.internal.example", 200),
        ("[fd00::1]", 200),
        ("internal.example", 403),
        ("xregistry.example", 403),
        ("localhost", 403),
        ("127.0.0.1", 403),
    ],
)
async def test_only_the_allowed_host_names_may_be_used(
    recorded: RecordingStore, role: Role, host: str, status: int
) -> None:
    names = ("registry.example", "*.internal.example", "[FD00::1]")

    async with serving(recorded, Settings(auth_anonymous=role, allowed_hosts=names)) as http:
        answers = await send_all(http, host)

    assert [answer.status_code for answer in answers] == [status] * 4
    if status == 403:
        message = answers[0].json()["errors"][0]["message"]
        assert message == "The Host header is not one of ALLOWED_HOSTS."


async def test_health_checks_may_use_any_host_name(recorded: RecordingStore) -> None:
    async with serving(recorded, Settings(allowed_hosts=("registry.example",))) as http:
        answers = [
            await http.get(path, headers={"host": "10.0.0.1:8000"})
            for path in ("/livez", "/readyz")
        ]

    assert [answer.status_code for answer in answers] == [200, 200]


def test_a_served_address_may_be_used_and_a_rebound_name_may_not(tmp_path: Path) -> None:
    port = free_port()
    with starting(tmp_path) as start:
        start("--port", str(port))
        await_ready(port)
        url = f"http://127.0.0.1:{port}/graphql"
        own = httpx.get(url, params=QUERY)
        rebound = httpx.get(url, params=QUERY, headers={"host": f"rebound.example:{port}"})

    assert [own.status_code, rebound.status_code] == [200, 403]


@pytest.mark.parametrize("name", ["https://registry.example", "registry.example:8000", "*"])
def test_allowed_hosts_are_names(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv("ALLOWED_HOSTS", name)

    with pytest.raises(StoreSetupError, match=r"ALLOWED_HOSTS: .* is not a host name"):
        load_settings(Settings)


@pytest.mark.parametrize("path", ["/graphql/", "/nowhere", "/livez/"])
async def test_the_host_is_checked_whatever_is_requested(
    http: httpx.AsyncClient, path: str
) -> None:
    answers = [
        await http.request(method, path, headers={"host": "rebound.example"})
        for method in ("GET", "PUT", "OPTIONS")
    ]

    assert {answer.status_code for answer in answers} == {403}


async def test_no_response_redirects_to_the_host_of_the_request(
    recorded: RecordingStore,
) -> None:
    async with serving(recorded, Settings(auth_anonymous=Role.READ)) as http:
        answer = await http.get("/graphql/", headers={"host": "rebound.example"})

    assert answer.status_code == 404
