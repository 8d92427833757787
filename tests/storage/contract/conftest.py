"""Stores whose clock tests set."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.store import Store
from tests.storage.contract.recorded_changes import ManualClock
from tests.storage.engines import opened


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def timed_store(engine: str, tmp_path: Path, clock: ManualClock) -> Iterator[Store]:
    """An empty store with that clock, which must be consistent after the test."""
    with opened(engine, tmp_path / "registry.db", clock) as made:
        yield made
        assert list(made.check()) == []
