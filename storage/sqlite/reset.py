"""Deletes everything in batches, each in a transaction of its own."""

import sqlite3
import time
from collections.abc import Callable, Iterator
from functools import partial

import orjson

from storage.deadline import no_deadline
from storage.search.writing import remove_all, remove_rows
from storage.sqlite.database import Database
from storage.sqlite.feed import newest_seq
from storage.sqlite.retention import read_setting, write_setting
from storage.sqlite.search_index import note_change

_BATCH = 250
"""Others wait at most for one batch: on a busy disk, 1,000 take seconds to reach it."""
_RESETTING = "is_resetting"
"""The setting that is 1 until a reset is finished."""
_DELETE_CHANGES = """
DELETE FROM change
 WHERE seq IN (SELECT seq FROM change WHERE seq <= ? ORDER BY seq LIMIT ?)
"""
_DELETE_DELETED = """
DELETE FROM deleted
 WHERE id IN (SELECT id FROM deleted
               WHERE NOT EXISTS (SELECT 1 FROM change WHERE artifact_id = deleted.id
                                    AND seq > ?)
               LIMIT ?)
"""
_IN_BATCH = "rowid IN (SELECT value FROM json_each(?))"
_DELETE_CHANGES_OF = f"""
DELETE FROM change WHERE artifact_id IN (SELECT id FROM artifact WHERE {_IN_BATCH})
"""  # noqa: S608 - constants only
_DELETE_ARTIFACTS = f"DELETE FROM artifact WHERE {_IN_BATCH}"  # noqa: S608 - likewise

_SEARCH_ROWS = f"""
SELECT row FROM search_artifact WHERE id IN (SELECT id FROM artifact WHERE {_IN_BATCH})
"""  # noqa: S608 - likewise


def reset(database: Database) -> Iterator[int]:
    """Delete everything, and yield the number of artifacts that each batch deleted.

    Histories go first, from their oldest changes on, so that what is left is consistent
    whenever this is interrupted. After the artifacts goes what other writers left about those
    that are gone; artifacts that are registered afterwards stay with their changes.
    """
    newest = _raise_epoch(database, is_resetting=True)
    yield from _delete_histories(database, newest)

    def delete_artifacts(db: sqlite3.Connection) -> int:
        nonlocal newest
        newest = newest_seq(db)
        return _delete_artifacts(db)

    yield from _in_batches(database, delete_artifacts)
    yield from _delete_histories(database, newest)
    _raise_epoch(database, is_resetting=False)


def _delete_histories(database: Database, newest: int) -> Iterator[int]:
    """Delete changes up to a position in the feed, and deleted artifacts without later ones."""
    for statement in (_DELETE_CHANGES, _DELETE_DELETED):
        for _ in _in_batches(database, partial(_execute, statement, newest)):
            yield 0


def _execute(statement: str, newest: int, db: sqlite3.Connection) -> int:
    return db.execute(statement, (newest, _BATCH)).rowcount


def _delete_artifacts(db: sqlite3.Connection) -> int:
    rowids = [rowid for (rowid,) in db.execute("SELECT rowid FROM artifact LIMIT ?", (_BATCH,))]
    values = (orjson.dumps(rowids).decode(),)
    db.execute(_DELETE_CHANGES_OF, values)
    remove_rows(db, db.execute(_SEARCH_ROWS, values).fetchall())
    count = db.execute(_DELETE_ARTIFACTS, values).rowcount
    if count < _BATCH:
        remove_all(db)
    note_change(db)
    return count


def _in_batches(
    database: Database, delete: Callable[[sqlite3.Connection], int]
) -> Iterator[int]:
    """Yield how much each batch deleted, until one is not full.

    Between batches it sleeps for as long as each took, so that others can write.
    """
    while True:
        with no_deadline(), database.writing() as db:
            start = time.monotonic()
            count = delete(db)
        seconds = time.monotonic() - start
        yield count
        if count < _BATCH:
            return
        time.sleep(seconds)


def is_unfinished(db: sqlite3.Connection) -> bool:
    """Return whether a reset is running, or was stopped before its end."""
    return read_setting(db, _RESETTING) == "1"


def _raise_epoch(database: Database, *, is_resetting: bool) -> int:
    """Raise the epoch, and return the position of the newest change in the feed."""
    with no_deadline(), database.writing() as db:
        write_setting(db, _RESETTING, str(int(is_resetting)))
        write_setting(db, "epoch", str(int(read_setting(db, "epoch") or 0) + 1))
        return newest_seq(db)
