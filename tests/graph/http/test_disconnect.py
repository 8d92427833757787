"""Clients that close the connection before they have the response."""

import asyncio
import json
import logging
from typing import Any

import pytest
from fastapi import FastAPI

from graph.app import build
from graph.settings import Settings
from tests.graph.clients import BERT
from tests.graph.recording_store import RecordingStore

pytestmark = pytest.mark.anyio

QUERY = "{ models { nodes { name } } }"
MUTATION = f'mutation {{ registerModel(input: {{ url: "{BERT}" }}) {{ outcome }} }}'


async def send_and_disconnect(app: FastAPI, store: RecordingStore, query: str) -> list[Any]:
    """Send a request, disconnect when the store is called, and return what was sent."""
    sent: list[Any] = []
    messages = [{"type": "http.request", "body": json.dumps({"query": query}).encode()}]

    async def receive() -> dict[str, Any]:
        if messages:
            return messages.pop()
        while not store.calls:  # noqa: ASYNC110 - a thread of the store appends to them
            await asyncio.sleep(0)
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": "/graphql",
        "query_string": b"",
        "headers": [(b"host", b"localhost"), (b"content-type", b"application/json")],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 8000),
    }
    async with app.router.lifespan_context(app):  # its end waits for the threads of the store
        await app(scope, receive, send)
        store.gate.set()
    return sent


def read_statuses(log: pytest.LogCaptureFixture) -> list[tuple[int, list[str]]]:
    lines = [vars(record) for record in log.records if record.name == "graph.requests"]
    return [(line["status"], line["codes"]) for line in lines]


async def test_a_query_is_stopped(
    recorded: RecordingStore, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    app = build(recorded, Settings(store_threads=1))
    recorded.gate.clear()  # the store does not answer until the request has ended

    await send_and_disconnect(app, recorded, QUERY)

    assert read_statuses(caplog) == [(499, [])]


async def test_a_mutation_is_not_stopped(
    recorded: RecordingStore, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    app = build(recorded, Settings())

    sent = await send_and_disconnect(app, recorded, MUTATION)

    assert json.loads(sent[-1]["body"])["data"] == {"registerModel": {"outcome": "CREATED"}}
    assert read_statuses(caplog) == [(200, [])]
