"""Clients of two servers on one store lose no write."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest

from storage.opening import open_store
from storage.settings import StoreSettings
from tests.graph.server_process import await_ready, free_port, starting
from tests.history.checker import find_contradictions
from tests.history.concurrent_clients import run_clients
from tests.history.http_registry import HttpRegistry


@pytest.fixture
def servers(environment: dict[str, str], tmp_path: Path) -> Iterator[list[HttpRegistry]]:
    """Start two server processes on one store."""
    with ExitStack() as stack:
        start = stack.enter_context(starting(tmp_path))
        ports = [free_port() for _ in range(2)]
        for port in ports:
            start("--port", str(port), log=tmp_path / f"{port}.log", **environment)
        for port in ports:
            await_ready(port)
        registries = [HttpRegistry(f"http://127.0.0.1:{port}") for port in ports]
        for registry in registries:
            stack.callback(registry.close)
        yield registries


@pytest.mark.slow
def test_two_servers_lose_no_write(
    settings: StoreSettings, servers: list[HttpRegistry]
) -> None:
    with ThreadPoolExecutor() as threads:
        parts = list(threads.map(run_clients, servers, (4, 1_004), (250, 250)))

    store = open_store(settings)
    history = [entry for part in parts for entry in part]
    assert sum(entry["answer"] not in ("refused", "unknown") for entry in history) > 700
    assert list(find_contradictions(store, history)) == []
    store.close()
