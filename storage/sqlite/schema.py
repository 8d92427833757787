"""The tables of a registry file, its format, and how format 1 is turned into it."""

import sqlite3

from storage.errors import StoreRefusedError

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
        creation_key TEXT NOT NULL,
        updated_at TEXT NOT NULL,
        named_at TEXT NOT NULL,
        rating TEXT,
        UNIQUE (type, url)
    ) STRICT
    """,
    "CREATE UNIQUE INDEX artifact_by_name ON artifact (type, name_key)",
    "CREATE UNIQUE INDEX artifact_by_creation ON artifact (type, creation_key)",
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
_DELETE_CHECK = """
    CREATE TRIGGER IF NOT EXISTS artifact_deleted_by_format_1
    BEFORE DELETE ON artifact WHEN NOT knows_format_2()
    BEGIN
        SELECT RAISE(ABORT, 'the process does not know format 2');
    END
"""
_RENAME_FOR_INSERT = "ALTER TABLE artifact RENAME COLUMN created_key TO creation_key"
"""Processes of format 1 do not look at the format again once they have opened a file.

They must not write to one that was upgraded in the meantime. To insert or update, they need
the column `created_key`; to delete, a function that their connections do not have. They can
go on reading, except in the order of creation. Later versions call `check_format`.
"""
_MARKS = (
    f"PRAGMA application_id = {APPLICATION_ID}",
    f"PRAGMA user_version = {FORMAT}",
)


def allow_deletes(db: sqlite3.Connection) -> None:
    """Let the connection delete artifacts: its process knows format 2."""
    # Some builds of SQLite let triggers call built-in functions only, unless told otherwise.
    db.execute("PRAGMA trusted_schema = ON")
    db.create_function("knows_format_2", 0, lambda: 1, deterministic=True)


def check_format(db: sqlite3.Connection) -> None:
    """Check, within a transaction that writes, that nobody has upgraded the file meanwhile.

    Raises:
        StoreRefusedError: if the format is not the one that this process knows.
    """
    (version,) = db.execute("PRAGMA user_version").fetchone()
    if version != FORMAT:
        raise StoreRefusedError(
            f"the file now has format {version}, and this process writes {FORMAT}; restart it"
            " with the version of the registry that upgraded the file"
        )


def create_tables(db: sqlite3.Connection) -> None:
    """Make an empty file a registry, within a transaction of the caller's."""
    for statement in (*_TABLES, _DELETE_CHECK, *_MARKS):
        db.execute(statement)


def upgrade_tables(db: sqlite3.Connection) -> None:
    """Turn format 1 into the present one, within a transaction of the caller's."""
    columns = db.execute("SELECT name FROM pragma_table_info('artifact')").fetchall()
    # Where old code that found an empty file marked it as format 1, after this code had
    # created the present tables, the marks alone are wrong.
    if ("created_key",) in columns:
        db.execute(_RENAME_FOR_INSERT)
    for statement in (_DELETE_CHECK, *_MARKS):
        db.execute(statement)
