"""Copies that are deleted, damaged or cannot be built."""

import logging
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from storage.deadline import deadline
from storage.dynamodb.store import DynamoStore
from storage.errors import SearchNotReadyError, StoreSetupError
from storage.search.pages import Window
from tests.storage.dynamodb.recorded_calls import error_answer, replace_answers
from tests.storage.dynamodb.search.servers import Seconds, listed, server
from tests.storage.engines import REGION
from tests.storage.samples import DATASET, listing, new_artifact, squad
from tests.storage.store_calls import find_by_name, read, register, register_one, update


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture
def reader(moto: DynamoStore, tmp_path: Path, seconds: Seconds) -> Iterator[DynamoStore]:
    with server(moto, tmp_path / "reader", monotonic=seconds) as store:
        yield store


def copy_files(folder: Path, ending: str = "") -> list[Path]:
    """The files of copies, or those of them with this ending."""
    return [path for path in folder.rglob("*.db*") if path.name.endswith(ending)]


def test_a_copy_that_was_deleted_is_built_anew(
    moto: DynamoStore, reader: DynamoStore, tmp_path: Path
) -> None:
    register_one(moto, squad())
    assert listed(reader) == ["squad 1"]

    shutil.rmtree(tmp_path / "reader")
    register_one(moto, new_artifact(DATASET, "glue"))

    assert listed(reader) == ["glue 1", "squad 1"]


@pytest.mark.parametrize("content", [b"", b"no database" * 1_000], ids=["empty", "garbage"])
def test_a_damaged_copy_is_built_anew_by_a_server_that_starts(
    moto: DynamoStore, tmp_path: Path, content: bytes
) -> None:
    register(moto, *(new_artifact(DATASET, f"d{n}") for n in range(50)))
    with server(moto, tmp_path / "reader") as store:
        before = listed(store)
    for path in copy_files(tmp_path / "reader"):
        path.write_bytes(content)

    with server(moto, tmp_path / "reader") as store:
        assert listed(store) == before


def test_a_copy_that_is_damaged_while_it_is_used_is_built_anew(
    moto: DynamoStore, reader: DynamoStore, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    register(moto, *(new_artifact(DATASET, f"d{n}") for n in range(50)))
    before = listed(reader)
    for path in copy_files(tmp_path / "reader"):
        if path.suffix == ".db":
            path.write_bytes(b"\xff" * path.stat().st_size)
        else:
            path.unlink()

    with caplog.at_level(logging.WARNING):
        with server(moto, tmp_path / "reader") as other:
            assert listed(other) == before
        register_one(moto, new_artifact(DATASET, "e"))
        assert listed(reader) == [*before, "e 1"]

    assert "the search index is built anew: it is damaged" in caplog.text


def test_while_there_is_no_copy_listings_are_refused_and_lookups_and_writes_work(
    reader: DynamoStore, seconds: Seconds
) -> None:
    failures = [error_answer("AccessDeniedException")] * 100

    with replace_answers(reader, "Scan", *failures):
        with pytest.raises(SearchNotReadyError) as first:
            reader.page(listing(), Window(20))
        made = register_one(reader, squad())
        update(reader, made, license="mit")
        assert find_by_name(reader, DATASET, "squad") == read(reader, made.id)
        with pytest.raises(SearchNotReadyError):
            reader.count(listing())
        assert not reader.search_state().is_ready

    assert first.value.retry_after >= 1
    seconds.now += 60
    assert listed(reader) == ["squad 2"]


def test_builds_that_fail_are_tried_less_and_less_often_and_logged_once(
    moto: DynamoStore, tmp_path: Path, seconds: Seconds, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "reader"
    register_one(moto, squad())
    with server(moto, folder, 60, seconds) as store:
        folder.write_text("in the way")
        waits = []
        for _ in range(9):
            with pytest.raises(SearchNotReadyError) as raised:
                store.page(listing(), Window(20))
            waits.append(raised.value.retry_after)
            seconds.now += 300 if len(waits) > 6 else 5 * 2 ** (len(waits) - 1)

        folder.unlink()
        seconds.now += 300
        assert listed(store) == ["squad 1"]

    assert waits == [5, 10, 20, 40, 60, 60, 60, 60, 60]
    assert caplog.text.count("the search index could not be built: SEARCH_INDEX_PATH") == 1
    assert "Traceback" not in caplog.text


def test_a_check_says_that_there_is_no_copy_to_compare(
    moto: DynamoStore, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "reader"
    with server(moto, folder) as store:
        assert list(store.check()) == []
    assert f"not compared: {folder} has no copy of this table" in caplog.text


def test_a_directory_that_cannot_be_used_fails_listings_alone(
    moto: DynamoStore, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "reader"
    folder.write_text("in the way")
    store = DynamoStore(moto.name, REGION, search_folder=folder)
    with closing(store):
        store.ensure()
        register_one(store, squad())
        with pytest.raises(SearchNotReadyError):
            store.count(listing())
        assert list(store.check()) == []
        with pytest.raises(StoreSetupError, match="SEARCH_INDEX_PATH"):
            store.prepare_search()
        with pytest.raises(StoreSetupError, match="SEARCH_INDEX_PATH"):
            store.reindex(lambda *_: None)
        list(store.reset())
    assert f"not compared: {folder} is not a directory" in caplog.text


def test_a_copy_is_built_anew_in_the_foreground(
    moto: DynamoStore, reader: DynamoStore, tmp_path: Path
) -> None:
    register(moto, *(new_artifact(DATASET, f"d{n}") for n in range(5)))
    assert len(listed(reader)) == 5
    before = copy_files(tmp_path / "reader")
    stages: list[tuple[int, int]] = []

    with server(moto, tmp_path / "reader") as command:
        assert command.reindex(lambda _stage, done, total: stages.append((done, total))) == 5

    assert stages
    assert not set(before) & set(copy_files(tmp_path / "reader"))
    register_one(moto, new_artifact(DATASET, "e"))
    assert len(listed(reader)) == 6


def test_a_copy_that_cannot_be_written_fails_only_the_listings_that_need_it(
    moto: DynamoStore, tmp_path: Path, seconds: Seconds, caplog: pytest.LogCaptureFixture
) -> None:
    with server(moto, tmp_path / "reader", 60, seconds) as store:
        made = register_one(store, squad())
        assert listed(store) == ["squad 1"]
        (path,) = copy_files(tmp_path / "reader", ".db")
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            register_one(moto, new_artifact(DATASET, "glue"))

            assert listed(store) == ["squad 1"]
            update(store, made, license="mit")
            assert read(store, made.id).version == 2
            for _ in range(2):
                with deadline(0.1), pytest.raises(SearchNotReadyError):
                    store.page(listing(), Window(20))
            assert not store.search_state().is_ready
        failure = (
            f"the search index in {tmp_path / 'reader'} cannot be used: database is locked"
        )
        assert caplog.text.count(failure) == 1
        assert listed(store) == ["glue 1", "squad 2"]
        assert store.search_state().is_ready
