"""Processes that open a file together, write to it with the old code, or are killed."""

import itertools
import multiprocessing
import os
import signal
import sqlite3
from collections.abc import Callable
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, NoReturn

from storage.sqlite.store import SqliteStore
from tests.storage.samples import DATASET, new_artifact
from tests.storage.sqlite import format_1
from tests.storage.store_calls import delete, register_one, restore, update

KILLED = -signal.SIGKILL
_SECONDS = 60

# Forked from a process that has imported everything once, and has no other threads.
_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(["pytest", __name__])


def start(action: Callable[..., None], *arguments: object) -> BaseProcess:
    """Let a new process do what the action says."""
    process = _context.Process(target=action, args=arguments)
    process.start()
    return process


def exit_code(process: BaseProcess) -> int:
    """Wait for the end of the process, and return its exit code."""
    process.join(_SECONDS)
    assert process.exitcode is not None
    return process.exitcode


def open_store(path: Path) -> None:
    """Open the file and close it again."""
    SqliteStore(path).close()


def write_with_format_1(path: Path, answers: Connection) -> None:
    """Send the number of each dataset that the old code wrote, then why it cannot go on."""
    db = format_1.connect(path)
    for n in itertools.count():
        try:
            format_1.write(db, n)
        except sqlite3.OperationalError as error:
            answers.send(str(error))
            return
        answers.send(n)


def leave_behind(path: Path, *statements: str) -> None:
    """Write to a file in WAL mode, from a process that ends without closing the file."""
    assert exit_code(start(_write_and_vanish, path, statements)) == 0
    assert path.with_name(f"{path.name}-wal").stat().st_size


def _write_and_vanish(path: Path, statements: tuple[str, ...]) -> None:
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("PRAGMA journal_mode = WAL")
    for statement in statements:
        db.execute(statement)
    os._exit(0)


def open_and_be_killed(path: Path, after: int) -> None:
    """Open the file, and be killed before the statement that follows so many others.

    Those that FTS5 executes itself, which are traced as comments, are not counted.
    """
    counter = itertools.count()

    def count(statement: str) -> None:
        if not statement.startswith("--") and next(counter) == after:
            _die()

    class Killing(sqlite3.Connection):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self.set_trace_callback(count)

    _connect_with(Killing)
    open_store(path)


def back_up_and_be_killed(path: Path) -> None:
    """Open the file, and be killed while some pages of the backup are still missing."""

    class Killing(sqlite3.Connection):
        def backup(self, target: sqlite3.Connection, **_: Any) -> None:
            super().backup(target, pages=5, progress=lambda *_: _die())

    _connect_with(Killing)
    open_store(path)


def build_and_be_killed(path: Path, reports: int) -> None:
    """Build the search index anew, and be killed when it has told of its progress so often."""
    counter = itertools.count(1)

    def count(*_: object) -> None:
        if next(counter) == reports:
            _die()

    SqliteStore(path).reindex(count)


def _die() -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


def _connect_with(factory: type[sqlite3.Connection]) -> None:
    connect: Any = sqlite3.connect
    module: Any = sqlite3
    module.connect = lambda *args, **kwargs: connect(*args, **kwargs, factory=factory)


def write_until_killed(path: Path, answers: Connection) -> None:
    """Register, update, delete and restore datasets; send the id and version of each write."""
    store = SqliteStore(path)
    for n in itertools.count():
        made = register_one(store, new_artifact(DATASET, f"d{n}"))
        answers.send((made.id, 1))
        answers.send((made.id, update(store, made, license="mit").version))
        delete(store, made)
        answers.send((made.id, 3))
        answers.send((made.id, restore(store, made.id).version))
