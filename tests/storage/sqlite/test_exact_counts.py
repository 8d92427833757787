"""Counts of a file are exact after a writer was killed, and after damage was repaired."""

import multiprocessing
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from storage.sqlite.store import SqliteStore
from tests.storage.samples import listing, squad
from tests.storage.sqlite.processes import KILLED, exit_code, start, write_until_killed
from tests.storage.store_calls import register


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "registry.db"


@pytest.fixture
def store(path: Path) -> Iterator[SqliteStore]:
    with closing(SqliteStore(path)) as store:
        yield store


def test_lost_versions_of_rows_are_found_and_repaired(store: SqliteStore, path: Path) -> None:
    register(store, squad(tags=("a",)), squad(url="https://example.org/2", tags=("a",)))
    assert store.count(listing(tags_all=("a",))) == 2
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("DELETE FROM search_chunk")

    assert [each.message for each in store.check()] == [
        "lacks versions of rows, which are not counted"
    ]
    assert store.repair(lambda *_: None) == 1

    assert list(store.check()) == []
    assert store.count(listing(tags_all=("a",))) == 2


def test_counts_are_exact_after_a_process_was_killed_while_it_wrote(
    store: SqliteStore, path: Path
) -> None:
    register(store, squad(license="mit"), squad(url="https://example.org/2"))
    mit = listing(licenses=("mit",))
    assert store.count(mit) == 1
    answers, sender = multiprocessing.Pipe(duplex=False)
    writer = start(write_until_killed, path, sender)
    sender.close()
    for _ in range(10):
        answers.recv()
        store.count(mit)

    writer.kill()

    assert exit_code(writer) == KILLED
    assert store.count(mit) == sum(each.license == "mit" for each in store.scan())
    assert store.count(listing()) == len(list(store.scan()))
