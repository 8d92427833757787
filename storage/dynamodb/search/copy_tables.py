"""The tables of a copy beside the search index: items, deleted versions, place in the log."""

import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import orjson

from storage.dynamodb.feed.cursors import Position, Positions
from storage.dynamodb.items.codec import decode
from storage.dynamodb.schema.attributes import ARTIFACT, KEY, Item, Read
from storage.errors import UndecodableError
from storage.search.writing import find_row, remove_artifact, write_artifact

_TABLES = (
    "CREATE TABLE search_item (row INTEGER PRIMARY KEY, item BLOB NOT NULL) STRICT",
    """
    CREATE TABLE search_deleted (id TEXT PRIMARY KEY, version INTEGER NOT NULL)
    STRICT, WITHOUT ROWID
    """,
)
_KNOWN_VERSION = """
SELECT max(version) FROM (SELECT version FROM search_artifact WHERE id = :id
                          UNION ALL SELECT version FROM search_deleted WHERE id = :id)
"""
_PUT_ITEM = "INSERT OR REPLACE INTO search_item (row, item) VALUES (?, ?)"
_PUT_DELETED = """
INSERT INTO search_deleted (id, version) VALUES (?, ?)
ON CONFLICT (id) DO UPDATE SET version = max(version, excluded.version)
"""
_READ_ITEMS = """
SELECT id, item FROM search_artifact JOIN search_item USING (row)
 WHERE id IN (SELECT value FROM json_each(?))
"""
_PUT_SETTING = "INSERT OR REPLACE INTO search_setting (name, value) VALUES (?, ?)"
ATTRIBUTES = tuple(a.name for a in ARTIFACT.values() if a.read is not Read.WITH_ITEM)
"""The attributes that a copy has: those that artifacts are decoded from."""


@dataclass(frozen=True, slots=True)
class CopyPosition:
    """The position of a copy in the log of its table."""

    epoch: int
    log_epoch: int
    positions: Positions
    """Before the first entries that the copy does not have."""


def create_copy_tables(db: sqlite3.Connection, identity: str) -> None:
    """Create the tables beside those of the search index, for the table of this identity."""
    for statement in _TABLES:
        db.execute(statement)
    db.execute(_PUT_SETTING, ("identity", identity))


def read_cursor(db: sqlite3.Connection) -> CopyPosition:
    """Return how far a copy is."""
    row = db.execute("SELECT value FROM search_setting WHERE name = 'cursor'").fetchone()
    try:
        epoch, log_epoch, places = orjson.loads(row[0])
        return CopyPosition(epoch, log_epoch, tuple(Position(*place) for place in places))
    except (TypeError, ValueError) as error:
        raise _corrupt("a copy without a position in the log") from error


def write_cursor(db: sqlite3.Connection, position: CopyPosition) -> None:
    """Write how far a copy is; other settings stay."""
    places = [(place.number, place.offset) for place in position.positions]
    text = orjson.dumps((position.epoch, position.log_epoch, places)).decode()
    db.execute(_PUT_SETTING, ("cursor", text))


def put_item(db: sqlite3.Connection, item: Item) -> None:
    """Put the item of an artifact, unless the copy knows its version or a later one.

    An item that cannot be decoded is left out, as listings do.
    """
    try:
        artifact = decode(item)
    except UndecodableError:
        _remove(db, item[KEY]["S"])
        return
    known = db.execute(_KNOWN_VERSION, {"id": artifact.id}).fetchone()[0]
    if known is None or artifact.version > known:
        row = write_artifact(db, artifact)
        kept = {name: item[name] for name in ATTRIBUTES if name in item}
        db.execute(_PUT_ITEM, (row, orjson.dumps(kept)))


def put_deleted(db: sqlite3.Connection, id_: str, version: int) -> None:
    """Remove an artifact up to a version, and do not take it again in this or earlier ones."""
    row = db.execute("SELECT version FROM search_artifact WHERE id = ?", (id_,)).fetchone()
    if row is not None and row[0] <= version:
        _remove(db, id_)
    db.execute(_PUT_DELETED, (id_, version))


def read_items(db: sqlite3.Connection, ids: Iterable[str]) -> dict[str, Item]:
    """Return the items with these ids; those that the copy does not have are left out."""
    rows = db.execute(_READ_ITEMS, (orjson.dumps(list(ids)).decode(),))
    return {id_: _decode_item(item) for id_, item in rows}


def read_all_items(db: sqlite3.Connection) -> Iterator[Item]:
    """Yield all items of a copy."""
    for (item,) in db.execute("SELECT item FROM search_item"):
        yield _decode_item(item)


def _decode_item(item: bytes) -> Item:
    try:
        return dict(orjson.loads(item))
    except ValueError as error:
        raise _corrupt("an item of a copy cannot be read") from error


def _remove(db: sqlite3.Connection, id_: str) -> None:
    row = find_row(db, id_)
    if row is not None:
        remove_artifact(db, id_)
        db.execute("DELETE FROM search_item WHERE row = ?", (row,))


def _corrupt(message: str) -> sqlite3.DatabaseError:
    """Return an error like those of SQLite for a damaged file."""
    error = sqlite3.DatabaseError(message)
    error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
    return error
