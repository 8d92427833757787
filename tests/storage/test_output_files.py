"""Files that commands write: pipes, links, full disks, and files that they must not replace."""

import json
import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from storage.sqlite.store import SqliteStore
from tests.storage.command_line import Run
from tests.storage.samples import squad
from tests.storage.store_calls import register_one, update


def test_an_export_writes_to_pipes_and_through_links(run: Run, tmp_path: Path) -> None:
    run("create")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "target.ndjson").write_text("old")
    (tmp_path / "link.ndjson").symlink_to("target.ndjson")
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)

    assert run("export", "pipe").exit_code == 0
    assert run("export", "link.ndjson", "--force").exit_code == 0

    os.close(reader)
    assert (tmp_path / "pipe").is_fifo()
    assert (tmp_path / "link.ndjson").is_symlink()
    assert (tmp_path / "target.ndjson").read_text() == ""


@pytest.mark.parametrize("lines", [10, 10_000], ids=["at the end", "before it"])
def test_rejected_lines_that_cannot_be_written_are_reported_in_one_line(
    run: Run, tmp_path: Path, lines: int
) -> None:
    (tmp_path / "in.ndjson").write_bytes(b"[]\n" * lines)

    result = run("import", "in.ndjson", "--rejects", "/dev/full")

    assert result.exit_code == 1
    assert result.stderr.splitlines()[-1] == (
        "/dev/full: No space left on device; registered 0 before"
    )


@pytest.mark.parametrize("name", ["registry.db", "link.db", "registry.db-wal"])
def test_an_export_does_not_replace_the_store_itself(
    run: Run, tmp_path: Path, name: str
) -> None:
    run("create")
    (tmp_path / "link.db").symlink_to("registry.db")

    result = run("export", name)

    assert (result.exit_code, result.stderr) == (
        2,
        f"{name} belongs to the store itself; choose another name\n",
    )
    assert run("check").exit_code == 0


def test_an_export_replaces_a_file_only_on_request(run: Run, tmp_path: Path) -> None:
    run("create")
    backup = tmp_path / "backup.ndjson"
    backup.write_text("precious")
    backup.chmod(0o640)

    refused = run("export", "backup.ndjson")
    assert (refused.exit_code, refused.stderr) == (
        2,
        (
            "backup.ndjson exists already, and was not changed; choose another name, or replace"
            " it with --force\n"
        ),
    )
    assert backup.read_text() == "precious"

    assert run("export", "backup.ndjson", "--force").exit_code == 0
    assert (backup.read_text(), backup.stat().st_mode & 0o777) == ("", 0o640)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (".", "is a directory; add the name of a file"),
        ("missing/out.ndjson", "cannot be written: its directory does not exist"),
    ],
)
def test_an_export_to_no_file_is_refused(run: Run, name: str, message: str) -> None:
    run("create")

    result = run("export", name)

    assert (result.exit_code, result.stderr) == (2, f"{name} {message}\n")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("backup.ndjson", "exists already, and was not changed"),
        ("registry.db", "belongs to the store itself"),
        ("in.ndjson", "is the file to import"),
    ],
)
def test_rejected_lines_do_not_replace_the_store_or_the_input(
    run: Run, tmp_path: Path, name: str, message: str
) -> None:
    run("create")
    (tmp_path / "in.ndjson").write_text("[]\n")
    (tmp_path / "backup.ndjson").write_text("precious")

    result = run("import", "in.ndjson", "--rejects", name)

    assert (result.exit_code, result.stderr) == (
        2,
        f"{name} {message}; choose another name\n",
    )
    assert (tmp_path / "in.ndjson").read_text() == "[]\n"
    assert (tmp_path / "backup.ndjson").read_text() == "precious"
    assert run("check").exit_code == 0


def test_an_export_without_a_change_that_cannot_be_read_is_incomplete(
    run: Run, tmp_path: Path
) -> None:
    with closing(SqliteStore(tmp_path / "registry.db")) as store:
        made = register_one(store, squad())
        for text in ("a", "b", "c"):
            update(store, made, license=text)
    with closing(sqlite3.connect(tmp_path / "registry.db")) as db, db:
        db.execute("UPDATE change SET fields = '{' WHERE version = 3")

    result = run("export", "out.ndjson")

    assert result.exit_code == 1
    assert result.stderr == (
        f"exported 1 artifact and 3 changes from the file {tmp_path / 'registry.db'}"
        f" to {tmp_path / 'out.ndjson.incomplete'}"
        f"\nincomplete:\nversion 3 of {made.id} cannot be read\n"
    )
    lines = map(json.loads, (tmp_path / "out.ndjson.incomplete").read_text().splitlines())
    assert [line["version"] for line in lines] == [4, 4, 2, 1]
