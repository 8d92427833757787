"""Files of formats 1 to 3, each with the artifacts of format 1's own export."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import orjson

from storage.artifacts.changes import input_fields
from storage.artifacts.records import Artifact
from storage.sqlite.store import SqliteStore
from tests.storage.sqlite import format_1, format_2

FILES = {
    1: format_1.FILE,
    2: format_2.FILE,
    3: Path(__file__).with_name("registry-format-3.db"),
}
OLD_LINES = [orjson.loads(line) for line in format_1.EXPORT.splitlines()]


def copy_to(path: Path, format_: int) -> Path:
    """Copy the file of a format."""
    shutil.copyfile(FILES[format_], path)
    return path


def format_of(path: Path) -> int:
    """Return the format of a file, without opening it as a store does."""
    with closing(sqlite3.connect(f"{path.as_uri()}?immutable=1", uri=True)) as db:
        (version,) = db.execute("PRAGMA user_version").fetchone()
    return int(version)


def read_lines(path: Path) -> list[dict[str, Any]]:
    """Return all artifacts of a file, which must be consistent, as format 1 exports them."""
    with closing(SqliteStore(path)) as store:
        assert list(store.check()) == []
        return [_to_line(artifact) for artifact in store.scan()]


def _to_line(artifact: Artifact) -> dict[str, Any]:
    return {
        "type": artifact.type.value,
        "id": artifact.id,
        **input_fields(artifact),
        "version": artifact.version,
        "createdAt": artifact.created_at.isoformat(),
        "updatedAt": artifact.updated_at.isoformat(),
        "namedAt": artifact.named_at.isoformat(),
    }
