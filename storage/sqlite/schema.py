"""The tables of a registry file, and the triggers that admit only writers of its format."""

import sqlite3

APPLICATION_ID = int.from_bytes(b"MLrg", "big")
"""Marks a SQLite file as a registry; format 1 did not have it yet."""
FORMAT = 2
"""The format that this version writes, stored as `user_version`."""

_TABLES = (
    """
    CREATE TABLE artifact (
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
    ) STRICT
    """,
    "CREATE UNIQUE INDEX artifact_by_name ON artifact (type, name_key)",
    "CREATE UNIQUE INDEX artifact_by_creation ON artifact (type, created_key)",
    "CREATE INDEX artifact_by_bearing ON artifact (type, name_normalized, named_at, id)",
    "CREATE UNIQUE INDEX artifact_by_naming ON artifact (named_at, id)",
    """
    CREATE TABLE reference (
        model_id TEXT NOT NULL REFERENCES artifact ON DELETE CASCADE,
        position INTEGER NOT NULL,
        kind TEXT NOT NULL,
        by TEXT NOT NULL,
        value TEXT NOT NULL,
        target TEXT NOT NULL,
        PRIMARY KEY (model_id, position)
    ) STRICT, WITHOUT ROWID
    """,
    "CREATE INDEX reference_by_target ON reference (kind, by, target, model_id)",
)
_WRITER_CHECKS = tuple(
    f"""
    CREATE TRIGGER IF NOT EXISTS writer_check_before_{action.lower()}
    BEFORE {action} ON artifact WHEN registry_format() <> {FORMAT}
    BEGIN
        SELECT RAISE(ABORT, 'the file was upgraded; run the version that upgraded it');
    END
    """
    for action in ("INSERT", "DELETE")
)
"""Every write inserts into `artifact` or deletes from it.

A process that opened the file before it was upgraded fails there: one of format 1 because
its connection has no function `registry_format`, later ones because theirs returns less.
"""
_MARKS = (
    f"PRAGMA application_id = {APPLICATION_ID}",
    f"PRAGMA user_version = {FORMAT}",
)


def allow_writes(db: sqlite3.Connection) -> None:
    """Let the connection pass the triggers: its process knows this format."""
    # Some builds of SQLite let triggers call built-in functions only, unless told otherwise.
    db.execute("PRAGMA trusted_schema = ON")
    db.create_function("registry_format", 0, lambda: FORMAT, deterministic=True)


def create_tables(db: sqlite3.Connection) -> None:
    """Make an empty file a registry, within a transaction of the caller's."""
    for statement in (*_TABLES, *_WRITER_CHECKS, *_MARKS):
        db.execute(statement)


def upgrade_tables(db: sqlite3.Connection) -> None:
    """Turn format 1 into the present one, within a transaction of the caller's."""
    for statement in (*_WRITER_CHECKS, *_MARKS):
        db.execute(statement)
