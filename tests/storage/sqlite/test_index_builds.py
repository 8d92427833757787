"""Builds of the search index of a file: others read and write meanwhile, and may be killed."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from storage.artifacts.writes import OnConflict
from storage.deadline import deadline
from storage.errors import SearchNotReadyError, StoreUnavailableError
from storage.sqlite.store import SqliteStore
from tests.storage.samples import DATASET, listing, names, new_artifact
from tests.storage.sqlite.processes import KILLED, build_and_be_killed, exit_code, start
from tests.storage.store_calls import (
    delete,
    find_by_name,
    read_all,
    register_one,
    restore,
    update,
)

COUNT = 600
OLD = "UPDATE search_setting SET value = '0' WHERE name = 'version'"
Progress = Callable[[str, int, int], None]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file with many datasets."""
    path = tmp_path / "registry.db"
    with closing(SqliteStore(path)) as store:
        made = [new_artifact(DATASET, f"d{n}", description="word " * 20) for n in range(COUNT)]
        store.register(made, OnConflict.REJECT)
    return path


@pytest.fixture
def store(path: Path) -> Iterator[SqliteStore]:
    with closing(SqliteStore(path)) as store:
        yield store


def change_file(path: Path, statement: str) -> None:
    """Change the file behind the back of the store."""
    with closing(sqlite3.connect(path)) as db, db:
        db.execute(statement)


def tables(path: Path) -> set[str]:
    """The names of everything that belongs to the search index."""
    with closing(sqlite3.connect(path)) as db:
        names = db.execute("SELECT name FROM sqlite_schema WHERE name GLOB 'search_*'")
        return {name for (name,) in names}


class Writer:
    """A process that writes and lists whenever a build tells of its progress."""

    def __init__(self, path: Path) -> None:
        self.store = SqliteStore(path)
        self.count = 0

    def __call__(self, *_: object) -> None:
        with deadline(2):
            self._change(f"d{self.count * 7 % COUNT}")
            register_one(self.store, new_artifact(DATASET, f"new {self.count}"))
            self.count += 1
            assert names(read_all(self.store, listing(search=f"new {self.count - 1}")))
            assert self.store.count(listing()) == COUNT + self.count

    def _change(self, name: str) -> None:
        made = find_by_name(self.store, DATASET, name)
        assert made is not None
        made = update(self.store, made, description=f"changed {self.count}")
        delete(self.store, made)
        restore(self.store, made.id)


@pytest.mark.parametrize("damage", ["", "DELETE FROM search_tag", "DELETE FROM search_text"])
def test_others_read_and_write_during_a_reindex(
    damage: str, store: SqliteStore, path: Path
) -> None:
    if damage:
        change_file(path, damage)
    before = tables(path)
    writer = Writer(path)
    with closing(writer.store):
        count = store.reindex(writer)

    assert writer.count > 3
    assert count == COUNT + writer.count
    assert list(store.check()) == []
    assert tables(path) == before


@pytest.mark.serial
@pytest.mark.parametrize("reports", [1, 2, 3, 5])
def test_a_reindex_that_is_killed_leaves_the_old_index(
    reports: int, store: SqliteStore, path: Path
) -> None:
    before = tables(path)

    killed = exit_code(start(build_and_be_killed, path, reports)) == KILLED

    assert killed or reports > 3
    assert store.count(listing()) == COUNT
    register_one(store, new_artifact(DATASET, "another"))
    assert names(read_all(store, listing(search="another"))) == ["another"]
    assert list(store.check()) == []
    assert store.reindex(lambda *_: None) == COUNT + 1
    assert list(store.check()) == []
    assert tables(path) == before


def test_a_second_reindex_ends_the_first(store: SqliteStore, path: Path) -> None:
    def interfere(stage: str, *_: object) -> None:
        if stage == "indexing words":
            with closing(SqliteStore(path)) as other:
                other.reindex(lambda *_: None)

    with pytest.raises(StoreUnavailableError, match="another process"):
        store.reindex(interfere)
    assert list(store.check()) == []


@pytest.mark.parametrize(
    "damage", ["DROP INDEX search_by_name", "DROP TABLE search_tag", "DROP TABLE search_words"]
)
def test_missing_tables_and_indexes_are_created_by_a_reindex(
    damage: str, store: SqliteStore, path: Path
) -> None:
    change_file(path, damage)

    assert store.reindex(lambda *_: None) == COUNT

    assert list(store.check()) == []
    assert store.count(listing()) == COUNT


def test_a_listing_never_answers_from_a_part_of_an_index(path: Path) -> None:
    change_file(path, OLD)
    refused = 0
    with closing(SqliteStore(path)) as store:
        assert not store.search_state().is_ready
        total = COUNT
        while not store.search_state().is_ready:
            with deadline(2):
                register_one(store, new_artifact(DATASET, f"new {total}"))
            total += 1
            with deadline(0.001):
                try:
                    assert store.count(listing()) == total
                except SearchNotReadyError:
                    refused += 1
        assert store.count(listing()) == total
        assert list(store.check()) == []
    assert refused


def test_several_processes_fill_an_index_together(path: Path) -> None:
    change_file(path, OLD)
    with closing(SqliteStore(path)) as first, closing(SqliteStore(path)) as second:
        for store in (first, second):
            assert list(store.check()) == []
            assert store.count(listing()) == COUNT


def test_the_next_process_goes_on_with_an_index_that_is_filled_in_part(path: Path) -> None:
    change_file(path, OLD)
    for _ in range(3):
        with closing(SqliteStore(path)) as store, suppress(SearchNotReadyError), deadline(0.02):
            store.count(listing())
    with closing(SqliteStore(path)) as store:
        assert store.count(listing()) == COUNT
        assert list(store.check()) == []


def test_a_repair_lets_others_write(store: SqliteStore, path: Path) -> None:
    change_file(path, "UPDATE artifact SET download_url = 'x', name_normalized = 'elsewhere'")
    written = 0

    with closing(SqliteStore(path)) as other:

        def write(*_: object) -> None:
            nonlocal written
            with deadline(2):
                update(other, read_all(other, listing())[written], license="mit")
            written += 1

        assert store.repair(write) == COUNT

    assert written
    assert list(store.check()) == []
