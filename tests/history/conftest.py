"""Stores that any process can open: SQLite, and DynamoDB Local where there is one."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

import pytest
from botocore.exceptions import ReadTimeoutError

from storage.dynamodb.store import DynamoStore
from storage.opening import create_store
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
        store = DynamoStore(made.ddb_table_name, made.aws_region)
        # One of many items takes longer to go than the client waits, and goes nevertheless.
        with suppress(ReadTimeoutError):
            store.client.control.delete_table(TableName=store.name)
        store.close()


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def environment(settings: StoreSettings) -> dict[str, str]:
    """What names the store to a process."""
    return {
        "STORE": settings.store,
        "SQLITE_PATH": str(settings.sqlite_path),
        "DDB_TABLE_NAME": settings.ddb_table_name,
    }
