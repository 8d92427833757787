"""A file of an older format is upgraded, after a backup, with all its data."""

import resource
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from typer.testing import CliRunner

from storage.artifacts.changes import FieldChange
from storage.change_queries import HistoryPage, HistoryQuery
from storage.cli import app
from storage.errors import StoreSetupError
from storage.sqlite.store import SqliteStore
from tests.storage.samples import DATASET, new_artifact, squad
from tests.storage.sqlite import format_1
from tests.storage.sqlite.old_files import OLD_LINES, copy_to, format_of, read_lines
from tests.storage.sqlite.processes import leave_behind
from tests.storage.store_calls import (
    delete,
    find_by_name,
    find_by_url,
    register,
    restore,
    update,
)

BACKUPS = {format_: f"registry.db.format-{format_}.backup" for format_ in (1, 2, 3)}
BACKUP = BACKUPS[1]
KNOWN = "https://example.org/odd/1"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return format_1.copy_to(tmp_path / "registry.db")


def names_in(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


@pytest.mark.parametrize("old_format", [1, 2, 3])
def test_a_file_of_an_older_format_opens_with_all_its_data(
    old_format: int, tmp_path: Path
) -> None:
    path = copy_to(tmp_path / "registry.db", old_format)
    assert format_of(path) == old_format

    assert read_lines(path) == OLD_LINES

    assert format_of(path) == 4
    assert read_lines(path) == OLD_LINES
    assert names_in(path.parent) == ["registry.db", BACKUPS[old_format]]


@pytest.mark.parametrize("old_format", [1, 2, 3])
def test_artifacts_of_an_older_format_have_a_history_from_their_next_change(
    old_format: int, tmp_path: Path
) -> None:
    path = copy_to(tmp_path / "registry.db", old_format)
    with closing(SqliteStore(path)) as store:
        renamed = find_by_name(store, DATASET, "renamed STRASSE")
        assert renamed is not None
        assert (renamed.version, renamed.content_version) == (2, 2)
        assert (renamed.created_by, renamed.updated_by) == (None, None)
        assert store.read_history([HistoryQuery(renamed.id, 2, 10)]) == [HistoryPage((), False)]
        start = store.feed_cursor()

        changed = update(store, renamed, license="mit")

        (page,) = store.read_history([HistoryQuery(renamed.id, 3, 10)])
        assert changed.version == 3
        assert [change.fields for change in page.changes] == [
            (FieldChange("license", None, "mit"),)
        ]
        assert store.read_feed(start, 10).changes == page.changes
        assert list(store.check()) == []


def test_an_upgraded_file_finds_and_takes_artifacts_as_before(path: Path) -> None:
    with closing(SqliteStore(path)) as store:
        renamed = find_by_name(store, DATASET, "renamed STRASSE")
        assert renamed is not None
        assert (renamed.version, renamed.url) == (2, "https://example.org/odd/2")

        added = register(store, squad())

        assert find_by_url(store, DATASET, added[0].url) == added[0]


@pytest.mark.parametrize("command", [["export", "-"], ["check"], ["create"]])
def test_every_command_upgrades_a_file_and_names_the_backup(
    command: list[str], path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    done = CliRunner().invoke(app, command, env={"SQLITE_PATH": str(path)})

    assert done.exit_code == 0
    assert format_of(path) == 4
    assert [record.getMessage() for record in caplog.records] == [
        f"upgraded {path} from format 1 to 4; the backup is {path.with_name(BACKUP)}"
    ]


def test_the_backup_is_the_file_before_the_upgrade(path: Path) -> None:
    path.chmod(0o600)
    SqliteStore(path).close()

    backup = path.with_name(BACKUP)

    assert backup.stat().st_mode & 0o777 == 0o600
    format_1.assert_has_all(backup)
    assert read_lines(backup) == OLD_LINES


def test_a_backup_never_replaces_another_file(path: Path) -> None:
    path.with_name(BACKUP).write_text("precious")
    path.with_name(f"{BACKUP}-2").write_text("precious, too")

    SqliteStore(path).close()

    assert path.with_name(BACKUP).read_text() == "precious"
    assert path.with_name(f"{BACKUP}-2").read_text() == "precious, too"
    format_1.assert_has_all(path.with_name(f"{BACKUP}-3"))


def test_what_a_killed_process_left_in_the_wal_is_upgraded_and_backed_up(path: Path) -> None:
    values = ", ".join("NULL" if v is None else repr(v) for v in format_1.row(7))
    row = values.replace("\\x00", "' || char(0) || '")
    leave_behind(path, f"INSERT INTO artifact VALUES ({row})")  # noqa: S608 - a constant

    upgraded = read_lines(path)

    assert upgraded[-1]["name"] == "old 7"
    shutil.copyfile(path.with_name(BACKUP), path.with_name("copy.db"))
    assert read_lines(path.with_name("copy.db")) == upgraded


def test_a_file_with_indexes_and_statistics_of_its_administrator_is_upgraded(
    path: Path,
) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.executescript("CREATE INDEX by_license ON artifact (license); ANALYZE")

    assert read_lines(path) == OLD_LINES


def test_names_are_normalised_again_by_todays_rules(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("UPDATE artifact SET name_normalized = upper(name_normalized)")
        db.execute("UPDATE reference SET target = upper(target) WHERE by = 'name'")

    assert read_lines(path) == OLD_LINES


def test_values_that_old_code_let_be_imported_can_be_updated_and_deleted(
    tmp_path: Path,
) -> None:
    path = copy_to(tmp_path / "registry.db", 2)
    end = "9999-12-31T23:59:59.999999+00:00"
    with closing(sqlite3.connect(path)) as db, db:
        db.execute(
            "UPDATE artifact SET version = ?, named_at = ?, updated_at = ? WHERE url = ?",
            (2**63 - 1, end, end, KNOWN),
        )

    with closing(SqliteStore(path)) as store:
        odd = find_by_url(store, DATASET, KNOWN)
        assert odd is not None
        assert (odd.version, odd.content_version) == (1_000_000_000, 1_000_000_000)
        namesake = new_artifact(DATASET, odd.name, url="https://example.org/namesake")
        register(store, namesake)
        assert update(store, odd, license="mit").version == 1_000_000_001
        delete(store, odd)
        assert restore(store, odd.id).version == 1_000_000_003
        assert list(store.check()) == []


@contextmanager
def limited_files(size: int) -> Iterator[None]:
    """Let no file of this process grow above the size, in bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_full_disk_during_the_backup_leaves_the_file_as_it_was(path: Path) -> None:
    # SQLite's shared memory beside the file takes 32 KiB, the backup more than that.
    limit = 40 * 1024
    assert path.stat().st_size > limit

    with (
        limited_files(limit),
        pytest.raises(StoreSetupError, match=f"SQLITE_PATH: {path} must be upgraded, but"),
    ):
        SqliteStore(path)

    assert path.read_bytes() == format_1.FILE.read_bytes()
    assert names_in(path.parent) == ["registry.db"]
    assert read_lines(path) == OLD_LINES


def test_a_full_disk_during_the_upgrade_leaves_format_1_and_no_backup(path: Path) -> None:
    change = "UPDATE artifact SET version = version + 1"
    leave_behind(path, *[change, change.replace("+", "-")] * 10)
    # The backup fits, but nothing more into the -wal.
    limit = path.with_name("registry.db-wal").stat().st_size
    assert limit > path.stat().st_size

    with limited_files(limit), pytest.raises(StoreSetupError, match=f"SQLITE_PATH: {path} "):
        SqliteStore(path)

    assert names_in(path.parent) == ["registry.db"]
    assert format_of(path) == 1
    assert read_lines(path) == OLD_LINES
