"""Fills a search index that was created empty, in steps between which others can write."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from typing import Any

from storage.artifacts.projection import FULL_PROJECTION
from storage.artifacts.records import Artifact
from storage.callbacks import Progress
from storage.search.schema import WORDS
from storage.search.writing import write_artifact
from storage.sqlite import rows
from storage.sqlite.database import Database
from storage.sqlite.fetch import fetch, stored_text
from storage.sqlite.index_place import read_place, write_place
from storage.sqlite.index_words import merge_some, optimize_words
from storage.sqlite.write_steps import STEP_SECONDS, take_steps

STAGE = "building the search index"
_BATCH = 500
_SELECT = (
    f"{rows.select_artifacts(FULL_PROJECTION)} WHERE id > CAST(? AS TEXT) ORDER BY id LIMIT ?"
)
_COUNT = "SELECT count(*) FROM artifact WHERE id > CAST(? AS TEXT)"


def count_after(db: sqlite3.Connection, place: bytes) -> int:
    """Return the number of artifacts with ids after this one, readable or not."""
    return int(db.execute(_COUNT, (place,)).fetchone()[0])


def find_last(db: sqlite3.Connection) -> bytes:
    """Return the last id as stored; empty if there are no artifacts."""
    (id_,) = db.execute("SELECT CAST(max(id) AS BLOB) FROM artifact").fetchone()
    return id_ or b""


def select_after(
    db: sqlite3.Connection, place: bytes, limit: int = _BATCH
) -> Iterator[tuple[bytes, tuple[Any, ...]]]:
    """Yield rows of artifacts in the order of their ids, each with its id as stored."""
    with closing(fetch(db, _SELECT, (place, limit))) as found:
        for row in found:
            id_ = stored_text(row[0])
            yield id_ if isinstance(id_, bytes) else id_.encode(), row


def fill(database: Database, progress: Progress) -> int:
    """Fill the index of a file until it is complete, and return its number of artifacts.

    `progress` may raise to stop; whoever fills the index next goes on from there.

    Raises:
        StoreUnavailableError: if the file cannot be written.
    """
    with database.reading() as db:
        place = read_place(db)
        total = count_after(db, b"")
        done = total if place is None else total - count_after(db, place)
    if place is None:
        return total

    def step(db: sqlite3.Connection) -> bool:
        nonlocal done
        count = _fill_some(db)
        done += count
        return count > 0

    def report() -> None:
        progress(STAGE, min(done, total), total)

    report()
    take_steps(database, step, report)
    optimize_words(database, WORDS, report)
    return done


def _fill_some(db: sqlite3.Connection) -> int:
    """Take one step, and return its number of artifacts; 0 if the index is complete."""
    place = read_place(db)
    if place is None:
        return 0
    end = time.monotonic() + STEP_SECONDS
    count = 0
    for id_, row in select_after(db, place):
        artifact = rows.decode_row(row, FULL_PROJECTION)
        if isinstance(artifact, Artifact):
            write_artifact(db, artifact)
        place, count = id_, count + 1
        if time.monotonic() > end:
            break
    write_place(db, place if count else None)
    merge_some(db, WORDS)
    return count
