"""A server on loopback, and a client that reads subscriptions from it."""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, cast

import httpx
import uvicorn

from graph.app import build
from graph.http.uvicorn_protocol import LimitedHttpProtocol
from graph.loading.feed_poll import Pace
from graph.settings import Settings
from storage.store import Store

QUICK = Pace(poll_seconds=0.05, least_seconds=0.01)
"""No checkpoints within a test."""
EVENTS = {"accept": "text/event-stream"}
CHANGES = """
subscription ($after: String, $filter: ChangeFilter) {
  changes(after: $after, filter: $filter) {
    changes { artifactId version kind }
    cursor
    hasMore
  }
}
"""


@dataclass(frozen=True)
class Event:
    """A server-sent event: its type, its id and its data."""

    type: str
    id: str | None
    data: Any


Events = AsyncGenerator[Event, None]


@asynccontextmanager
async def serving_events(
    store: Store, settings: Settings, pace: Pace = QUICK, keep_alive: int = 75
) -> AsyncIterator[httpx.AsyncClient]:
    """Yield a client of a server on loopback: of responses that never end, too."""
    config = uvicorn.Config(
        build(store, settings, pace=pace),
        port=0,
        http=cast("Any", partial(LimitedHttpProtocol, head_seconds=settings.request_seconds)),
        timeout_keep_alive=keep_alive,
        timeout_graceful_shutdown=1,
        log_config=None,
    )
    server = uvicorn.Server(config)
    running = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn tells nobody
        await asyncio.sleep(0)
    port = server.servers[0].sockets[0].getsockname()[1]
    limits = httpx.Limits(max_connections=None)
    address = f"http://127.0.0.1:{port}"
    try:
        async with httpx.AsyncClient(base_url=address, limits=limits, timeout=30) as http:
            yield http
    finally:
        server.should_exit = True
        await running


@asynccontextmanager
async def subscribed(
    http: httpx.AsyncClient,
    query: str = CHANGES,
    /,
    headers: dict[str, str] | None = None,
    **variables: object,
) -> AsyncIterator[Events]:
    """Yield the events of a subscription."""
    body = {"query": query, "variables": variables}
    headers = {**EVENTS, **(headers or {})}
    async with http.stream("POST", "/graphql", json=body, headers=headers) as response:
        assert response.status_code == 200, await response.aread()
        yield read_events(response)


async def read_events(response: httpx.Response) -> Events:
    """Yield the events of a response, comments left out."""
    fields: dict[str, str] = {}
    async for line in response.aiter_lines():
        if line:
            name, _, value = line.partition(":")
            fields[name] = value.removeprefix(" ")
        elif fields.keys() - {""}:
            data = json.loads(fields["data"]) if fields["data"] else None
            yield Event(fields["event"], fields.get("id"), data)
            fields = {}


async def read_batch(events: Events) -> dict[str, Any]:
    """Return the batch of the next event, which must have no errors."""
    event = await anext(events)
    assert event.type == "next"
    assert event.data.keys() == {"data", "extensions"}, event.data
    batch: dict[str, Any] = event.data["data"]["changes"]
    assert event.id == batch["cursor"]
    return batch


async def read_changes(events: Events, count: int) -> list[tuple[str, int, str]]:
    """Return the next changes, from as many events as they come in."""
    changes: list[tuple[str, int, str]] = []
    while len(changes) < count:
        batch = await read_batch(events)
        changes += [(c["artifactId"], c["version"], c["kind"]) for c in batch["changes"]]
    return changes


async def read_error(events: Events) -> tuple[str, str]:
    """Return the code and message of the next event, which must be the last one."""
    failed, complete = [event async for event in events]
    assert [failed.type, failed.id, complete] == ["next", None, Event("complete", None, None)]
    (error,) = failed.data["errors"]
    return error["extensions"]["code"], error["message"]
