"""The place up to which the search index of a file is filled, while it is incomplete.

It is stored in the file: whoever is killed, the next process goes on from there, and several
processes share the work. Every write updates the index, wherever the place is.
"""

import sqlite3

from storage.search.schema import WORDS, create_tables, drop_tables
from storage.sqlite.search_index import note_change

NEW_WORDS, OLD_WORDS = f"{WORDS}_new", f"{WORDS}_old"
"""The table of trigrams that is being built, and one whose place it took."""
WORDS_TRIGGERS = ("search_words_added", "search_words_removed")
"""They change the new table with the texts."""
_NAME = "filled_up_to"
_READ = "SELECT value FROM search_setting WHERE name = ?"
_WRITE = "INSERT OR REPLACE INTO search_setting VALUES (?, ?)"


def start_over(db: sqlite3.Connection) -> None:
    """Replace the index of whatever version by an empty one, which is to be filled."""
    drop_spares(db)
    drop_tables(db)
    create_tables(db)
    note_change(db)
    if db.execute("SELECT 1 FROM artifact LIMIT 1").fetchone():
        write_place(db, b"")


def drop_spares(db: sqlite3.Connection) -> None:
    """Drop what a build of trigrams that was killed left behind."""
    for trigger in WORDS_TRIGGERS:
        db.execute(f"DROP TRIGGER IF EXISTS {trigger}")
    for table in (NEW_WORDS, OLD_WORDS):
        db.execute(f"DROP TABLE IF EXISTS {table}")


def read_place(db: sqlite3.Connection) -> bytes | None:
    """Return the last id, as stored, up to which the index is filled; None: completely."""
    row = db.execute(_READ, (_NAME,)).fetchone()
    return bytes.fromhex(row[0]) if row else None


def write_place(db: sqlite3.Connection, place: bytes | None) -> None:
    """Write the last id up to which the index is filled; None completes it."""
    if place is None:
        db.execute("DELETE FROM search_setting WHERE name = ?", (_NAME,))
        note_change(db)
    else:
        # Ids may be damaged texts, which the STRICT table would not take.
        db.execute(_WRITE, (_NAME, place.hex()))
