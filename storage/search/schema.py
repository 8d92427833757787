"""The tables of the search index, which every store has in an SQLite file.

`search_artifact` has what artifacts are filtered and ordered by, `search_text` their folded
text, and `search_words` its trigrams, without their positions: with these, the index would be
five times as large, and writes take twice as long. What it finds has to be looked at in
`search_text`. Texts ending in `_normalized` are compared; those without are as they were given,
but licenses are SPDX expressions where these can be derived.
"""

import sqlite3

VERSION = "5"
"""The version of these tables, of their contents, and of how text is folded."""
WORDS = "search_words"
"""The table of trigrams."""


def _create_words(name: str) -> tuple[str, ...]:
    """Return the statements that create a table of trigrams."""
    # Writes must not pay for merging: `merge_words` does it in the background. They merge only
    # if nobody did it for long, because FTS5 fails at 2,000 segments.
    settings = {"automerge": 0, "usermerge": 8, "crisismerge": 1_000}
    return (
        f"""
        CREATE VIRTUAL TABLE {name} USING fts5(
            name, other, content = 'search_text', content_rowid = 'row', detail = 'none',
            tokenize = 'trigram case_sensitive 1'
        )
        """,
        *(
            f"INSERT INTO {name} ({name}, rank) VALUES ('{setting}', {value})"  # noqa: S608 - constants
            for setting, value in settings.items()
        ),
    )


TABLES = (
    """
    CREATE TABLE search_artifact (
        row INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        type TEXT NOT NULL,
        version INTEGER NOT NULL,
        name TEXT NOT NULL,
        name_normalized TEXT NOT NULL,
        named_at TEXT NOT NULL,
        url TEXT NOT NULL,
        license TEXT,
        license_normalized TEXT,
        created_by TEXT,
        created_by_normalized TEXT,
        created_at TEXT NOT NULL,
        updated_at TEXT NOT NULL,
        is_tagged INTEGER NOT NULL,
        has_properties INTEGER NOT NULL,
        is_rated INTEGER NOT NULL,
        net_score REAL
    ) STRICT
    """,
    "CREATE INDEX search_by_name ON search_artifact (type, name_normalized, id)",
    "CREATE INDEX search_by_creation ON search_artifact (type, created_at, id)",
    "CREATE INDEX search_by_update ON search_artifact (type, updated_at, id)",
    "CREATE INDEX search_by_score ON search_artifact (type, net_score, id)",
    "CREATE INDEX search_by_rating ON search_artifact (type, is_rated)",
    "CREATE INDEX search_by_url ON search_artifact (type, url)",
    "CREATE INDEX search_by_license ON search_artifact (type, license_normalized, license)",
    """
    CREATE INDEX search_by_creator
    ON search_artifact (type, created_by_normalized, created_by)
    """,
    "CREATE INDEX search_untagged ON search_artifact (type) WHERE is_tagged = 0",
    """
    CREATE INDEX search_without_properties ON search_artifact (type) WHERE has_properties = 0
    """,
    """
    CREATE TABLE search_tag (
        row INTEGER NOT NULL,
        tag_normalized TEXT NOT NULL,
        type TEXT NOT NULL,
        tag TEXT NOT NULL,
        PRIMARY KEY (row, tag_normalized)
    ) STRICT, WITHOUT ROWID
    """,
    "CREATE INDEX search_by_tag ON search_tag (type, tag_normalized, tag, row)",
    """
    CREATE TABLE search_property (
        row INTEGER NOT NULL,
        key_normalized TEXT NOT NULL,
        type TEXT NOT NULL,
        key TEXT NOT NULL,
        value TEXT NOT NULL,
        value_normalized TEXT NOT NULL,
        repeats INTEGER NOT NULL,
        PRIMARY KEY (row, key_normalized, key)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE INDEX search_by_property
    ON search_property (type, key_normalized, value_normalized, value, repeats, row)
    """,
    """
    CREATE TABLE search_reference (
        row INTEGER NOT NULL,
        position INTEGER NOT NULL,
        kind TEXT NOT NULL,
        role TEXT,
        by TEXT NOT NULL,
        target TEXT NOT NULL,
        resolved_id TEXT,
        PRIMARY KEY (row, position)
    ) STRICT, WITHOUT ROWID
    """,
    "CREATE INDEX search_by_target ON search_reference (kind, by, target, row)",
    """
    CREATE TABLE search_text (
        row INTEGER PRIMARY KEY,
        name TEXT NOT NULL,
        other TEXT NOT NULL
    ) STRICT
    """,
    "CREATE INDEX search_by_text ON search_text (name)",
    *_create_words(WORDS),
    "CREATE TABLE search_chunk (chunk INTEGER PRIMARY KEY, version INTEGER NOT NULL) STRICT",
    "CREATE TABLE search_setting (name TEXT PRIMARY KEY, value TEXT) STRICT, WITHOUT ROWID",
)
"""Times are UTC with six fraction digits, so that their texts are in their order."""

_NAMES = (
    "search_artifact", "search_tag", "search_property", "search_reference", "search_text",
    "search_words", "search_chunk", "search_setting",
)  # fmt: skip


def create_tables(db: sqlite3.Connection) -> None:
    """Create the empty tables, within a transaction of the caller's."""
    for statement in TABLES:
        db.execute(statement)
    db.execute("INSERT INTO search_setting VALUES ('version', ?)", (VERSION,))


def create_words(db: sqlite3.Connection, name: str) -> None:
    """Create an empty table of trigrams with a name of its own, to replace WORDS later."""
    for statement in _create_words(name):
        db.execute(statement)


def drop_tables(db: sqlite3.Connection) -> None:
    """Drop the tables of any version, within a transaction of the caller's."""
    for name in _NAMES:
        db.execute(f"DROP TABLE IF EXISTS {name}")


def is_current(db: sqlite3.Connection) -> bool:
    """Return whether the file has the tables of this version."""
    has_settings = "SELECT 1 FROM sqlite_schema WHERE name = 'search_setting'"
    if db.execute(has_settings).fetchone() is None:
        return False
    row = db.execute("SELECT value FROM search_setting WHERE name = 'version'").fetchone()
    return bool(row == (VERSION,))
