"""Old code that has a file open while it is upgraded fails to write, and goes on reading."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from storage.sqlite.store import SqliteStore
from tests.storage.samples import squad
from tests.storage.sqlite import format_1, format_2
from tests.storage.sqlite.old_files import OLD_LINES, copy_to, format_of, read_lines
from tests.storage.store_calls import register

KNOWN = "https://example.org/odd/1"
NO_COLUMN = "table artifact has no column named name_key"
NO_FUNCTION = "no such function: knows_format_2"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return format_1.copy_to(tmp_path / "registry.db")


@pytest.fixture
def old(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection of the old code, which has used its statements, on an upgraded file."""
    with closing(format_1.connect(path)) as db:
        format_1.write(db, 0)
        db.execute(format_1.DELETE, (format_1.row(0)[0],))
        SqliteStore(path).close()
        yield db


@pytest.mark.parametrize(
    ("statement", "values", "message"),
    [
        (format_1.INSERT, format_1.row(1), NO_COLUMN),
        (format_1.DELETE, ("01b00000-0000-7000-8000-000000000000",), NO_FUNCTION),
        (format_1.RESET, (1_000,), NO_FUNCTION),
    ],
)
def test_old_code_that_has_the_file_open_fails_at_its_next_write(
    statement: str,
    values: tuple[object, ...],
    message: str,
    old: sqlite3.Connection,
    path: Path,
) -> None:
    old.execute("BEGIN IMMEDIATE")
    with pytest.raises(sqlite3.OperationalError, match=message):
        old.execute(statement, values)
    old.execute("ROLLBACK")

    assert read_lines(path) == OLD_LINES


def test_old_code_that_has_the_file_open_fails_to_update_an_artifact(
    old: sqlite3.Connection, path: Path
) -> None:
    (id_,) = old.execute("SELECT id FROM artifact WHERE url = ?", [KNOWN]).fetchone()
    row = format_1.row(1)

    with pytest.raises(sqlite3.OperationalError, match=NO_COLUMN):
        old.execute(format_1.INSERT, (id_, *row[1:]))

    assert read_lines(path) == OLD_LINES


def test_old_code_that_has_the_file_open_goes_on_reading(old: sqlite3.Connection) -> None:
    assert old.execute(format_1.FIND_BY_URL, ("dataset", KNOWN)).fetchone()[3] == KNOWN


def test_old_code_refuses_to_open_an_upgraded_file(path: Path) -> None:
    SqliteStore(path).close()

    with pytest.raises(RuntimeError, match="another version"):
        format_1.connect(path)


def test_code_of_format_2_that_has_the_file_open_refuses_to_write_and_goes_on_reading(
    tmp_path: Path,
) -> None:
    path = copy_to(tmp_path / "registry.db", 2)
    with closing(format_2.connect(path)) as old:
        format_2.write(old, 1)
        SqliteStore(path).close()

        with pytest.raises(format_2.OldCodeRefusedError, match="format 4"):
            format_2.write(old, 2)
        row = old.execute(format_2.FIND_BY_URL, ("dataset", KNOWN)).fetchone()

    assert row[3] == KNOWN
    assert [line["name"] for line in read_lines(path)[len(OLD_LINES) :]] == ["old 1"]


def test_old_code_that_creates_a_file_together_with_new_code_fails(tmp_path: Path) -> None:
    path = tmp_path / "new.db"
    with closing(SqliteStore(path)) as store:
        register(store, squad())
    # The old code found the file empty, then the new code created it, then the old code
    # went on: some of its tables exist already, and it cannot create the rest.
    with closing(sqlite3.connect(path, isolation_level=None)) as old:
        with pytest.raises(sqlite3.OperationalError, match="no such column: name_key"):
            old.executescript(format_1.TABLES)
        with pytest.raises(sqlite3.OperationalError, match=NO_COLUMN):
            format_1.write(old, 1)

    assert [line["name"] for line in read_lines(path)] == ["squad"]
    assert format_of(path) == 4
