"""Opens files that this user cannot write: on read-only mounts, or without the permission."""

import shutil
from os import W_OK, access
from pathlib import Path
from tempfile import TemporaryDirectory


def is_read_only(path: Path) -> bool:
    """Return whether a file exists and cannot be written, or no log can be made beside it."""
    if not path.exists():
        return False
    has_log = all(path.with_name(f"{path.name}{end}").exists() for end in ("-wal", "-shm"))
    return not (access(path, W_OK) and (has_log or access(path.parent, W_OK)))


class ReadOnlyFile:
    """A file that cannot be written, and how SQLite can read it all the same.

    Without a write-ahead log nobody has the file open. One whose index is missing cannot be
    read without writing, so both are copied.
    """

    def __init__(self, path: Path) -> None:
        wal = path.with_name(f"{path.name}-wal")
        has_index = path.with_name(f"{path.name}-shm").exists()
        self._copies: TemporaryDirectory[str] | None = None
        self.uri = f"{path.as_uri()}?mode=ro"
        if access(path.parent, W_OK) or (wal.exists() and has_index):
            return
        if not wal.exists() or not wal.stat().st_size:
            self.uri += "&immutable=1"
            return
        self._copies = TemporaryDirectory()
        copy = Path(self._copies.name, "copy.db")
        shutil.copyfile(path, copy)
        shutil.copyfile(wal, copy.with_name("copy.db-wal"))
        self.uri = f"{copy.as_uri()}?mode=ro"

    def close(self) -> None:
        """Delete the copies."""
        if self._copies:
            self._copies.cleanup()
