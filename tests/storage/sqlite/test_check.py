"""What contradicts itself in a file is found, and repaired if the artifacts say how."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from storage.sqlite.store import SqliteStore
from tests.storage.samples import MODEL, new_artifact, register, register_one, squad


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "registry.db"


@pytest.fixture
def store(path: Path) -> Iterator[SqliteStore]:
    with closing(SqliteStore(path)) as store:
        yield store


def corrupt(path: Path, change: str) -> None:
    with closing(sqlite3.connect(path)) as db, db:
        db.execute(change)


def silent(_stage: str, _done: int, _total: int) -> None:
    """Show no progress."""


def test_stale_columns_are_found_and_written_again(store: SqliteStore, path: Path) -> None:
    register(store, squad())
    corrupt(path, "UPDATE artifact SET name_normalized = 'elsewhere'")

    assert [inconsistency.message for inconsistency in store.check()] == ["has stale columns"]
    assert store.repair(silent) == 1
    assert list(store.check()) == []


def test_unreadable_ratings_are_found_and_left(store: SqliteStore, path: Path) -> None:
    model = register_one(store, new_artifact(MODEL, "bert", rated=0.5))
    corrupt(path, "UPDATE artifact SET rating = '{}'")

    (inconsistency,) = store.check()

    assert (inconsistency.about, inconsistency.message) == (
        model.id,
        "has a rating that cannot be read",
    )
    assert store.repair(silent) == 0
