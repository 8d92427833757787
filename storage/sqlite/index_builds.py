"""Builds the search index of a file: in the background if it is incomplete, or on demand."""

import logging
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial

from storage.callbacks import Progress
from storage.deadline import seconds_left
from storage.errors import SearchNotReadyError
from storage.search.artifact_rows import ALL_TABLES
from storage.search.background_build import BackgroundBuild
from storage.search.schema import WORDS, create_tables
from storage.search.state import SearchState
from storage.sqlite.database import Database
from storage.sqlite.index_filling import fill
from storage.sqlite.index_place import read_place, start_over
from storage.sqlite.index_rows import refresh_rows
from storage.sqlite.index_words import rebuild_words

_log = logging.getLogger(__name__)

_WAIT_SECONDS = 2.0
"""A listing waits so long for an index that is being filled."""
_SELECT_SCHEMA = f"""
SELECT name, sql FROM sqlite_schema WHERE name GLOB 'search_*' AND name NOT GLOB '{WORDS}_*'
"""  # noqa: S608 - a constant


def rebuild(database: Database, progress: Progress) -> int:
    """Build the index anew while others read and write, and return its number of artifacts.

    Listings go on, unless tables are damaged, which have to be created anew.

    Raises:
        StoreUnavailableError: if the file cannot be written, or another build began meanwhile.
    """
    with database.reading() as db:
        is_complete, is_whole = read_place(db) is None, _is_whole(db)
    if not is_whole:
        with database.writing() as db:
            start_over(db)
    if is_whole and is_complete:
        refresh_rows(database, progress)
        rebuild_words(database, progress)
    else:
        fill(database, progress)
    with database.reading() as db:
        return int(db.execute("SELECT count(*) FROM search_artifact").fetchone()[0])


def _is_whole(db: sqlite3.Connection) -> bool:
    """Return whether all tables and their indexes are there, and agree with each other."""
    with closing(sqlite3.connect(":memory:")) as new:
        create_tables(new)
        expected = dict(new.execute(_SELECT_SCHEMA))
    found = dict(db.execute(_SELECT_SCHEMA))
    # What took the place of another table has its name in quotes.
    if expected.pop(WORDS) != found.pop(WORDS, "").replace(f'"{WORDS}"', WORDS):
        return False
    if not expected.items() <= found.items():
        return False
    checks = (f"PRAGMA integrity_check({table.name})" for table in ALL_TABLES)
    return all(db.execute(check).fetchone() == ("ok",) for check in checks)


class IndexBuilds:
    """Fills the index of a file in the background, if it is incomplete."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._background = BackgroundBuild(time.monotonic)
        self._is_complete = False
        """True if it was complete when this process looked last."""
        with database.reading() as db:
            self._look(db)

    @property
    def state(self) -> SearchState:
        """The state of the index, as far as it is known without reading the file."""
        return SearchState(is_ready=self._is_complete, progress=self._background.progress)

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Give a connection that sees one state of the file, with a complete index.

        Raises:
            SearchNotReadyError: if the index is not complete in time.
        """
        if not self._is_complete:
            self._wait()
        with self._database.reading() as db:
            if not self._look(db):
                raise SearchNotReadyError(self._background.retry_after)
            yield db

    def complete(self, progress: Progress) -> None:
        """Fill the index in the foreground, for commands that need it."""
        fill(self._database, progress)

    def close(self) -> None:
        """Stop filling; the next process goes on."""
        self._background.close()

    def _look(self, db: sqlite3.Connection) -> bool:
        """Return whether the index is complete, and have it filled if it is not."""
        self._is_complete = read_place(db) is None
        if not self._is_complete:
            self._background.start(partial(fill, self._database))
        return self._is_complete

    def _wait(self) -> None:
        done = self._background.start(partial(fill, self._database))
        if done is not None:
            done.wait(max(min(_WAIT_SECONDS, seconds_left()), 0))
