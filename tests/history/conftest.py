"""Stores that any process can open: SQLite, and DynamoDB Local where there is one."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from storage.opening import create_store, open_store
from storage.settings import StoreSettings
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


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"
