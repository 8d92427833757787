"""The tables of a registry file, its format, and how older formats are turned into it."""

import sqlite3
from secrets import token_hex

from storage.artifacts.names import normalise
from storage.artifacts.write_limits import MAX_VERSION
from storage.errors import StoreRefusedError

APPLICATION_ID = int.from_bytes(b"MLrg", "big")
"""Marks a SQLite file as a registry; format 1 did not have it yet."""
FORMAT = 4
"""The format that this version writes, stored as `user_version`."""

_NEW_COLUMNS = {
    "artifact": (
        "description TEXT",
        "properties TEXT NOT NULL DEFAULT '[]'",
        "created_by TEXT",
        "updated_by TEXT",
        "content_version INTEGER NOT NULL DEFAULT 0",
        "rated_at TEXT",
        "rated_by TEXT",
    ),
    "reference": (
        "role TEXT",
        "revision TEXT",
        "resolved_id TEXT",
        "resolved_version INTEGER",
        "resolved_named_at TEXT",
    ),
}
"""The columns that formats 1 and 2 did not have."""
_TABLES = (
    f"""
    CREATE TABLE artifact (
        id TEXT PRIMARY KEY,
        type TEXT NOT NULL,
        name TEXT NOT NULL,
        name_normalized TEXT NOT NULL,
        url TEXT NOT NULL,
        download_url TEXT,
        license TEXT,
        tags TEXT NOT NULL,
        version INTEGER NOT NULL,
        created_at TEXT NOT NULL,
        updated_at TEXT NOT NULL,
        named_at TEXT NOT NULL,
        rating TEXT,
        {", ".join(_NEW_COLUMNS["artifact"])},
        UNIQUE (type, url)
    ) STRICT
    """,
    "CREATE INDEX artifact_by_bearing ON artifact (type, name_normalized, named_at, id)",
    "CREATE UNIQUE INDEX artifact_by_naming ON artifact (named_at, id)",
    f"""
    CREATE TABLE reference (
        model_id TEXT NOT NULL REFERENCES artifact ON DELETE CASCADE,
        position INTEGER NOT NULL,
        kind TEXT NOT NULL,
        by TEXT NOT NULL,
        value TEXT NOT NULL,
        target TEXT NOT NULL,
        {", ".join(_NEW_COLUMNS["reference"])},
        PRIMARY KEY (model_id, position)
    ) STRICT, WITHOUT ROWID
    """,
    "CREATE INDEX reference_by_target ON reference (kind, by, target, model_id)",
)
_NEW_TABLES = (
    # In the feed are the changes with a positive `seq`, in the order of commits. The older
    # changes of imported artifacts are not in the feed, and have a negative one.
    """
    CREATE TABLE change (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        artifact_id TEXT NOT NULL,
        version INTEGER NOT NULL,
        type TEXT NOT NULL,
        name TEXT NOT NULL,
        kind TEXT NOT NULL,
        at TEXT NOT NULL,
        by TEXT,
        request_id TEXT,
        retained_from TEXT NOT NULL,
        fields TEXT NOT NULL
    ) STRICT
    """,
    "CREATE UNIQUE INDEX change_by_version ON change (artifact_id, version)",
    "CREATE INDEX change_by_age ON change (seq > 0, retained_from)",
    """
    CREATE TABLE deleted (
        id TEXT PRIMARY KEY,
        version INTEGER NOT NULL,
        at TEXT NOT NULL,
        artifact TEXT
    ) STRICT
    """,
    "CREATE INDEX deleted_by_time ON deleted (at)",
    "CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID",
)
_DELETE_CHECK = """
    CREATE TRIGGER IF NOT EXISTS artifact_deleted_by_format_1
    BEFORE DELETE ON artifact WHEN NOT knows_format_2()
    BEGIN
        SELECT RAISE(ABORT, 'the process does not know format 2');
    END
"""
"""Processes of format 1 do not look at the format again once they have opened a file.

They must not write to one that was upgraded in the meantime. To insert or update, they need
the columns `name_key` and `created_key`; to delete, a function that their connections do not
have. They can go on reading single artifacts. Later versions call `check_format`.
"""
_OLD_COLUMNS = ("name_key", "created_key", "creation_key")
"""The columns by which formats 1 to 3 listed artifacts; `created_key` is format 1's."""
_HAS_COLUMN = "SELECT 1 FROM pragma_table_info('artifact') WHERE name = ?"
_INDEXES_OF_COLUMN = """
SELECT indexes.name
  FROM pragma_index_list('artifact') AS indexes, pragma_index_info(indexes.name) AS columns
 WHERE columns.name = ?
"""
_HIGHEST_UPGRADED = MAX_VERSION // 2
_FILL_NEW_COLUMNS = f"""
    UPDATE artifact
       SET version = min(version, {_HIGHEST_UPGRADED}),
           content_version = min(version, {_HIGHEST_UPGRADED})
"""  # noqa: S608 - a constant
"""Older versions let versions be imported that are too high for the API; others follow them."""
_NORMALISE_NAMES = """
    UPDATE artifact
       SET name_normalized = normalise(name)
     WHERE name_normalized <> normalise(name)
"""
_NORMALISE_REFERENCES = """
    UPDATE reference SET target = normalise(value)
     WHERE by = 'name' AND target <> normalise(value)
"""
_MARKS = (
    f"PRAGMA application_id = {APPLICATION_ID}",
    f"PRAGMA user_version = {FORMAT}",
)


def allow_deletes(db: sqlite3.Connection) -> None:
    """Let the connection delete artifacts: its process knows format 2 and later ones."""
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
    for statement in (*_TABLES, *_NEW_TABLES, _DELETE_CHECK):
        db.execute(statement)
    _finish(db)


def upgrade_tables(db: sqlite3.Connection) -> None:
    """Turn older formats into the present one, within a transaction of the caller's."""
    for column in _OLD_COLUMNS:
        _drop_column(db, column)
    if not _has_column(db, "content_version"):  # format 3 has it
        _add_columns(db)
        for statement in _NEW_TABLES:
            db.execute(statement)
    db.execute(_DELETE_CHECK)
    _finish(db)


def _has_column(db: sqlite3.Connection, column: str) -> bool:
    return db.execute(_HAS_COLUMN, (column,)).fetchone() is not None


def _drop_column(db: sqlite3.Connection, column: str) -> None:
    """Drop a column of the artifacts, if there is one, with its indexes."""
    if not _has_column(db, column):
        return
    for (index,) in db.execute(_INDEXES_OF_COLUMN, (column,)).fetchall():
        db.execute(f'DROP INDEX "{index}"')
    db.execute(f"ALTER TABLE artifact DROP COLUMN {column}")


def _add_columns(db: sqlite3.Connection) -> None:
    for table, columns in _NEW_COLUMNS.items():
        for column in columns:
            db.execute(f"ALTER TABLE {table} ADD COLUMN {column}")
    db.create_function("normalise", 1, normalise, deterministic=True)
    for statement in (_FILL_NEW_COLUMNS, _NORMALISE_NAMES, _NORMALISE_REFERENCES):
        db.execute(statement)


def _finish(db: sqlite3.Connection) -> None:
    values = {"epoch": "1", "identity": token_hex(16)}
    db.executemany("INSERT OR IGNORE INTO setting VALUES (?, ?)", values.items())
    for statement in _MARKS:
        db.execute(statement)
