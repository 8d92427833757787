"""Backups: exports that are restored, byte for byte, and copies of files."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from storage.artifacts.writes import OnConflict
from storage.dynamodb.store import DynamoStore
from storage.sqlite.store import SqliteStore
from tests.storage.command_line import Run
from tests.storage.engines import ENGINES, LOCAL, REGION, opened
from tests.storage.samples import squad
from tests.storage.sqlite import format_1
from tests.storage.sqlite.folders import contents
from tests.storage.tables import delete_table
from tests.storage.transfer.round_trip import DELETED, LIVE, export, write_everything

Settings = dict[str, str]


@pytest.fixture(params=ENGINES)
def stores(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[list[Settings]]:
    """The settings of a store with every kind of write, and of one that does not exist yet."""
    with opened(request.param, tmp_path / "registry.db") as store:
        write_everything(store)
        if not isinstance(store, DynamoStore):
            yield [{"SQLITE_PATH": str(tmp_path / name)} for name in ("registry.db", "new.db")]
            return
        names = [store.name, f"artifacts_{uuid4().hex}"]
        common = {"STORE": "dynamodb", "AWS_REGION": REGION}
        if request.param == "dynamodb-local":
            common["AWS_ENDPOINT_URL_DYNAMODB"] = str(LOCAL)
        yield [{**common, "DDB_TABLE_NAME": name} for name in names]
        with suppress(ClientError):
            delete_table(store.client.control, names[1])


def test_a_restored_backup_is_exported_byte_for_byte(
    run: Run, tmp_path: Path, stores: list[Settings]
) -> None:
    settings, new = stores
    saved = run("export", "backup.ndjson", **settings)
    assert run("create", **new).exit_code == 0

    restored = run("import", "backup.ndjson", **new)
    again = run("export", "again.ndjson", **new)

    assert [saved.exit_code, restored.exit_code, again.exit_code] == [0, 0, 0]
    assert restored.stdout.startswith(f"registered {LIVE + DELETED}\n")
    first, second = (tmp_path / f"{n}.ndjson" for n in ("backup", "again"))
    assert first.read_bytes() == second.read_bytes() != b""
    assert run("check", **new).exit_code == 0


def test_an_empty_store_is_not_exported_as_a_registry(
    run: Run, tmp_path: Path, stores: list[Settings]
) -> None:
    (tmp_path / "new.db").touch()

    done = run("export", "out.ndjson", **stores[1])

    assert done.exit_code == 2
    assert "`python -m storage create` makes it" in done.stderr
    assert not (tmp_path / "out.ndjson").exists()
    assert (tmp_path / "new.db").read_bytes() == b""


def test_a_file_is_copied_while_it_is_used(run: Run, tmp_path: Path) -> None:
    path, copy = tmp_path / "registry.db", tmp_path / "copy.db"
    with closing(SqliteStore(path)) as store:
        path.chmod(0o640)
        write_everything(store)
        done = run("backup", "copy.db")
        lines = export(store)
        store.register([squad(url="https://x.org/later")], OnConflict.REJECT)

    assert (done.exit_code, done.stdout) == (0, f"copied the file {path} to {copy}\n")
    assert copy.stat().st_mode & 0o777 == 0o640
    with closing(SqliteStore(copy)) as restored:
        assert export(restored) == lines
        assert list(restored.check()) == []
    assert not list(tmp_path.glob("*.partial"))


def test_a_file_of_an_older_format_is_copied_without_an_upgrade(
    run: Run, tmp_path: Path
) -> None:
    format_1.copy_to(tmp_path / "registry.db")
    before = (tmp_path / "registry.db").read_bytes()

    assert run("backup", "copy.db").exit_code == 0

    assert (tmp_path / "registry.db").read_bytes() == before
    with closing(sqlite3.connect(tmp_path / "copy.db")) as db:
        assert db.execute("PRAGMA user_version").fetchone() == (1,)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("registry.db", "exists already, and was not changed; choose another name"),
        ("old.db", "exists already, and was not changed; choose another name"),
        ("folder", "is a directory; add the name of a file"),
        ("missing/copy.db", "cannot be written: its directory does not exist"),
    ],
)
def test_a_copy_does_not_replace_anything(
    run: Run, tmp_path: Path, name: str, message: str
) -> None:
    run("create")
    (tmp_path / "old.db").write_text("precious")
    before = contents(tmp_path)
    (tmp_path / "folder").mkdir()

    done = run("backup", name)

    assert (done.exit_code, done.stderr) == (2, f"{name} {message}\n")
    (tmp_path / "folder").rmdir()
    assert contents(tmp_path) == before


def test_a_table_is_not_copied_to_a_file(run: Run, tmp_path: Path) -> None:
    done = run("backup", "copy.db", STORE="dynamodb")

    assert done.exit_code == 2
    assert "point-in-time recovery" in done.stderr
    assert list(tmp_path.iterdir()) == []
