"""Clients of several servers before one store: nothing they were told over HTTP is lost."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest

from storage.opening import open_store
from storage.settings import StoreSettings
from tests.graph.server_process import await_ready, free_port, starting
from tests.history.checker import contradictions
from tests.history.mix import run_clients
from tests.history.over_http import HttpRegistry


@pytest.fixture
def servers(environment: dict[str, str], tmp_path: Path) -> Iterator[list[HttpRegistry]]:
    """Two servers, each a process of its own, before one store."""
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
def test_clients_of_two_servers_lose_nothing(
    settings: StoreSettings, servers: list[HttpRegistry]
) -> None:
    with ThreadPoolExecutor() as threads:
        parts = list(threads.map(run_clients, servers, (4, 1_004), (250, 250)))

    store = open_store(settings)
    history = [told for part in parts for told in part]
    assert sum(told["answer"] not in ("refused", "unknown") for told in history) > 700
    assert list(contradictions(store, history)) == []
    store.close()
