"""The `Authorization` header with static tokens."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest

from graph.auth.roles import Role
from graph.auth.static_tokens import create_token
from graph.settings import Settings
from tests.graph.auth.credentials import READ, TOKENS, error_code
from tests.graph.clients import serving
from tests.graph.recording_store import RecordingStore

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    "authorization",
    [
        "",
        "Bearer",
        "Bearer ",
        "Bearer wrong",
        f"Bearer {TOKENS['read'][0]}x",
        f"Bearer {TOKENS['read'][0][:-1]}",
        f"Bearer {TOKENS['read'][1].digest}",
        f"Bearer {TOKENS['read'][1]}",
        f"Basic {TOKENS['read'][0]}",
        TOKENS["read"][0],
        "Bearer \xff\xfe",
        "Bearer a.b.c",
    ],
    ids=range(12),  # the tokens are random, and every worker must find the same tests
)
async def test_anything_but_a_known_token_is_rejected(
    recorded: RecordingStore, authorization: str
) -> None:
    settings = Settings(auth_anonymous=Role.ADMIN, auth_tokens=(TOKENS["read"][1],))
    async with serving(recorded, settings) as http:
        answer = await http.post(
            "/graphql",
            json={"query": READ},
            headers=[(b"authorization", authorization.encode("latin-1"))],
        )

    assert [answer.status_code, error_code(answer)] == [401, "UNAUTHENTICATED"]
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert recorded.calls == []


async def test_two_authorization_headers_are_rejected(token_http: httpx.AsyncClient) -> None:
    token = TOKENS["read"][0]
    headers = [("authorization", f"Bearer {token}"), ("authorization", f"Bearer {token}")]

    answer = await token_http.post("/graphql", json={"query": READ}, headers=headers)

    assert answer.status_code == 401


async def test_the_scheme_is_not_case_sensitive(token_http: httpx.AsyncClient) -> None:
    headers = {"authorization": f"bEARER  {TOKENS['read'][0]} "}

    answer = await token_http.post("/graphql", json={"query": READ}, headers=headers)

    assert answer.is_success


@pytest.mark.parametrize(("days", "status"), [(0, 401), (1, 200)])
async def test_a_token_is_valid_until_the_day_on_which_it_expires(
    recorded: RecordingStore, days: int, status: int
) -> None:
    expires = datetime.now(UTC).date() + timedelta(days)
    token, entry = create_token("ci", Role.READ, expires)
    settings = Settings.model_validate({"auth_tokens": str(entry)})

    async with serving(recorded, settings) as http:
        answer = await http.post(
            "/graphql", json={"query": READ}, headers={"authorization": f"Bearer {token}"}
        )

    assert str(entry).endswith(f":{expires}")
    assert answer.status_code == status
    if status == 401:
        assert answer.json()["errors"][0]["message"] == "The token has expired."
