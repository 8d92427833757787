"""The health endpoints."""

import asyncio
import signal

import httpx
import pytest

from graph.settings import Settings
from storage.errors import SearchNotReadyError, StoreUnavailableError
from storage.search.state import SearchState
from storage.version import VERSION
from tests.graph.clients import serving
from tests.graph.recording_store import RecordingStore
from tests.graph.server_process import Start, await_ready, await_refused, free_port, send

pytestmark = pytest.mark.anyio


async def test_a_server_whose_store_answers_is_alive_and_ready(http: httpx.AsyncClient) -> None:
    alive, ready = await http.get("/livez"), await http.get("/readyz")

    assert [alive.status_code, alive.json()] == [200, {"status": "alive", "version": VERSION}]
    assert ready.status_code == 200
    assert ready.json()["status"] == "ready"
    assert ready.json()["searchIndex"]["ready"] is True


async def test_a_server_is_ready_while_its_search_index_is_being_built(
    http: httpx.AsyncClient, recorded: RecordingStore
) -> None:
    recorded.state = SearchState(is_ready=False, progress=0.25, age=1.5, size=4096)

    ready = await http.get("/readyz")

    assert [ready.status_code, ready.json()] == [
        200,
        {
            "status": "ready",
            "searchIndex": {"ready": False, "progress": 0.25, "age": 1.5, "size": 4096},
        },
    ]


async def test_a_missing_search_index_is_built_when_the_server_starts(
    recorded: RecordingStore,
) -> None:
    recorded.state = SearchState(is_ready=False)
    recorded.failure, recorded.failing_method = SearchNotReadyError(1), "count"

    async with serving(recorded, Settings()) as http:
        ready = await http.get("/readyz")

    assert ready.status_code == 200
    assert sorted(recorded.calls) == [("count", 1), ("ping", 1)]


async def test_a_server_whose_store_fails_is_alive_but_not_ready(
    http: httpx.AsyncClient, recorded: RecordingStore
) -> None:
    recorded.failure = StoreUnavailableError("secret")

    alive, ready = await http.get("/livez"), await http.get("/readyz")

    assert alive.status_code == 200
    assert ready.status_code == 503
    assert ready.json()["status"] == "the store does not answer"
    assert "secret" not in ready.text


async def test_failed_checks_of_the_store_are_logged_at_most_once_a_second(
    http: httpx.AsyncClient, recorded: RecordingStore, caplog: pytest.LogCaptureFixture
) -> None:
    recorded.failure = StoreUnavailableError("secret")

    await asyncio.gather(*(http.get("/readyz") for _ in range(50)))

    assert [(each.levelname, each.getMessage()) for each in caplog.records] == [
        ("WARNING", "the store does not answer")
    ]


async def test_the_store_is_asked_once_however_many_ask_for_readiness(
    http: httpx.AsyncClient, recorded: RecordingStore
) -> None:
    answers = await asyncio.gather(*(http.get("/readyz") for _ in range(50)))

    assert {answer.status_code for answer in answers} == {200}
    assert recorded.calls.count(("ping", 1)) == 1


@pytest.mark.parametrize("workers", ["1", pytest.param("2", marks=pytest.mark.slow)])
def test_a_server_is_not_ready_before_it_stops_accepting_connections(
    start: Start, workers: str
) -> None:
    port = free_port()
    server = start("--port", str(port), "--workers", workers, DRAIN_SECONDS="3")
    await_ready(port)

    server.send_signal(signal.SIGTERM)
    while (ready := httpx.get(f"http://127.0.0.1:{port}/readyz")).status_code == 200:
        pass
    data = send(port, "{ __typename }")
    await_refused(port)
    server.communicate(timeout=20)

    assert [ready.status_code, ready.json()["status"]] == [503, "stopping"]
    assert data == {"__typename": "Query"}


def test_a_second_sigterm_ends_the_wait(start: Start) -> None:
    port = free_port()
    server = start("--port", str(port), DRAIN_SECONDS="600")
    await_ready(port)

    server.send_signal(signal.SIGTERM)
    while httpx.get(f"http://127.0.0.1:{port}/readyz").status_code == 200:
        pass
    server.send_signal(signal.SIGTERM)

    server.communicate(timeout=20)
