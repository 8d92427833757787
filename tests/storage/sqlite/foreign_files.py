"""Files of other programs, in every state in which one may lie at SQLITE_PATH."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from tests.storage.sqlite import format_1
from tests.storage.sqlite.processes import leave_behind

TWO_TABLES = "CREATE TABLE artifact (id TEXT, title TEXT); CREATE TABLE reference (id TEXT);"


def _closed(script: str) -> Callable[[Path], None]:
    def make(path: Path) -> None:
        with closing(sqlite3.connect(path, isolation_level=None)) as db:
            db.executescript(script)

    return make


def _crashed(*statements: str) -> Callable[[Path], None]:
    return lambda path: leave_behind(path, *statements)


def _crashed_and_moved(*statements: str) -> Callable[[Path], None]:
    def make(path: Path) -> None:
        leave_behind(path, *statements)
        path.with_name(f"{path.name}-shm").unlink()

    return make


def _format_1_with(change: str) -> Callable[[Path], None]:
    return _closed(f"{format_1.TABLES} PRAGMA user_version = 1; {change}")


FOREIGN_FILES: dict[str, Callable[[Path], None]] = {
    "tables, no marks": _closed("CREATE TABLE note (text)"),
    "a view alone": _closed("CREATE VIEW one AS SELECT 1"),
    "version 1, other tables": _closed("CREATE TABLE note (text); PRAGMA user_version = 1"),
    "version 2, other tables": _closed("CREATE TABLE note (text); PRAGMA user_version = 2"),
    "no tables, version 1": _closed("PRAGMA user_version = 1"),
    "no tables, application id": _closed("PRAGMA application_id = 77"),
    "our names, other columns": _closed(f"{TWO_TABLES} PRAGMA user_version = 1"),
    "format 1, a table more": _format_1_with("CREATE TABLE note (text)"),
    "format 1, a table less": _format_1_with("DROP TABLE reference"),
    "format 1, a column more": _format_1_with("ALTER TABLE artifact ADD COLUMN note TEXT"),
    "format 1, another version": _format_1_with("PRAGMA user_version = 2"),
    "format 1, application id": _format_1_with("PRAGMA application_id = 77"),
    "in WAL mode": _closed("PRAGMA journal_mode = WAL; CREATE TABLE note (text)"),
    "crashed": _crashed("CREATE TABLE note (text)"),
    "crashed, version 1": _crashed("CREATE TABLE note (text)", "PRAGMA user_version = 1"),
    "crashed, -shm lost": _crashed_and_moved("CREATE TABLE note (text)"),
}
"""The functions that make each, at a path; of those that crashed, everything is in the -wal."""
