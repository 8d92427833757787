"""The health endpoints."""

import httpx
import pytest

from storage.errors import StoreUnavailableError
from tests.graph.recording_store import RecordingStore

pytestmark = pytest.mark.anyio


async def test_a_server_whose_store_answers_is_alive_and_ready(http: httpx.AsyncClient) -> None:
    alive, ready = await http.get("/livez"), await http.get("/readyz")

    assert [alive.status_code, alive.json()] == [200, {"status": "alive"}]
    assert [ready.status_code, ready.json()] == [200, {"status": "ready"}]


async def test_a_server_whose_store_fails_is_alive_but_not_ready(
    http: httpx.AsyncClient, recorded: RecordingStore
) -> None:
    recorded.failure = StoreUnavailableError("secret")

    alive, ready = await http.get("/livez"), await http.get("/readyz")

    assert alive.status_code == 200
    assert [ready.status_code, ready.json()] == [503, {"status": "the store does not answer"}]
