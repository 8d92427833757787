"""Processes that upgrade a file together, write on with the old code, or are killed."""

import multiprocessing
import random
import shutil
from contextlib import closing
from pathlib import Path
from types import ModuleType

import pytest

from storage.sqlite.store import SqliteStore
from tests.storage.samples import DATASET
from tests.storage.sqlite import format_1, format_2
from tests.storage.sqlite.old_files import OLD_LINES, read_lines
from tests.storage.sqlite.processes import (
    KILLED,
    back_up_and_be_killed,
    exit_code,
    open_and_be_killed,
    open_store,
    start,
    write_with_format_1,
)
from tests.storage.store_calls import find_by_url

BACKUP = "registry.db.format-1.backup"
STATEMENTS = 250
"""More than opening and upgrading a file takes."""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return format_1.copy_to(tmp_path / "registry.db")


@pytest.mark.parametrize("attempt", range(10))
def test_processes_that_upgrade_at_once_make_one_backup_and_lose_nothing(
    attempt: int, path: Path
) -> None:
    processes = [start(open_store, path) for _ in range(4)]

    assert [exit_code(process) for process in processes] == [0] * 4, attempt
    backups = list(path.parent.glob("*.backup*"))
    assert [backup.name for backup in backups] == [BACKUP]
    format_1.assert_has_all(backups[0])
    assert read_lines(path) == OLD_LINES


@pytest.mark.parametrize("attempt", range(10))
def test_processes_that_create_a_file_at_once_agree_on_it(attempt: int, tmp_path: Path) -> None:
    path = tmp_path / "new.db"
    processes = [start(open_store, path) for _ in range(4)]

    assert [exit_code(process) for process in processes] == [0] * 4, attempt
    assert read_lines(path) == []
    assert [file.name for file in tmp_path.iterdir()] == ["new.db"]


def test_what_old_code_wrote_until_the_upgrade_is_there_and_the_rest_fails(path: Path) -> None:
    answers, sender = multiprocessing.Pipe(duplex=False)
    writer = start(write_with_format_1, path, sender)
    acknowledged = [answers.recv() for _ in range(20)]

    upgrader = start(open_store, path)
    while isinstance(answer := answers.recv(), int):
        acknowledged.append(answer)

    assert answer == "table artifact has no column named name_key"
    assert (exit_code(writer), exit_code(upgrader)) == (0, 0)
    with closing(SqliteStore(path)) as store:
        written = [f"https://example.org/old/{n}" for n in acknowledged]
        assert all(find_by_url(store, DATASET, url) for url in written)
    lines = read_lines(path)
    assert len(lines) == len(OLD_LINES) + len(acknowledged)
    assert all(line in lines for line in OLD_LINES)


@pytest.mark.slow
@pytest.mark.parametrize("old", [format_1, format_2])
def test_an_upgrade_that_is_killed_at_any_statement_is_done_by_the_next(
    old: ModuleType, tmp_path: Path
) -> None:
    kills = 0
    for statement in range(STATEMENTS):
        path = tmp_path / str(statement) / "registry.db"
        path.parent.mkdir()
        shutil.copyfile(old.FILE, path)
        killed = exit_code(start(open_and_be_killed, path, statement)) == KILLED
        kills += killed

        assert read_lines(path) == OLD_LINES, statement
        backups = list(path.parent.glob("*.backup*"))
        assert len(backups) in {1, 2}
        for backup in backups:
            old.assert_has_all(backup)
        if not killed:
            break
    assert 40 < kills < STATEMENTS


def test_an_upgrade_that_is_killed_during_the_backup_is_done_by_the_next(path: Path) -> None:
    assert exit_code(start(back_up_and_be_killed, path)) == KILLED
    assert path.with_name(f"{BACKUP}.partial").exists()

    assert read_lines(path) == OLD_LINES

    assert {file.name for file in path.parent.iterdir()} == {"registry.db", BACKUP}
    format_1.assert_has_all(path.with_name(BACKUP))


@pytest.mark.slow
def test_upgrades_that_are_killed_at_any_moment_lose_nothing(tmp_path: Path) -> None:
    draw = random.Random(3)  # noqa: S311 - no secret
    kills = 0
    for attempt in range(100):
        path = tmp_path / str(attempt) / "registry.db"
        path.parent.mkdir()
        format_1.copy_to(path)
        process = start(open_store, path)
        process.join(draw.uniform(0, 0.05))
        process.kill()
        kills += exit_code(process) == KILLED

        assert read_lines(path) == OLD_LINES
        for backup in path.parent.glob("*.backup"):
            format_1.assert_has_all(backup)
    assert kills > 10
