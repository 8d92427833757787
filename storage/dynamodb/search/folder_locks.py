"""Locks of the directories of copies, which end with their process at the latest.

Each is an SQLite file without content: SQLite locks files on every operating system.
"""

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

_WAIT_SECONDS = 0.1


@contextmanager
def locked(folder: Path, name: str, wait: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Let nobody else hold a lock; `wait` is called until then, and may raise to give up."""
    with _open(folder, name) as lock:
        while not _try(lock, "BEGIN EXCLUSIVE"):
            wait()
            time.sleep(_WAIT_SECONDS)
        yield


@contextmanager
def locked_if_free(folder: Path, name: str) -> Iterator[bool]:
    """Give whether nobody else held a lock, which is held then."""
    with _open(folder, name) as lock:
        yield _try(lock, "BEGIN EXCLUSIVE")


def share(folder: Path, name: str) -> sqlite3.Connection:
    """Share a lock with others until the connection is closed."""
    lock = _connect(folder, name)
    _try(lock, "BEGIN")
    _try(lock, "SELECT 1 FROM sqlite_schema")
    return lock


@contextmanager
def _open(folder: Path, name: str) -> Iterator[sqlite3.Connection]:
    with closing(_connect(folder, name)) as lock:
        yield lock


def _connect(folder: Path, name: str) -> sqlite3.Connection:
    folder.stat()  # FileNotFoundError says more than SQLite does
    return sqlite3.connect(
        folder / f"{name}.lock", timeout=0, isolation_level=None, check_same_thread=False
    )


def _try(lock: sqlite3.Connection, statement: str) -> bool:
    """Execute a statement that locks; False if others hold the lock."""
    try:
        lock.execute(statement).fetchall()
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
            raise
        return False
    return True
