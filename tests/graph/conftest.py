"""The registry over HTTP, as its clients see it, on a SQLite file of its own."""

import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest

sys.path.insert(0, str(Path(__file__).parents[2]))  # for pytest that is not run as a module

from graph.settings import Settings
from tests.graph.clients import Client, serving
from tests.graph.recording_store import RecordingStore
from tests.graph.server_process import Start, starting


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def recorded(tmp_path: Path) -> Iterator[RecordingStore]:
    store = RecordingStore(tmp_path / "registry.db")
    yield store
    store.close()


@pytest.fixture
async def http(recorded: RecordingStore) -> AsyncIterator[httpx.AsyncClient]:
    async with serving(recorded, Settings()) as client:
        yield client


@pytest.fixture
def client(http: httpx.AsyncClient) -> Client:
    return Client(http)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    with starting(tmp_path) as start:
        yield start
