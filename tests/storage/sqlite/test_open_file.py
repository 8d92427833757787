"""Files that vanish or are replaced while they are open, and paths that are no files."""

import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from storage.artifacts.writes import OnConflict
from storage.errors import StoreRefusedError, StoreSetupError
from storage.sqlite.store import SqliteStore
from tests.storage.samples import DATASET, new_artifact, squad
from tests.storage.store_calls import find_by_name, register_one


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "registry.db"


@pytest.fixture
def store(path: Path) -> Iterator[SqliteStore]:
    store = SqliteStore(path)
    register_one(store, squad())
    yield store
    store.close()


def remove(path: Path) -> None:
    path.unlink()


def move(path: Path) -> None:
    path.rename(path.with_name("moved.db"))


def replace(path: Path) -> None:
    shutil.copyfile(path, path.with_name("copy.db"))
    path.with_name("copy.db").replace(path)


def remove_log(path: Path) -> None:
    path.with_name("registry.db-wal").unlink()


@pytest.mark.parametrize("fault", [remove, move, replace, remove_log])
def test_a_file_that_was_removed_or_replaced_is_not_ready_and_not_written(
    store: SqliteStore, path: Path, fault: object
) -> None:
    store.ping()
    assert callable(fault)
    fault(path)

    with pytest.raises(StoreRefusedError, match="was removed or replaced while it was open"):
        store.ping()
    with pytest.raises(StoreRefusedError, match="was removed or replaced"):
        store.register([new_artifact(DATASET, "late")], OnConflict.REJECT)
    assert find_by_name(store, DATASET, "squad") is not None
    assert find_by_name(store, DATASET, "late") is None


def test_a_file_that_is_put_back_is_used_again(store: SqliteStore, path: Path) -> None:
    moved = path.rename(path.with_name("moved.db"))
    with pytest.raises(StoreRefusedError):
        store.ping()

    moved.rename(path)

    store.ping()
    register_one(store, new_artifact(DATASET, "later"))


def test_a_database_in_memory_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    with pytest.raises(StoreSetupError, match="SQLITE_PATH: :memory: is no file"):
        SqliteStore(Path(":memory:"))

    assert list(tmp_path.iterdir()) == []


def test_a_file_system_that_has_no_log_is_refused(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # SQLite's way of locking with directories has no shared memory, as some file systems.
    def without_shared_memory(file: str, **more: Any) -> sqlite3.Connection:
        db: sqlite3.Connection = connect(f"{file}&vfs=unix-dotfile", **more)
        return db

    connect = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", without_shared_memory)

    with pytest.raises(StoreSetupError, match="without the shared memory that SQLite's write"):
        SqliteStore(path)
