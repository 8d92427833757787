"""The keys of an issuer: cached, fetched again after a rotation, and used during an outage."""

import asyncio

import httpx
import jwt
import pytest

from tests.graph.auth.credentials import READ, bearer, error_code
from tests.graph.oidc_issuer import Issuer, create_ec_key
from tests.graph.recording_store import RecordingStore

pytestmark = pytest.mark.anyio


async def test_keys_are_fetched_once_and_again_after_a_rotation(
    issuer_http: httpx.AsyncClient, issuer: Issuer
) -> None:
    async def status(kid: str) -> int:
        headers = bearer(issuer.sign_token(kid))
        answer = await issuer_http.post("/graphql", json={"query": READ}, headers=headers)
        return answer.status_code

    assert await asyncio.gather(*(status("first") for _ in range(10))) == [200] * 10
    assert issuer.fetches == 1

    issuer.keys = {"second": create_ec_key()}
    assert await asyncio.gather(*(status("second") for _ in range(10))) == [200] * 10
    assert issuer.fetches == 2


async def test_unknown_key_ids_do_not_trigger_a_fetch_each(
    issuer_http: httpx.AsyncClient, issuer: Issuer
) -> None:
    for n in range(20):
        token = jwt.encode(
            issuer.claims(), "x" * 32, algorithm="HS256", headers={"kid": f"{n}"}
        )
        answer = await issuer_http.post("/graphql", json={"query": READ}, headers=bearer(token))
        assert answer.status_code == 401

    assert issuer.fetches == 1


async def test_cached_keys_are_used_during_an_outage_of_the_issuer(
    issuer_http: httpx.AsyncClient, issuer: Issuer, caplog: pytest.LogCaptureFixture
) -> None:
    good = bearer(issuer.sign_token())
    unknown = bearer(jwt.encode(issuer.claims(), "x" * 32, headers={"kid": "unknown"}))

    statuses = []
    for headers in (good, unknown, good):
        answer = await issuer_http.post("/graphql", json={"query": READ}, headers=headers)
        statuses.append(answer.status_code)
        issuer.is_up = False

    assert statuses == [200, 401, 200]
    assert "cannot fetch the keys of https://issuer.example" in caplog.text


async def test_without_any_keys_a_token_can_be_neither_accepted_nor_rejected(
    issuer_http: httpx.AsyncClient, issuer: Issuer, recorded: RecordingStore
) -> None:
    issuer.is_up = False

    answer = await issuer_http.post(
        "/graphql", json={"query": READ}, headers=bearer(issuer.sign_token())
    )

    assert [answer.status_code, error_code(answer)] == [503, "UNAVAILABLE"]
    assert answer.headers["retry-after"] == "5"
    assert recorded.calls == []
