"""The command line: output and exit codes."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from uuid import uuid4

import pytest

from storage.artifacts.writes import OnConflict
from storage.sqlite.store import SqliteStore
from tests.storage.command_line import Run
from tests.storage.engines import ENDPOINT, LOCAL
from tests.storage.samples import listing, squad
from tests.storage.store_calls import read_all
from tests.storage.transfer.messy import messy_lines


def test_create_import_and_export(run: Run, tmp_path: Path) -> None:
    lines, expected = messy_lines(scale=50)
    (tmp_path / "in.ndjson").write_bytes(b"".join(lines))

    assert run("create").exit_code == 0
    assert run("create").exit_code == 0
    done = run("import", "in.ndjson", "--rejects", "rejects.ndjson")

    assert done.exit_code == 1
    assert done.stdout.splitlines() == [
        f"registered {expected.registered}",
        "updated 0",
        "unchanged 0",
        f"rejected {expected.duplicates + expected.unreadable + expected.invalid}",
        f"  ALREADY_EXISTS {expected.duplicates}",
        f"  UNREADABLE {expected.unreadable}",
        f"  INVALID {expected.invalid}",
    ]
    rejected = expected.duplicates + expected.unreadable + expected.invalid
    assert len(done.stderr.splitlines()) == rejected
    assert "line 8: url: must be an absolute url with a scheme and a host" in done.stderr
    rejects = [json.loads(r) for r in (tmp_path / "rejects.ndjson").read_text().splitlines()]
    assert len(rejects) == expected.duplicates + expected.unreadable + expected.invalid
    assert {reject["reason"] for reject in rejects} == {
        "ALREADY_EXISTS",
        "UNREADABLE",
        "INVALID",
    }

    out = run("export", "out.ndjson")
    registered = f"{expected.registered:,}"
    source = f"from the file {tmp_path / 'registry.db'}"
    counts = f"exported {registered} artifacts and {registered} changes {source}"
    assert (out.exit_code, out.stderr) == (0, f"{counts} to {tmp_path / 'out.ndjson'}\n")
    plain = run("export", "-")
    assert plain.stdout == (tmp_path / "out.ndjson").read_text()

    again = run("import", "out.ndjson", SQLITE_PATH=str(tmp_path / "second.db"))
    assert again.stdout.splitlines()[0] == f"registered {expected.registered}"
    second = run("export", "-", SQLITE_PATH=str(tmp_path / "second.db"))
    assert second.stdout == plain.stdout
    artifacts = run("export", "-", "--no-history")
    assert artifacts.stderr == f"exported {registered} artifacts {source}\n"
    assert set(artifacts.stdout.splitlines()) < set(plain.stdout.splitlines())
    assert run("check").exit_code == 0


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("STORE", "postgres"),
        ("DDB_TABLE_NAME", "a table"),
        ("AWS_REGION", "nowhere"),
        ("SEARCH_INDEX_PATH", ""),
        ("SEARCH_MAX_AGE", "-1"),
        ("SQLITE_PATH", "/missing/directory/registry.db"),
    ],
)
def test_an_invalid_setting_is_named(run: Run, variable: str, value: str) -> None:
    done = run("export", "-", **{variable: value})

    assert done.exit_code == 2
    assert variable in done.stderr
    assert "Traceback" not in done.stderr


def test_a_file_that_is_not_a_registry_is_named_and_not_changed(
    run: Run, tmp_path: Path
) -> None:
    (tmp_path / "registry.db").write_bytes(b"something else" * 100)

    done = run("create")

    assert done.exit_code == 2
    assert "SQLITE_PATH" in done.stderr
    assert (tmp_path / "registry.db").read_bytes() == b"something else" * 100


def test_a_missing_file_to_import_is_named(run: Run) -> None:
    done = run("import", "missing.ndjson")

    assert done.exit_code != 0
    assert "missing.ndjson" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_endpoint_that_is_down_is_reported_in_one_line(run: Run) -> None:
    done = run("export", "-", **{"STORE": "dynamodb", ENDPOINT: "http://127.0.0.1:9"})

    assert done.exit_code == 1
    assert done.stderr.startswith("the store failed: ")
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.dynamodb_local
@pytest.mark.skipif(LOCAL is None, reason="moto is in this process alone")
def test_a_missing_table_is_reported_with_the_command_that_creates_it(
    run: Run, tmp_path: Path
) -> None:
    lines, expected = messy_lines(scale=100)
    (tmp_path / "in.ndjson").write_bytes(b"".join(lines))
    settings = {
        "STORE": "dynamodb",
        "DDB_TABLE_NAME": f"artifacts_{uuid4().hex}",
        ENDPOINT: str(LOCAL),
    }

    missing = run("import", "in.ndjson", **settings)
    assert missing.exit_code == 2
    assert "python -m storage create" in missing.stderr
    assert settings["DDB_TABLE_NAME"] in missing.stderr

    assert "was created" in run("create", **settings).stdout
    assert "exists already" in run("create", **settings).stdout
    done = run("import", "in.ndjson", **settings)
    assert done.stdout.splitlines()[0] == f"registered {expected.registered}"
    assert run("check", **settings).exit_code == 0
    assert len(run("export", "-", **settings).stdout.splitlines()) == 2 * expected.registered


def test_retention_is_printed_and_set(run: Run) -> None:
    run("create")

    results = [
        run("retention", *arguments) for arguments in ([], ["90"], [], ["1"], ["forever"])
    ]

    assert [(result.exit_code, result.stdout) for result in results] == [
        (0, "forever\n"),
        (0, "90 days\n"),
        (0, "90 days\n"),
        (0, "1 day\n"),
        (0, "forever\n"),
    ]


@pytest.mark.parametrize("days", ["0", "-1", "1.5", "36501", "never", "", "²"])
def test_an_invalid_retention_is_rejected(run: Run, days: str) -> None:
    run("create")

    result = run("retention", "--", days)

    assert result.exit_code == 2
    assert "forever" in result.stderr
    assert run("retention").stdout == "forever\n"


def test_a_failing_export_leaves_the_file_as_it_is(run: Run, tmp_path: Path) -> None:
    run("create")
    (tmp_path / "backup.ndjson").write_text("precious")
    with closing(sqlite3.connect(tmp_path / "registry.db")) as db:
        db.execute("DROP TABLE deleted")

    result = run("export", "backup.ndjson", "--force")

    assert result.exit_code == 1
    assert (tmp_path / "backup.ndjson").read_text() == "precious"
    assert not list(tmp_path.glob("*.partial"))


def test_acknowledged_writes_are_in_the_file_when_it_is_opened_again(tmp_path: Path) -> None:
    path = tmp_path / "registry.db"
    first = SqliteStore(path)
    first.register([squad()], OnConflict.REJECT)

    second = SqliteStore(path)

    assert [a.name for a in read_all(second, listing())] == ["squad"]
    first.close()
    second.close()


def test_an_incomplete_export_does_not_replace_a_complete_one(run: Run, tmp_path: Path) -> None:
    (tmp_path / "backup.ndjson").write_text("precious")
    (tmp_path / "in.ndjson").write_bytes(
        b"".join(b'{"type": "code", "url": "https://x.org/%d"}\n' % n for n in range(2))
    )
    run("import", "in.ndjson")
    with closing(sqlite3.connect(tmp_path / "registry.db")) as db, db:
        db.execute("UPDATE artifact SET tags = '{' WHERE url LIKE '%1'")

    (tmp_path / "backup.ndjson.incomplete").write_text("older")

    result = run("export", "backup.ndjson", "--force")

    assert result.exit_code == 1
    assert result.stderr.startswith("exported 1 artifact and 1 change from the file ")
    assert (tmp_path / "backup.ndjson.incomplete").read_text() == "older"
    assert (tmp_path / "backup.ndjson").read_text() == "precious"
    lines = (tmp_path / "backup.ndjson.incomplete-2").read_text().splitlines()
    assert [json.loads(line)["name"] for line in lines] == ["0", "0"]


@pytest.mark.parametrize(
    "command",
    [
        ["backup", "out.ndjson"],
        ["check"],
        ["check", "--repair"],
        ["export", "out.ndjson"],
        ["reindex"],
        ["retention", "9"],
    ],
)
def test_a_missing_file_is_an_error_and_not_created(
    run: Run, tmp_path: Path, command: list[str]
) -> None:
    path = tmp_path / "typo.db"

    result = run(*command, SQLITE_PATH=str(path))

    assert result.exit_code == 2
    assert result.stderr == (
        f"SQLITE_PATH: there is no file {path}; `python -m storage create` makes it\n"
    )
    assert not path.exists()
    assert not (tmp_path / "out.ndjson").exists()
