"""Registries on read-only mounts are read and exported, and nothing is written."""

import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from storage.sqlite.store import SqliteStore
from tests.storage.sqlite import format_1
from tests.storage.sqlite.folders import contents
from tests.storage.test_full_disk import can_mount
from tests.storage.transfer.round_trip import export, write_everything

_PRIVATE = ("unshare", "--user", "--map-root-user", "--mount")
_MOUNT = (
    'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && cd "$1" && shift && exec "$@"'
)

pytestmark = pytest.mark.slow


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    if not can_mount():
        pytest.skip("needs Linux with user name spaces")
    (tmp_path / "mount").mkdir()
    return tmp_path / "mount"


def run_on_mount(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command of the store on a read-only mount, beside which it can write."""
    command = (sys.executable, "-m", "storage", *arguments)
    mounted = (*_PRIVATE, "sh", "-c", _MOUNT, str(folder), str(folder.parent), *command)
    environment = {
        "SQLITE_PATH": str(folder / "registry.db"),
        "PYTHONPATH": str(Path(__file__).parents[3]),
        "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
    }
    return subprocess.run(  # noqa: S603 - our own program
        mounted, env=environment, capture_output=True, text=True, check=False, timeout=120
    )


def test_it_is_exported_checked_and_copied_and_not_written(folder: Path) -> None:
    with closing(SqliteStore(folder / "registry.db")) as store:
        write_everything(store)
        lines = export(store)
    before = contents(folder)

    commands = (["export", "out.ndjson"], ["check"], ["retention"], ["backup", "copy.db"])
    done = [run_on_mount(folder, *command) for command in commands]
    refused = [run_on_mount(folder, *c) for c in (["retention", "5"], ["reindex"])]

    assert [each.returncode for each in done] == [0, 0, 0, 0]
    assert (folder.parent / "out.ndjson").read_bytes() == b"".join(lines)
    with closing(SqliteStore(folder.parent / "copy.db")) as copy:
        assert export(copy) == lines
    assert [each.returncode for each in refused] == [1, 1]
    assert all("registry.db cannot be written\n" in each.stderr for each in refused)
    assert contents(folder) == before


def test_what_a_killed_process_left_in_the_log_is_exported(folder: Path) -> None:
    store = SqliteStore(folder / "registry.db")
    write_everything(store)
    lines = export(store)
    saved = contents(folder)
    store.close()
    for name in ("registry.db", "registry.db-wal"):
        (folder / name).write_bytes(saved[name][0])

    done = run_on_mount(folder, "export", "out.ndjson")

    assert done.returncode == 0
    assert (folder.parent / "out.ndjson").read_bytes() == b"".join(lines)


def test_a_file_that_must_be_upgraded_is_refused_with_what_to_do(folder: Path) -> None:
    format_1.copy_to(folder / "registry.db")

    done = run_on_mount(folder, "export", "out.ndjson")

    assert done.returncode == 2
    assert "copy it to where it can be written" in done.stderr
