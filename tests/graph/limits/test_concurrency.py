"""The limit on concurrent requests."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from graph.settings import Settings
from tests.graph.clients import serving
from tests.graph.recording_store import RecordingStore

pytestmark = pytest.mark.anyio

READ = {"query": "{ models { totalCount } }"}


async def test_requests_beyond_the_limit_get_503(recorded: RecordingStore) -> None:
    async with serving(recorded, Settings(max_requests=2)) as http:
        recorded.gate.clear()
        running = [asyncio.create_task(http.post("/graphql", json=READ)) for _ in range(2)]
        while len(recorded.calls) < 2:  # noqa: ASYNC110 - a thread makes them
            await asyncio.sleep(0)
        rejected = [await http.post("/graphql", json=READ) for _ in range(5)]
        alive = await http.get("/livez")
        recorded.gate.set()
        answers = await asyncio.gather(*running)
        after = await http.post("/graphql", json=READ)

    assert [answer.status_code for answer in rejected] == [503] * 5
    errors = [error for answer in rejected for error in answer.json()["errors"]]
    assert (
        errors
        == [
            {
                "message": "Too many concurrent requests; try again.",
                "extensions": {"code": "UNAVAILABLE"},
            }
        ]
        * 5
    )
    assert {answer.headers["retry-after"] for answer in rejected} == {"1"}
    assert alive.status_code == 200
    assert [answer.status_code for answer in answers] == [200, 200]
    assert after.status_code == 200


async def test_requests_whose_body_has_not_arrived_do_not_count(
    recorded: RecordingStore,
) -> None:
    reading = asyncio.Event()

    async def trickle() -> AsyncIterator[bytes]:
        yield b'{"query": '
        reading.set()
        await asyncio.Event().wait()

    headers = {"content-type": "application/json"}
    async with serving(recorded, Settings(max_requests=1)) as http:
        slow = asyncio.create_task(http.post("/graphql", content=trickle(), headers=headers))
        await reading.wait()
        answer = await http.post("/graphql", json=READ)
        slow.cancel()

    assert answer.status_code == 200


async def test_bodies_that_arrive_together_have_limited_bytes(recorded: RecordingStore) -> None:
    reading = asyncio.Event()

    async def trickle() -> AsyncIterator[bytes]:
        yield b" " * 900
        reading.set()
        await asyncio.Event().wait()

    headers = {"content-type": "application/json"}
    settings = Settings(max_requests=1, max_body_bytes=1_000)
    long = {**READ, "operationName": None, "extensions": {"padding": "x" * 100}}
    async with serving(recorded, settings) as http:
        slow = asyncio.create_task(http.post("/graphql", content=trickle(), headers=headers))
        await reading.wait()
        short = await http.post("/graphql", json=READ)
        refused = await http.post("/graphql", json=long)
        slow.cancel()
        await asyncio.wait([slow])
        accepted = await http.post("/graphql", json=long)

    assert (short.status_code, refused.status_code, accepted.status_code) == (200, 503, 200)
    assert refused.headers["retry-after"] == "1"
    assert refused.json()["errors"] == [
        {
            "message": "Too many bodies arrive at the same time; try again.",
            "extensions": {"code": "UNAVAILABLE"},
        }
    ]
