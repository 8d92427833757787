"""Long resets: deadlines, interruptions, concurrent writes and shutdown."""

import asyncio
import shutil
import signal
from contextlib import suppress
from pathlib import Path
from threading import Thread

import httpx
import pytest

from graph.app import build
from graph.settings import Settings
from storage.artifacts.records import Artifact
from storage.dynamodb.store import DynamoStore
from storage.inconsistencies import UNFINISHED_RESET, Inconsistency
from storage.sqlite.store import SqliteStore
from tests.graph.clients import Client, dataset
from tests.graph.server_process import Start, await_ready, free_port
from tests.storage.dynamodb.outage import outage_after
from tests.storage.samples import DATASET, listing, new_artifact
from tests.storage.store_calls import read_all, register

RESET = "mutation ($confirm: String!) { reset(confirm: $confirm) { deletedCount } }"


@pytest.mark.anyio
async def test_interrupted_reset_is_continued_and_has_no_deadline(
    moto: DynamoStore,
) -> None:
    register(moto, *(new_artifact(DATASET, f"d{n}") for n in range(130)))
    transport = httpx.ASGITransport(
        build(moto, Settings(store_seconds=0.001, request_seconds=0.05))
    )
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as http:
        client = Client(http)

        with outage_after(moto, writes=3):
            interrupted = await client.error(RESET, confirm=moto.name)
        remaining, inconsistencies = len(read_all(moto, listing())), list(moto.check())
        finished = await client.data(RESET, confirm=moto.name)

    assert interrupted == (
        "STORE_UNAVAILABLE",
        (
            "The store did not answer after 50 artifacts were deleted; "
            "call `reset` again to delete the rest."
        ),
    )
    assert (remaining, inconsistencies) == (
        80,
        [Inconsistency("meta#schema", UNFINISHED_RESET, is_repairable=False)],
    )
    assert finished == {"reset": {"deletedCount": 80}}
    assert read_all(moto, listing()) == []


@pytest.mark.slow
@pytest.mark.anyio
async def test_registrations_succeed_between_the_batches_of_a_reset(
    hundred_thousand: tuple[Path, list[Artifact]], tmp_path: Path
) -> None:
    path = tmp_path / "registry.db"
    shutil.copy(hundred_thousand[0], path)
    store = SqliteStore(path)
    transport = httpx.ASGITransport(build(store, Settings()))
    registered = 0
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as http:
        client = Client(http)
        reset = asyncio.create_task(client.data(RESET, confirm="registry.db"))
        while not reset.done():
            await client.register(dataset(f"https://example.org/{registered}"))
            registered += 1
        finished = await reset

    deleted, remaining = finished["reset"]["deletedCount"], len(list(store.scan()))
    store.close()
    assert deleted + remaining == 100_000 + registered
    assert registered >= 100
    assert remaining < 1_000


@pytest.mark.slow
def test_shutdown_does_not_wait_for_a_reset(
    start: Start, hundred_thousand: tuple[Path, list[Artifact]], tmp_path: Path
) -> None:
    path = tmp_path / "artifacts.db"
    shutil.copy(hundred_thousand[0], path)
    store = SqliteStore(path)
    port = free_port()
    server = start("--port", str(port), GRACE_SECONDS="1")
    await_ready(port)
    query = 'mutation { reset(confirm: "artifacts.db") { deletedCount } }'

    def send_reset() -> None:
        with suppress(httpx.TransportError):
            httpx.post(f"http://127.0.0.1:{port}/graphql", json={"query": query}, timeout=60)

    thread = Thread(target=send_reset)
    thread.start()
    first_id = hundred_thousand[1][0].id
    while store.get([first_id]):
        pass
    server.send_signal(signal.SIGTERM)
    _, err = server.communicate(timeout=60)
    thread.join()

    remaining = sum(1 for _ in store.scan())
    assert "Application shutdown complete" in err
    assert 0 < remaining < 100_000
    assert sum(store.reset()) == remaining
    store.close()
