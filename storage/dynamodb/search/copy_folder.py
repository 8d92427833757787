"""The directories of copies: one for each table, epoch and version, with a current build."""

import os
import re
import shutil
import sqlite3
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from uuid import uuid4

from storage.errors import StoreSetupError
from storage.search.schema import VERSION

_POINTER = "current"
_NAME = re.compile(r"(?P<identity>\w+)-(?P<epoch>\d+)-(?P<version>\d+)", re.ASCII)
_BUILD = re.compile(r"[0-9a-f]{32}\.db", re.ASCII)
_SUFFIXES = "", "-wal", "-shm", "-journal"
"""Of the files of a build; without the first, nobody opens the others any more."""
_WAIT_SECONDS = 0.1


def require_private(root: Path) -> None:
    """Create the directory of all copies, unless there is one that nobody else can write to.

    Raises:
        StoreSetupError: if it cannot be used, with what to do.
    """
    try:
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
        problem = _find_problem(root)
    except OSError as error:
        problem = f"cannot be used: {error.strerror}"
    if problem:
        raise StoreSetupError(
            f"SEARCH_INDEX_PATH: the directory {root} {problem}; set it to a directory that "
            "this user can write to and others cannot, or to one that does not exist yet"
        )


def _find_problem(root: Path) -> str | None:
    """Return why a directory cannot be used.

    In one that others can write to, like that of temporary files, anybody may have made it.
    """
    if not hasattr(os, "geteuid"):
        return None  # Windows: its directory of temporary files is the user's own
    is_shared = bool(root.parent.stat().st_mode & (stat.S_IWGRP | stat.S_IWOTH))
    found = root.lstat() if is_shared else root.stat()
    if not stat.S_ISDIR(found.st_mode):
        return "is not a directory"
    if found.st_uid != os.geteuid():
        return "belongs to another user"
    if found.st_mode & (0o077 if is_shared else stat.S_IWGRP | stat.S_IWOTH):
        return "is open to other users"
    return None


class CopyFolder:
    """The builds of the copy of one table in one epoch."""

    def __init__(self, root: Path, identity: str, epoch: int) -> None:
        self.root = root
        self.identity = identity
        self.epoch = epoch
        self._path = root / f"{identity}-{epoch}-{VERSION}"

    def current(self) -> Path | None:
        """Return the file of the current build.

        None if there is none, or if other users can write to the directory.
        """
        try:
            if _find_problem(self.root):
                return None
            name = (self._path / _POINTER).read_text()
        except (OSError, ValueError):
            return None
        path = self._path / name
        return path if _BUILD.fullmatch(name) and path.is_file() else None

    def drop(self, path: Path) -> None:
        """Remove a build that cannot be used; nothing is current any more if it was."""
        with suppress(FileNotFoundError), self._locked("pointer"):
            if self.current() == path:
                (self._path / _POINTER).unlink()
        _unlink_build(path)

    @contextmanager
    def building(self, wait: Callable[[], None]) -> Iterator[None]:
        """Let nobody else build; the lock ends with the process at the latest.

        `wait` is called again and again until then, and may raise to give up.

        Raises:
            StoreSetupError: if the directory cannot be used.
        """
        require_private(self.root)
        self._path.mkdir(mode=0o700, exist_ok=True)
        with self._locked("build", wait):
            yield

    def new_path(self) -> Path:
        """Return the path of a new build."""
        return self._path / f"{uuid4().hex}.db"

    def publish(self, path: Path) -> None:
        """Make a complete build the current one."""
        with path.open("rb") as file:
            os.fsync(file.fileno())
        with self._locked("pointer"):
            new = self._path / f"{_POINTER}.new"
            new.write_text(path.name)
            new.replace(self._path / _POINTER)

    def remove_others(self) -> None:
        """Remove all builds but the current one; only the holder of the lock of builds may.

        Whoever has one open can go on using it.
        """
        current = self.current()
        for name in {re.sub(r"\.db.*", ".db", path.name) for path in self._path.glob("*.db*")}:
            if self._path / name != current:
                _unlink_build(self._path / name)

    def remove_outdated(self) -> None:
        """Remove the builds of earlier epochs of the table, and of earlier versions."""
        for path in self.root.iterdir():
            name = _NAME.fullmatch(path.name)
            if name and name["identity"] == self.identity:
                epoch, version = int(name["epoch"]), int(name["version"])
                if epoch < self.epoch or (epoch == self.epoch and version < int(VERSION)):
                    shutil.rmtree(path, ignore_errors=True)

    @contextmanager
    def _locked(self, name: str, wait: Callable[[], None] = lambda: None) -> Iterator[None]:
        path = self._path / f"{name}.lock"
        path.parent.stat()  # FileNotFoundError says more than SQLite does
        with closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as lock:
            while not _try_lock(lock):
                wait()
                time.sleep(_WAIT_SECONDS)
            yield


def _try_lock(lock: sqlite3.Connection) -> bool:
    """Lock the file, which needs no content; SQLite does so on every operating system."""
    try:
        lock.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
            raise
        return False
    return True


def _unlink_build(path: Path) -> None:
    for suffix in _SUFFIXES:
        Path(f"{path}{suffix}").unlink(missing_ok=True)
