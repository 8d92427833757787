"""Runs a mix of clients in processes of their own and gathers what they were told."""

import io
import json
import multiprocessing
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from storage.opening import open_store
from storage.settings import StoreSettings
from tests.history.client import Client, Writes

CLIENTS_A_PROCESS = 4


def run_clients(store: Writes, seed: int, operations: int) -> list[dict[str, Any]]:
    """What clients on threads of this process were told; they meet on the same artifacts."""
    shared: deque[str] = deque(maxlen=24)
    logs = [io.StringIO() for _ in range(CLIENTS_A_PROCESS)]
    with ThreadPoolExecutor(CLIENTS_A_PROCESS) as threads:
        clients = [Client(store, seed + at, log, shared) for at, log in enumerate(logs)]
        list(threads.map(lambda client: client.run(operations), clients))
    return [json.loads(line) for log in logs for line in log.getvalue().splitlines()]


def run_processes(
    settings: StoreSettings, seed: int, operations: int, processes: int = 2
) -> list[dict[str, Any]]:
    """What the clients of several processes on one store were told, `operations` in all."""
    each = operations // (processes * CLIENTS_A_PROCESS)
    arguments = [(settings, seed + 1_000 * at, each) for at in range(processes)]
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        return [told for part in pool.starmap(_process, arguments) for told in part]


def _process(settings: StoreSettings, seed: int, operations: int) -> list[dict[str, Any]]:
    store = open_store(settings)
    try:
        return run_clients(store, seed, operations)
    finally:
        store.close()
