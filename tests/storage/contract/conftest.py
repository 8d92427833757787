"""Stores whose clock tests set, and second openings of stores."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.dynamodb.store import DynamoStore
from storage.sqlite.store import SqliteStore
from storage.store import Store
from tests.storage.contract.recorded_changes import ManualClock
from tests.storage.engines import REGION, opened


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def timed_store(engine: str, tmp_path: Path, clock: ManualClock) -> Iterator[Store]:
    """An empty store with that clock, which must be consistent after the test."""
    with opened(engine, tmp_path / "registry.db", clock) as made:
        yield made
        assert list(made.check()) == []


@pytest.fixture
def again(store: Store, tmp_path: Path) -> Iterator[Store]:
    """The store of `store`, opened as another process on another machine would."""
    opened: Store
    if isinstance(store, DynamoStore):
        folder = tmp_path / "search"
        opened = DynamoStore(store.name, REGION, search_folder=folder, search_max_age=0)
    else:
        opened = SqliteStore(tmp_path / "registry.db")
    yield opened
    opened.close()
