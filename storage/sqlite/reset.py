"""Deletes everything in batches, each in a transaction of its own."""

import sqlite3
import time
from collections.abc import Callable, Iterator

from storage.deadline import no_deadline
from storage.sqlite.database import Database
from storage.sqlite.feed import newest_seq
from storage.sqlite.retention import read_setting, write_setting

_BATCH = 1_000
_DELETE_ARTIFACTS = "DELETE FROM artifact WHERE id IN (SELECT id FROM artifact LIMIT ?)"
_DELETE_DELETED = """
DELETE FROM deleted
 WHERE id IN (SELECT id FROM deleted
               WHERE NOT EXISTS (SELECT 1 FROM change WHERE artifact_id = deleted.id
                                    AND seq > ?)
               LIMIT ?)
"""
_DELETE_CHANGES = """
DELETE FROM change
 WHERE seq IN (SELECT seq FROM change WHERE seq BETWEEN ? AND ? ORDER BY seq LIMIT ?)
"""
_Delete = Callable[[sqlite3.Connection], int]


def reset(database: Database) -> Iterator[int]:
    """Delete everything, and yield the number of artifacts that each batch deleted.

    Artifacts go first. What stands in the feed when none is left is only about artifacts that
    are gone, and goes as well; those that are registered afterwards stay with their changes.
    Between batches it sleeps for as long as each took, so that others can write.
    """
    _raise_epoch(database)
    lowest = highest = 0

    def delete_artifacts(db: sqlite3.Connection) -> int:
        nonlocal lowest, highest
        count = db.execute(_DELETE_ARTIFACTS, (_BATCH,)).rowcount
        lowest = db.execute("SELECT min(seq) FROM change").fetchone()[0] or 0
        highest = newest_seq(db)
        return count

    yield from _in_batches(database, delete_artifacts)
    for statement, *bounds in ((_DELETE_DELETED, highest), (_DELETE_CHANGES, lowest, highest)):
        values = (*bounds, _BATCH)
        for _ in _in_batches(database, lambda db: db.execute(statement, values).rowcount):  # noqa: B023 - used at once
            yield 0
    _raise_epoch(database)


def _in_batches(database: Database, delete: _Delete) -> Iterator[int]:
    """Yield how much each batch deleted, until one is not full."""
    while True:
        with no_deadline(), database.writing() as db:
            start = time.monotonic()
            count = delete(db)
        seconds = time.monotonic() - start
        yield count
        if count < _BATCH:
            return
        time.sleep(seconds)


def _raise_epoch(database: Database) -> None:
    with no_deadline(), database.writing() as db:
        write_setting(db, "epoch", str(int(read_setting(db, "epoch") or 0) + 1))
