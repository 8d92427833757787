"""Many clients at once: nothing they were told is lost, and nothing else is there."""

import pytest

from storage.opening import open_store
from storage.settings import StoreSettings
from tests.history.checker import contradictions
from tests.history.mix import run_clients, run_processes


def test_clients_of_two_processes_lose_nothing(settings: StoreSettings) -> None:
    history = run_processes(settings, seed=1, operations=1_000)

    assert found(settings, history) == []


@pytest.mark.slow
def test_clients_of_two_processes_lose_nothing_in_20_000_operations(
    settings: StoreSettings,
) -> None:
    history = run_processes(settings, seed=2, operations=20_000)

    assert found(settings, history) == []


def test_a_single_client_process_is_told_the_truth(settings: StoreSettings) -> None:
    store = open_store(settings)

    history = run_clients(store, seed=3, operations=100)

    assert list(contradictions(store, history)) == []
    store.close()


def found(settings: StoreSettings, history: list[dict[str, object]]) -> list[str]:
    store = open_store(settings)
    try:
        return list(contradictions(store, history))
    finally:
        store.close()
