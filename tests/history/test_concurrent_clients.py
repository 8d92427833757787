"""The store agrees with the history of many concurrent clients."""

import pytest

from storage.opening import open_store
from storage.settings import StoreSettings
from tests.history.checker import find_contradictions
from tests.history.concurrent_clients import run_clients, run_processes


def test_two_processes_lose_no_write(settings: StoreSettings) -> None:
    history = run_processes(settings, seed=1, operations=1_000)

    assert check_store(settings, history) == []


@pytest.mark.slow
def test_two_processes_lose_no_write_in_20_000_operations(
    settings: StoreSettings,
) -> None:
    history = run_processes(settings, seed=2, operations=20_000)

    assert check_store(settings, history) == []


def test_one_process_loses_no_write(settings: StoreSettings) -> None:
    store = open_store(settings)

    history = run_clients(store, seed=3, operations=100)

    assert list(find_contradictions(store, history)) == []
    store.close()


def check_store(settings: StoreSettings, history: list[dict[str, object]]) -> list[str]:
    store = open_store(settings)
    try:
        return list(find_contradictions(store, history))
    finally:
        store.close()
