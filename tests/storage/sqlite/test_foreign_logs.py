"""A write-ahead log of another file is left alone, and so is the file beside it."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from storage.sqlite.backup import back_up
from storage.sqlite.store import SqliteStore
from tests.storage.command_line import Run
from tests.storage.samples import DATASET, new_artifact, squad
from tests.storage.sqlite.folders import contents
from tests.storage.store_calls import register

COMMANDS = (
    "check",
    "check --repair",
    "export out.ndjson",
    "backup copy.db",
    "create",
    "reindex",
)
ADVICE = "move registry.db-wal and registry.db-shm away"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "registry.db"


def fill(store: SqliteStore, count: int, prefix: str = "set") -> None:
    register(store, *(new_artifact(DATASET, f"{prefix} {number}") for number in range(count)))


def crash(source: Path, target: Path) -> None:
    """Copy an open file as a process that is killed leaves it."""
    for end in ("", "-wal", "-shm"):
        shutil.copyfile(f"{source}{end}", f"{target}{end}")


def crash_after_writes(path: Path, *, is_checkpointed: bool = False) -> None:
    """Make a file of which the last writes are in the log only."""
    original = path.with_name("original.db")
    with closing(SqliteStore(original)) as store:
        register(store, squad())
        if is_checkpointed:
            checkpoint(original, "TRUNCATE")
        fill(store, 20)
        crash(original, path)
    original.unlink()


def checkpoint(path: Path, mode: str) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute(f"PRAGMA wal_checkpoint({mode})")


def put_other_registry(path: Path) -> None:
    with closing(SqliteStore(path.with_name("other.db"))) as store:
        fill(store, 300, "other")
    path.with_name("other.db").replace(path)


def put_backup_of_other_registry(path: Path) -> None:
    put_other_registry(path.with_name("other2.db"))
    back_up(path.with_name("other2.db"), path.with_name("copy.db"))
    path.with_name("other2.db").unlink()
    path.with_name("copy.db").replace(path)


def put_own_backup(path: Path) -> None:
    copy = path.with_name("copy.db")
    back_up(path, copy)
    shutil.copyfile(copy, path)
    copy.unlink()


def put_empty_file(path: Path) -> None:
    path.write_bytes(b"")


def assert_all_refuse(run: Run, folder: Path, message: str) -> None:
    before = contents(folder)
    for command in COMMANDS:
        done = run(*command.split())
        assert (done.exit_code, len(done.stderr.splitlines())) == (2, 1), command
        assert message in done.stderr
        assert ADVICE in done.stderr
        assert contents(folder) == before


@pytest.mark.parametrize("is_checkpointed", [False, True])
@pytest.mark.parametrize(
    "put", [put_other_registry, put_backup_of_other_registry, put_own_backup, put_empty_file]
)
def test_a_file_beside_the_log_of_another_one_is_refused_and_neither_changes(
    run: Run, path: Path, put: object, *, is_checkpointed: bool
) -> None:
    crash_after_writes(path, is_checkpointed=is_checkpointed)
    assert callable(put)
    put(path)
    path.with_name("lines.ndjson").write_bytes(b"")

    assert_all_refuse(run, path.parent, "registry.db-wal beside it belongs to another file")


def test_a_file_that_is_replaced_while_it_is_served_is_refused(run: Run, path: Path) -> None:
    path.with_name("lines.ndjson").write_bytes(b"")
    with closing(SqliteStore(path)) as store:
        fill(store, 20)
        path.rename(path.with_name("old.db"))
        put_backup_of_other_registry(path)

        assert_all_refuse(run, path.parent, "belongs to another file")


def test_an_earlier_copy_beside_a_later_log_is_refused(run: Run, path: Path) -> None:
    copy, original = path.with_name("copy.db"), path.with_name("original.db")
    with closing(SqliteStore(original)) as store:
        register(store, squad())
    shutil.copyfile(original, copy)
    with closing(SqliteStore(original)) as store:
        fill(store, 20)
        checkpoint(original, "TRUNCATE")
        fill(store, 20, "later")
        crash(original, path)
    copy.replace(path)
    path.with_name("lines.ndjson").write_bytes(b"")

    assert_all_refuse(run, path.parent, "belongs to another file")


def test_a_later_copy_beside_an_earlier_log_is_refused(run: Run, path: Path) -> None:
    crash_after_writes(path)
    wal = path.with_name("registry.db-wal")
    earlier = wal.read_bytes()
    with closing(SqliteStore(path)) as store:
        fill(store, 20, "later")
    wal.write_bytes(earlier)
    path.with_name("lines.ndjson").write_bytes(b"")

    assert_all_refuse(run, path.parent, "belongs to another file")


def test_a_log_without_its_file_is_not_deleted(run: Run, path: Path) -> None:
    crash_after_writes(path)
    path.unlink()
    path.with_name("lines.ndjson").write_bytes(b"")

    assert_all_refuse(run, path.parent, "is missing, but its write-ahead log registry.db-wal")


def test_a_restored_backup_is_used_once_the_log_is_moved_away(run: Run, path: Path) -> None:
    crash_after_writes(path)
    put_own_backup(path)
    for end in ("-wal", "-shm"):
        path.with_name(f"registry.db{end}").rename(path.with_name(f"away{end}"))

    assert run("check").exit_code == 0


def without_mark(path: Path) -> None:
    """Make a registry as earlier versions left it when they were killed."""
    original = path.with_name("original.db")
    with closing(SqliteStore(original)) as store:
        register(store, squad())
    with closing(sqlite3.connect(original)) as db:
        db.executescript("DROP TABLE log_mark; PRAGMA wal_checkpoint(TRUNCATE)")
        db.execute("UPDATE artifact SET description = hex(zeroblob(20000))")
        db.commit()
        crash(original, path)
    original.unlink()


def test_a_log_of_an_earlier_version_is_refused_if_it_damages_the_file(
    run: Run, path: Path
) -> None:
    without_mark(path)
    put_backup_of_other_registry(path)
    path.with_name("lines.ndjson").write_bytes(b"")

    assert_all_refuse(run, path.parent, "is damaged, or registry.db-wal beside it belongs")


def test_a_log_of_an_earlier_version_is_applied_to_its_file(run: Run, path: Path) -> None:
    without_mark(path)

    assert run("export", "-").stdout.count("0" * 40_000) == 1


@pytest.mark.parametrize("mode", ["PASSIVE", "RESTART", "TRUNCATE"])
@pytest.mark.parametrize("has_index", [True, False])
def test_the_log_of_a_killed_process_is_applied_to_its_file(
    run: Run, path: Path, mode: str, *, has_index: bool
) -> None:
    original = path.with_name("original.db")
    with closing(SqliteStore(original)) as store:
        for round_ in range(4):
            fill(store, 5, f"round {round_}")
            crash(original, path)
            if not has_index:
                path.with_name("registry.db-shm").unlink()

            assert run("check").exit_code == 0
            assert run("export", "-").stdout.count('"type":"dataset"') == 5 * (round_ + 1)
            checkpoint(original, mode)


def test_a_log_of_which_a_part_is_in_the_file_is_applied(run: Run, path: Path) -> None:
    original = path.with_name("original.db")
    with (
        closing(SqliteStore(original)) as store,
        closing(sqlite3.connect(original, isolation_level=None)) as reader,
    ):
        fill(store, 5)
        reader.execute("BEGIN")
        reader.execute("SELECT 1 FROM artifact").fetchone()
        fill(store, 5, "later")
        checkpoint(original, "PASSIVE")
        crash(original, path)

    assert run("check").exit_code == 0
    assert run("export", "-").stdout.count('"type":"dataset"') == 10


@pytest.mark.parametrize("kept", [0, 20, 100, 5_000, 20_000, 100_000])
def test_a_log_that_was_cut_off_is_applied_up_to_its_last_whole_write(
    run: Run, path: Path, kept: int
) -> None:
    crash_after_writes(path, is_checkpointed=True)
    with path.with_name("registry.db-wal").open("r+b") as log:
        log.truncate(kept)

    assert run("check").exit_code == 0


def test_a_log_whose_end_was_not_written_is_applied_up_to_there(run: Run, path: Path) -> None:
    crash_after_writes(path, is_checkpointed=True)
    with path.with_name("registry.db-wal").open("r+b") as log:
        log.seek(5_000)
        log.write(bytes(path.with_name("registry.db-wal").stat().st_size - 5_000))

    assert run("check").exit_code == 0
