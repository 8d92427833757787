"""Fills the disk of a store, and checks what works then and after room was made; a script.

It needs a small disk of its own, on which it must have nothing to lose.
"""

import logging
import os
import sys
from contextlib import suppress
from io import StringIO
from itertools import count
from pathlib import Path

import pytest

from storage.artifacts.writes import OnConflict
from storage.deadline import deadline
from storage.dynamodb.store import DynamoStore
from storage.errors import SearchNotReadyError, StoreRefusedError, StoreUnavailableError
from storage.store import Store
from tests.storage.engines import REGION, opened
from tests.storage.samples import DATASET, listing, new_artifact
from tests.storage.store_calls import find_by_name, read_all, register_one

_BATCH = 20


def ignore(*_: object) -> None:
    """Show no progress."""


def fill_disk(disk: Path) -> Path:
    """Leave no room on a disk, and return the file that takes it."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file, suppress(OSError):
        for size in (64 * 1024, 512):
            with suppress(OSError):
                while True:
                    file.write(os.urandom(size))
    return filler


def register_some(store: Store, name: str) -> None:
    """Register datasets with long descriptions."""
    made = [
        new_artifact(DATASET, f"{name} {n}", description=os.urandom(2_000).hex())
        for n in range(_BATCH)
    ]
    store.register(made, OnConflict.REJECT)


def check_sqlite(disk: Path, log: StringIO) -> None:
    with opened("sqlite", disk / "registry.db") as store:
        register_some(store, "first")
        filler = fill_disk(disk)
        written = _BATCH
        for n in count():
            try:
                register_some(store, f"more {n}")
            except StoreRefusedError:
                break
            written += _BATCH
        assert "SQLite failed: database or disk is full (SQLITE_FULL)" in log.getvalue()
        with pytest.raises(StoreUnavailableError, match="full"):
            store.reindex(ignore)

        assert store.count(listing()) == written
        assert find_by_name(store, DATASET, "first 3") is not None
        assert len(read_all(store, listing(search="first"))) == _BATCH

        filler.unlink()
        register_one(store, new_artifact(DATASET, "last"))
        assert store.reindex(ignore) == written + 1
        assert list(store.check()) == []


def check_copy(disk: Path, log: StringIO) -> None:
    with opened("moto", disk) as table:
        folder = disk / "search"
        store = DynamoStore(table.name, REGION, search_folder=folder, search_max_age=0)
        store.ensure()
        register_some(store, "first")
        assert store.count(listing()) == _BATCH
        filler = fill_disk(disk)
        written = _write_until_not_ready(store)

        assert not store.search_state().is_ready
        assert find_by_name(store, DATASET, "first 3") is not None
        with pytest.raises(StoreUnavailableError, match=f"{folder} cannot be written"):
            store.reindex(ignore)
        assert f"the search index in {folder} cannot be used: " in log.getvalue()
        _check_start(table.name, folder)

        filler.unlink()
        assert store.count(listing()) == written
        assert store.search_state().is_ready
        assert list(store.check()) == []
        store.close()


def _write_until_not_ready(store: Store) -> int:
    """Register more until listings are refused, and return the number of datasets."""
    for n in count(1):
        register_some(store, f"more {n}")
        try:
            with deadline(3):
                assert store.count(listing()) == (n + 1) * _BATCH
        except SearchNotReadyError:
            return (n + 1) * _BATCH
    raise AssertionError


def _check_start(table: str, folder: Path) -> None:
    """Open the store as a server does that starts while the disk is full."""
    store = DynamoStore(table, REGION, search_folder=folder, search_max_age=0)
    store.ensure()
    assert find_by_name(store, DATASET, "first 3") is not None
    with pytest.raises(SearchNotReadyError):
        store.count(listing())
    store.close()


if __name__ == "__main__":
    log = StringIO()
    logging.basicConfig(stream=log, level=logging.WARNING)
    if sys.argv[2] == "sqlite":
        check_sqlite(Path(sys.argv[1]), log)
    else:
        check_copy(Path(sys.argv[1]), log)
