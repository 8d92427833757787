"""Many clients at once: nothing they were told is lost, and nothing else is there."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from storage.opening import create_store, open_store
from storage.settings import StoreSettings
from tests.history.checker import contradictions
from tests.history.mix import run_clients, run_processes
from tests.storage.engines import ENGINES

SERVED = [engine for engine in ENGINES if engine != "moto"]
"""moto lives in one process; the clients here live in several."""


@pytest.fixture(params=SERVED)
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[StoreSettings]:
    """A new store that any process can open."""
    made = StoreSettings(
        store="sqlite" if request.param == "sqlite" else "dynamodb",
        sqlite_path=tmp_path / "registry.db",
        ddb_table_name=f"history_{uuid4().hex}",
    )
    create_store(made)
    yield made
    if made.store == "dynamodb":
        store = open_store(made)
        sum(store.reset())
        store.close()


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
