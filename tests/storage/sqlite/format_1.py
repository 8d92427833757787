"""A file of format 1 with its export, and the statements of the version that wrote it.

`registry-format-1.db` was made by that version from the first lines of the sample, some odd
names, references of all kinds and two updates; `registry-format-1.ndjson` is its own export.
The statements are that version's text, not built from today's code.
"""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

FILE = Path(__file__).with_name("registry-format-1.db")
EXPORT = FILE.with_suffix(".ndjson").read_bytes()

TABLES = """
CREATE TABLE IF NOT EXISTS artifact (
    id TEXT PRIMARY KEY,
    type TEXT NOT NULL,
    name TEXT NOT NULL,
    name_normalized TEXT NOT NULL,
    name_key TEXT NOT NULL,
    url TEXT NOT NULL,
    download_url TEXT,
    license TEXT,
    tags TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    created_key TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    named_at TEXT NOT NULL,
    rating TEXT,
    UNIQUE (type, url)
) STRICT;
CREATE UNIQUE INDEX IF NOT EXISTS artifact_by_name ON artifact (type, name_key);
CREATE UNIQUE INDEX IF NOT EXISTS artifact_by_creation ON artifact (type, created_key);
CREATE INDEX IF NOT EXISTS artifact_by_bearing
    ON artifact (type, name_normalized, named_at, id);
CREATE UNIQUE INDEX IF NOT EXISTS artifact_by_naming ON artifact (named_at, id);
CREATE TABLE IF NOT EXISTS reference (
    model_id TEXT NOT NULL REFERENCES artifact ON DELETE CASCADE,
    position INTEGER NOT NULL,
    kind TEXT NOT NULL,
    by TEXT NOT NULL,
    value TEXT NOT NULL,
    target TEXT NOT NULL,
    PRIMARY KEY (model_id, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS reference_by_target ON reference (kind, by, target, model_id);
"""
INSERT = """
INSERT INTO artifact (id, type, name, name_normalized, name_key, url, download_url, license,
                      tags, version, created_at, created_key, updated_at, named_at, rating)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (id) DO UPDATE SET type = excluded.type, name = excluded.name,
    name_normalized = excluded.name_normalized, name_key = excluded.name_key,
    url = excluded.url, download_url = excluded.download_url, license = excluded.license,
    tags = excluded.tags, version = excluded.version, created_at = excluded.created_at,
    created_key = excluded.created_key, updated_at = excluded.updated_at,
    named_at = excluded.named_at, rating = excluded.rating
"""
DELETE = "DELETE FROM artifact WHERE id = ?"
RESET = "DELETE FROM artifact WHERE id IN (SELECT id FROM artifact LIMIT ?)"
FIND_BY_URL = """
SELECT id, type, name, url, download_url, version, named_at, created_at, license, rating,
       (SELECT json_group_array(json_array(kind, by, value))
          FROM (SELECT kind, by, value FROM reference
                 WHERE model_id = artifact.id ORDER BY position)),
       tags, updated_at
  FROM artifact WHERE type = ? AND url = ?
"""


def copy_to(path: Path) -> Path:
    """Copy the file of format 1."""
    shutil.copyfile(FILE, path)
    return path


def connect(path: Path) -> sqlite3.Connection:
    """Open a file as the version of format 1 does."""
    db = sqlite3.connect(path, timeout=4.5, isolation_level=None, check_same_thread=False)
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
        db.execute(f"PRAGMA {pragma}")
    (version,) = db.execute("PRAGMA user_version").fetchone()
    if version not in (0, 1):
        raise RuntimeError("was written by another version of the registry")
    if version == 0:
        db.executescript(TABLES)
        db.execute("PRAGMA user_version = 1")
    return db


def assert_has_all(path: Path) -> None:
    """Check that a file is of format 1 and has all that the file of format 1 has."""
    with (
        closing(connect(path)) as db,
        closing(sqlite3.connect(f"{FILE.as_uri()}?immutable=1", uri=True)) as original,
    ):
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert list(db.iterdump()) == list(original.iterdump())


def row(n: int) -> tuple[object, ...]:
    """Return the row of dataset n, as the version of format 1 writes it."""
    id_, name = f"01b00000-0000-7000-8000-{n:012}", f"old {n}"
    at = f"2026-12-01T00:00:00.{n + 1:06}"
    url, zone = f"https://example.org/old/{n}", "+00:00"
    times = (f"{at}{zone}", f"{at}Z#{id_}", f"{at}{zone}", f"{at}{zone}")
    key = f"{name}\x00{id_}"
    return (id_, "dataset", name, name, key, url, None, None, "[]", 1, *times, None)


def write(db: sqlite3.Connection, n: int) -> None:
    """Register dataset n, as the version of format 1 does."""
    db.execute("BEGIN IMMEDIATE")
    try:
        db.execute(INSERT, row(n))
        db.execute("COMMIT")
    except BaseException:
        db.execute("ROLLBACK")
        raise
