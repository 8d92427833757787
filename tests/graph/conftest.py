"""The registry over HTTP, as its clients see it, on a SQLite file of its own."""

import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

sys.path.insert(0, str(Path(__file__).parents[2]))  # for pytest that is not run as a module
pytest.register_assert_rewrite("tests.graph.clients")

from graph.app import build  # noqa: E402 - needs the path above
from graph.settings import Settings  # noqa: E402 - likewise
from tests.graph.clients import Client  # noqa: E402 - likewise
from tests.graph.stores import RecordingStore  # noqa: E402 - likewise


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def recorded(tmp_path: Path) -> Iterator[RecordingStore]:
    store = RecordingStore(tmp_path / "registry.db")
    yield store
    store.close()


@pytest.fixture
def app(recorded: RecordingStore) -> FastAPI:
    return build(recorded, Settings())


@pytest.fixture
async def http(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://registry") as client,
    ):
        yield client


@pytest.fixture
def client(http: httpx.AsyncClient) -> Client:
    return Client(http)
