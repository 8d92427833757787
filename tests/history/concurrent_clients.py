"""Runs random clients on threads and in processes, and collects their histories."""

import io
import json
import multiprocessing
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from storage.opening import open_store
from storage.settings import StoreSettings
from tests.history.random_client import RandomClient, Writes

CLIENTS_PER_PROCESS = 4


def run_clients(store: Writes, seed: int, operations: int) -> list[dict[str, Any]]:
    """Run clients on threads of this process that share recent ids; return their history.

    `operations` is the number of operations of each client.
    """
    recent_ids: deque[str] = deque(maxlen=24)
    logs = [io.StringIO() for _ in range(CLIENTS_PER_PROCESS)]
    with ThreadPoolExecutor(CLIENTS_PER_PROCESS) as threads:
        clients = [RandomClient(store, seed + n, log, recent_ids) for n, log in enumerate(logs)]
        list(threads.map(lambda client: client.run(operations), clients))
    return [json.loads(line) for log in logs for line in log.getvalue().splitlines()]


def run_processes(
    settings: StoreSettings, seed: int, operations: int, processes: int = 2
) -> list[dict[str, Any]]:
    """Run the clients of several processes on one store; return their history.

    `operations` is the number of operations of all clients together.
    """
    each = operations // (processes * CLIENTS_PER_PROCESS)
    arguments = [(settings, seed + 1_000 * n, each) for n in range(processes)]
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        return [entry for part in pool.starmap(_run_process, arguments) for entry in part]


def _run_process(settings: StoreSettings, seed: int, operations: int) -> list[dict[str, Any]]:
    store = open_store(settings)
    try:
        return run_clients(store, seed, operations)
    finally:
        store.close()
