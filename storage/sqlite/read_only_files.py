"""Opens files that this user cannot write: on read-only mounts, or without the permission."""

import shutil
from os import W_OK, access
from pathlib import Path
from tempfile import TemporaryDirectory

from storage.errors import StoreUnavailableError


def is_read_only(path: Path) -> bool:
    """Return whether a file exists and cannot be written, or no log can be made beside it."""
    if not path.exists():
        return False
    has_log = all(path.with_name(f"{path.name}{end}").exists() for end in ("-wal", "-shm"))
    return not (access(path, W_OK) and (has_log or access(path.parent, W_OK)))


class ReadOnlyFile:
    """A file that cannot be written, and how SQLite can read it all the same.

    Without a write-ahead log nobody has the file open. A log whose index is missing cannot be
    read without writing, so both are copied. Nothing is left beside the file: others could not
    write to it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._copies: TemporaryDirectory[str] | None = None
        self._status: tuple[int, int, bool] | None = None
        """Of a file that is read without locks, to notice changes."""
        wal = path.with_name(f"{path.name}-wal")
        has_index = path.with_name(f"{path.name}-shm").exists()
        self.uri = f"{path.as_uri()}?mode=ro"
        if wal.exists() and has_index:
            return
        if not wal.exists() or not wal.stat().st_size:
            self.uri += "&immutable=1"
            self._status = self._read_status()
            return
        self._copies = TemporaryDirectory()
        copy = Path(self._copies.name, "copy.db")
        shutil.copyfile(path, copy)
        shutil.copyfile(wal, copy.with_name("copy.db-wal"))
        self.uri = f"{copy.as_uri()}?mode=ro"

    def check_unchanged(self) -> None:
        """Check that nobody has written to a file that is read without locks.

        Raises:
            StoreUnavailableError: if somebody has: what was read may be a mixture.
        """
        if self._status is not None and self._status != self._read_status():
            raise StoreUnavailableError(
                f"the file {self._path} was changed while it was read; try again"
            )

    def _read_status(self) -> tuple[int, int, bool]:
        status = self._path.stat()
        has_log = self._path.with_name(f"{self._path.name}-wal").exists()
        return status.st_mtime_ns, status.st_size, has_log

    def close(self) -> None:
        """Delete the copies."""
        if self._copies:
            self._copies.cleanup()
