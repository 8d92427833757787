"""Stores that any process can open: SQLite, and DynamoDB Local if it runs."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

import pytest
from botocore.exceptions import ReadTimeoutError

from storage.dynamodb.store import DynamoStore
from storage.opening import create_store
from storage.settings import StoreSettings
from tests.storage.contract.recorded_changes import ManualClock
from tests.storage.engines import DYNAMO_ENGINES, ENGINES, opened
from tests.storage.tables import delete_table

SHARED_ENGINES = [engine for engine in ENGINES if engine != "moto"]
"""Not moto: it lives in one process, and these clients run in several."""


@pytest.fixture(params=SHARED_ENGINES)
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[StoreSettings]:
    """Return the settings of a new store that any process can open."""
    new = StoreSettings(
        store="sqlite" if request.param == "sqlite" else "dynamodb",
        sqlite_path=tmp_path / "registry.db",
        ddb_table_name=f"history_{uuid4().hex}",
    )
    create_store(new)
    yield new
    if new.store == "dynamodb":
        store = DynamoStore(new.ddb_table_name, new.aws_region)
        # Deleting a large table takes longer than the client waits, and succeeds nevertheless.
        with suppress(ReadTimeoutError):
            delete_table(store.client.control, store.name)
        store.close()


@pytest.fixture
def clock() -> ManualClock:
    """Return the clock of `dynamo`."""
    return ManualClock()


@pytest.fixture(params=DYNAMO_ENGINES)
def dynamo(
    request: pytest.FixtureRequest, tmp_path: Path, clock: ManualClock
) -> Iterator[DynamoStore]:
    """Return an empty table of each DynamoDB engine, with a clock that tests set."""
    with opened(request.param, tmp_path, clock) as store:
        assert isinstance(store, DynamoStore)
        yield store


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def environment(settings: StoreSettings) -> dict[str, str]:
    """Return the environment variables that name the store to a process."""
    return {
        "STORE": settings.store,
        "SQLITE_PATH": str(settings.sqlite_path),
        "DDB_TABLE_NAME": settings.ddb_table_name,
    }
