"""Only an empty file or a registry is opened; files of other programs are not changed."""

import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner

from storage.artifacts.writes import OnConflict
from storage.cli import app
from storage.errors import StoreRefusedError, StoreSetupError
from storage.sqlite.store import SqliteStore
from tests.graph.server_process import starting
from tests.storage.samples import bert, listing, names, squad
from tests.storage.sqlite.folders import contents
from tests.storage.sqlite.foreign_files import FOREIGN_FILES
from tests.storage.sqlite.processes import leave_behind
from tests.storage.store_calls import read_all, register

FOREIGN = "is a SQLite database of another program"
NEWER = "written by a newer version of the registry (format 5; this one reads up to 4)"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "files").mkdir()
    return tmp_path / "files" / "registry.db"


@pytest.fixture(params=FOREIGN_FILES)
def foreign(request: pytest.FixtureRequest, path: Path) -> Path:
    FOREIGN_FILES[request.param](path)
    return path


def refusal(path: Path) -> str:
    """Return the message with which the file is refused, and check that nothing changed."""
    before = contents(path.parent)
    with pytest.raises(StoreSetupError) as error:
        SqliteStore(path)
    assert contents(path.parent) == before
    message = str(error.value)
    assert message.startswith(f"SQLITE_PATH: {path} ")
    assert "\n" not in message
    return message


def test_a_file_of_another_program_is_refused_and_not_changed(foreign: Path) -> None:
    assert FOREIGN in refusal(foreign)


@pytest.mark.parametrize("command", [["create"], ["export", "-"], ["check"], ["import", "-"]])
@pytest.mark.parametrize("kind", ["tables, no marks", "in WAL mode", "crashed"])
def test_every_command_refuses_a_file_of_another_program(
    command: list[str], kind: str, path: Path
) -> None:
    FOREIGN_FILES[kind](path)
    before = contents(path.parent)

    done = CliRunner().invoke(app, command, env={"SQLITE_PATH": str(path)}, input="")

    assert (done.exit_code, done.stdout) == (2, "")
    assert FOREIGN in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert contents(path.parent) == before


def test_the_server_refuses_a_file_of_another_program(path: Path) -> None:
    FOREIGN_FILES["in WAL mode"](path)
    before = contents(path.parent)

    with starting(path.parent.parent) as start:
        server = start("--port", "0", SQLITE_PATH=str(path))
        _, err = server.communicate(timeout=60)

    assert server.returncode == 1
    assert FOREIGN in err
    assert contents(path.parent) == before


@pytest.mark.parametrize("state", ["closed", "crashed"])
def test_a_file_of_a_newer_format_is_refused_and_not_changed(state: str, path: Path) -> None:
    SqliteStore(path).close()
    if state == "crashed":
        leave_behind(path, "PRAGMA user_version = 5")
    else:
        with closing(sqlite3.connect(path)) as db:
            db.execute("PRAGMA user_version = 5")

    assert NEWER in refusal(path)


def test_a_process_refuses_to_write_once_a_newer_version_has_upgraded_the_file(
    path: Path,
) -> None:
    with closing(SqliteStore(path)) as store:
        register(store, squad())
        with closing(sqlite3.connect(path)) as newer:
            newer.execute("PRAGMA user_version = 5")

        with pytest.raises(StoreRefusedError, match="the file now has format 5"):
            store.register([squad()], OnConflict.UPDATE)
        assert names(read_all(store, listing())) == ["squad"]

        with closing(sqlite3.connect(path)) as newer:
            newer.execute("PRAGMA user_version = 4")
        register(store, bert())


def _nothing(_: Path) -> None:
    """Leave no file."""


def _touched(path: Path) -> None:
    path.touch()


def _vacuumed(path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.executescript("CREATE TABLE note (text); DROP TABLE note; VACUUM")
    assert path.stat().st_size


def _in_wal_mode(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA journal_mode = WAL")


@pytest.mark.parametrize("make", [_nothing, _touched, _vacuumed, _in_wal_mode])
def test_an_empty_file_becomes_a_registry_that_is_marked_as_one(
    make: Callable[[Path], None], path: Path
) -> None:
    make(path)

    with closing(SqliteStore(path)) as store:
        register(store, squad())

    header = path.read_bytes()[:100]
    assert header[68:72] == b"MLrg"
    assert int.from_bytes(header[60:64], "big") == 4
    with closing(SqliteStore(path)) as store:
        assert names(read_all(store, listing())) == ["squad"]
        assert list(store.check()) == []
    assert [file.name for file in path.parent.iterdir()] == ["registry.db"]


@pytest.mark.parametrize("name", ["a?mode=ro#b%20c.db", "ä 😀.db", "file:x.db"])
def test_any_name_of_a_file_is_taken_literally(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    with closing(SqliteStore(Path(name))) as store:
        register(store, squad())
        assert store.name == name
    with closing(SqliteStore(Path(name))) as store:
        assert names(read_all(store, listing())) == ["squad"]

    assert [file.name for file in tmp_path.iterdir()] == [name]


def test_a_file_is_found_through_a_symlink_together_with_its_wal(
    path: Path, tmp_path: Path
) -> None:
    FOREIGN_FILES["crashed"](path)
    (tmp_path / "link.db").symlink_to(path)
    before = contents(path.parent)

    with pytest.raises(StoreSetupError, match=FOREIGN):
        SqliteStore(tmp_path / "link.db")

    assert contents(path.parent) == before


def test_opening_a_file_again_keeps_the_locks_of_the_first_store(path: Path) -> None:
    with closing(SqliteStore(path)) as first:
        SqliteStore(path).close()

        # Without these locks another process is the last to close the file, and deletes the
        # -wal that the first store goes on writing to.
        other = f"import sqlite3; sqlite3.connect({str(path)!r}).execute('PRAGMA user_version')"
        subprocess.run([sys.executable, "-c", other], check=True)  # noqa: S603 - our own program
        register(first, squad())

        with closing(sqlite3.connect(path)) as db:
            assert db.execute("SELECT name FROM artifact").fetchall() == [("squad",)]
