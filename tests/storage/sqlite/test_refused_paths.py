"""A path that cannot be opened as a registry is refused with what is wrong and what to do."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from storage.errors import StoreSetupError
from storage.sqlite.store import SqliteStore
from tests.storage.samples import listing, names, squad
from tests.storage.sqlite import format_1
from tests.storage.sqlite.folders import contents
from tests.storage.store_calls import read_all, register


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "registry.db"


@pytest.mark.parametrize("content", [b"x", b"text\n" * 1_000, b"SQLite format 3\0" + bytes(84)])
def test_a_file_that_is_not_a_database_is_refused(content: bytes, path: Path) -> None:
    path.write_bytes(content)

    before = contents(path.parent)

    with pytest.raises(StoreSetupError, match=r"SQLITE_PATH: .* is not a SQLite database"):
        SqliteStore(path)

    assert contents(path.parent) == before


def test_a_directory_is_refused(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()

    with pytest.raises(StoreSetupError, match=r"SQLITE_PATH: .*/folder is a directory"):
        SqliteStore(tmp_path / "folder")


def test_a_pipe_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")

    with pytest.raises(StoreSetupError, match=r"SQLITE_PATH: .*/pipe is not a regular file"):
        SqliteStore(tmp_path / "pipe")


def test_a_missing_directory_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreSetupError, match="its directory does not exist"):
        SqliteStore(tmp_path / "missing" / "registry.db")


def test_a_path_below_a_file_is_refused(path: Path) -> None:
    path.write_bytes(b"")

    with pytest.raises(StoreSetupError, match="cannot be opened: Not a directory"):
        SqliteStore(path / "registry.db")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_an_unreadable_file_is_refused(path: Path) -> None:
    format_1.copy_to(path).chmod(0)

    with pytest.raises(StoreSetupError, match="cannot be read; give this user permission"):
        SqliteStore(path)


@pytest.fixture
def other_writer(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection that keeps a file of format 1 locked."""
    with closing(sqlite3.connect(format_1.copy_to(path), isolation_level=None)) as db:
        db.execute("BEGIN IMMEDIATE")
        yield db


@pytest.mark.usefixtures("other_writer")
def test_a_locked_file_that_must_be_upgraded_is_refused(path: Path) -> None:
    with pytest.raises(StoreSetupError, match="is locked by another process"):
        SqliteStore(path)


def test_a_locked_file_of_the_present_format_is_opened(path: Path) -> None:
    with closing(SqliteStore(path)) as store:
        register(store, squad())
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with closing(SqliteStore(path)) as second:
                assert names(read_all(second, listing())) == ["squad"]
