"""The directories of copies: one for each table, epoch and version, with a current build."""

import os
import re
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

from storage.dynamodb.search.folder_locks import locked, locked_if_free, share
from storage.dynamodb.search.private_folder import (
    PRIVATE_FILE,
    PRIVATE_FOLDER,
    find_problem,
    is_ours,
    require_private,
)
from storage.errors import StoreSetupError
from storage.search.schema import VERSION

_POINTER = "current"
_NAME = re.compile(r"(?P<identity>\w+)-(?P<epoch>\d+)-(?P<version>\d+)", re.ASCII)
_BUILD = re.compile(r"[0-9a-f]{32}\.db", re.ASCII)
_SUFFIXES = "", "-wal", "-shm", "-journal"
"""Of the files of a build; without the first, nobody opens the others any more."""
_USE, _BUILDING = "use", "build"
"""The locks of those who have a copy open, and of the one who builds."""
_ABANDONED_SECONDS = 7 * 24 * 3_600


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
            if find_problem(self.root) or not is_ours(self._path):
                return None
            name = (self._path / _POINTER).read_text()
            path = self._path / name
            is_build = _BUILD.fullmatch(name) and path.is_file() and is_ours(path)
        except (OSError, ValueError):
            return None
        return path if is_build else None

    def drop(self, path: Path) -> None:
        """Remove a build that cannot be used; nothing is current any more if it was."""
        with suppress(FileNotFoundError), locked(self._path, "pointer"):
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
        self._path.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
        if not is_ours(self._path):
            raise StoreSetupError(
                f"SEARCH_INDEX_PATH: {self._path} is not this user's; delete it"
            )
        with locked(self._path, _BUILDING, wait):
            yield

    def new_path(self) -> Path:
        """Return the path of a new build, an empty file that is for this user alone."""
        path = self._path / f"{uuid4().hex}.db"
        path.touch(PRIVATE_FILE, exist_ok=False)  # SQLite gives its other files the same mode
        return path

    def publish(self, path: Path) -> None:
        """Make a complete build the current one."""
        with path.open("rb") as file:
            os.fsync(file.fileno())
        with locked(self._path, "pointer"):
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
                    _remove_unused(path)

    def remove_abandoned(self) -> None:
        """Remove what a killed build left, and directories that nobody has used for a week.

        These are of tables that are gone, or of versions that no longer run.
        """
        with locked_if_free(self._path, _BUILDING) as is_free:
            if is_free:
                self.remove_others()
        for path in self.root.iterdir():
            if _NAME.fullmatch(path.name) and path != self._path and _is_old(path):
                _remove_unused(path)

    def share(self) -> sqlite3.Connection:
        """Keep others from removing the directory until the connection is closed."""
        return share(self._path, _USE)


def _is_old(path: Path) -> bool:
    """Return whether nothing in a directory was changed for long."""
    newest = max(file.stat().st_mtime for file in (path, *path.iterdir()))
    return time.time() - newest > _ABANDONED_SECONDS


def _remove_unused(path: Path) -> None:
    """Remove a directory, unless somebody has a copy in it open or is building one."""
    with (
        suppress(OSError, sqlite3.Error),
        locked_if_free(path, _USE) as is_unused,
        locked_if_free(path, _BUILDING) as is_free,
    ):
        if is_unused and is_free:
            shutil.rmtree(path, ignore_errors=True)


def _unlink_build(path: Path) -> None:
    for suffix in _SUFFIXES:
        Path(f"{path}{suffix}").unlink(missing_ok=True)
