"""Builds that are cancelled, fail or are killed: the current copy stays, and no rubbish."""

import os
import signal
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from storage.dynamodb.search.building import build
from storage.dynamodb.search.copy_folder import CopyFolder
from storage.dynamodb.search.polling import CopyOutdatedError
from storage.dynamodb.store import DynamoStore
from storage.errors import SearchIndexError, StoreUnavailableError
from tests.storage.dynamodb.recorded_calls import (
    error_answer,
    replace_answers,
)
from tests.storage.dynamodb.search.copies import (
    build_anew,
    files,
    folder_of,
)
from tests.storage.samples import squad
from tests.storage.store_calls import register_one

Progress = Callable[[str, int, int], None]


class CancelledError(Exception):
    """Raised by a progress callback."""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "search"


@pytest.fixture
def folder(moto: DynamoStore, root: Path) -> CopyFolder:
    return folder_of(moto, root)


def build_with(store: DynamoStore, folder: CopyFolder, progress: Progress) -> int:
    return build(store.client, folder, progress, replaces=folder.current())


def test_a_cancelled_build_leaves_the_current_one(
    moto: DynamoStore, folder: CopyFolder, root: Path
) -> None:
    register_one(moto, squad())
    build_anew(moto, folder)
    path = folder.current()

    def cancel(_stage: str, done: int, _total: int) -> None:
        if done:
            raise CancelledError

    with pytest.raises(CancelledError):
        build_with(moto, folder, cancel)
    assert folder.current() == path
    assert files(root) == [".db"]


def test_a_build_that_waits_for_another_can_be_cancelled(
    moto: DynamoStore, folder: CopyFolder
) -> None:
    def cancel(*_: object) -> None:
        raise CancelledError

    with folder.building(lambda: None), pytest.raises(CancelledError):
        build_with(moto, folder, cancel)


def test_a_reset_meanwhile_gives_the_build_up(
    moto: DynamoStore, folder: CopyFolder, root: Path
) -> None:
    register_one(moto, squad())
    build_anew(moto, folder)

    def reset(stage: str, done: int, _total: int) -> None:
        if done and stage == "indexing":
            list(moto.reset())

    with pytest.raises(CopyOutdatedError):
        build_with(moto, folder, reset)
    with pytest.raises(CopyOutdatedError):
        build_anew(moto, folder)
    assert files(root) == [".db"]

    after = folder_of(moto, root)
    assert after.epoch == folder.epoch + 2
    assert build_anew(moto, after) == 0
    assert files(root) == [".db"]


def test_a_table_that_does_not_answer_fails_the_build(
    moto: DynamoStore, folder: CopyFolder, root: Path
) -> None:
    register_one(moto, squad())
    denied = error_answer("AccessDeniedException")
    with replace_answers(moto, "Scan", denied), pytest.raises(StoreUnavailableError):
        build_anew(moto, folder)
    assert folder.current() is None
    assert files(root) == []


def test_throttling_only_delays_a_build(moto: DynamoStore, folder: CopyFolder) -> None:
    register_one(moto, squad())
    throttled = [error_answer("ProvisionedThroughputExceededException")] * 8
    with replace_answers(moto, "Scan", *throttled) as unused:
        assert build_anew(moto, folder) == 1
    assert unused == []


def test_a_full_disk_leaves_the_current_build_and_the_error_says_where(
    moto: DynamoStore, folder: CopyFolder, root: Path
) -> None:
    register_one(moto, squad())
    build_anew(moto, folder)
    path = folder.current()

    def fill_disk(_stage: str, done: int, _total: int) -> None:
        if done:
            raise sqlite3.OperationalError("database or disk is full")

    with pytest.raises(SearchIndexError, match=f"{root} cannot be written: database or disk"):
        build_with(moto, folder, fill_disk)
    assert folder.current() == path
    assert files(root) == [".db"]


@pytest.mark.serial
def test_builds_that_are_killed_leave_nothing_that_grows(
    moto: DynamoStore, folder: CopyFolder, root: Path
) -> None:
    register_one(moto, squad())
    build_anew(moto, folder)
    path = folder.current()
    assert path is not None

    for _ in range(3):
        kill_build(moto, folder)
        assert folder.current() == path
        # Its unfinished file lies there until the next build.
        assert files(root) == [".db", ".db"]

    assert build_anew(moto, folder) == 1
    assert folder.current() != path
    assert files(root) == [".db"]


def kill_build(store: DynamoStore, folder: CopyFolder) -> None:
    """Build in a process of its own, which is killed on its way."""
    process = os.fork()
    if process == 0:
        build_with(store, folder, kill_after_first_batch)
        os._exit(0)  # not reached
    assert os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) == -signal.SIGKILL


def kill_after_first_batch(_stage: str, done: int, _total: int) -> None:
    if done:
        os.kill(os.getpid(), signal.SIGKILL)
