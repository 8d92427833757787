"""Copies a file while it is used, as a whole or not at all."""

import os
import sqlite3
from contextlib import closing
from os.path import realpath
from pathlib import Path

from storage.durable_files import new_name, publish
from storage.errors import StoreUnavailableError
from storage.sqlite.file_format import check_file, setup_errors
from storage.sqlite.log_marks import renew_mark
from storage.sqlite.read_only_files import ReadOnlyFile, is_read_only


def back_up(path: Path, file: Path) -> None:
    """Copy the present state of a registry, of any known format, to a new file.

    Others can write meanwhile. The copy has no unused pages.

    Raises:
        StoreSetupError: if the path is not that of a registry.
        StoreUnavailableError: if the copy cannot be made.
        FileExistsError: if the new name is taken.
    """
    path = Path(realpath(path))
    with setup_errors(path):
        check_file(path)
        reader = ReadOnlyFile(path) if is_read_only(path) else None
        uri = reader.uri if reader else f"{path.as_uri()}?mode=ro"
    with new_name(file) as partial:
        try:
            # Only its owner may read the copy until it has the permissions of the file.
            partial.touch(0o600, exist_ok=False)
            with closing(sqlite3.connect(uri, uri=True, isolation_level=None)) as db:
                db.execute("VACUUM INTO ?", (str(partial),))
            with closing(sqlite3.connect(partial, isolation_level=None)) as db:
                db.execute("PRAGMA journal_mode = OFF")
                renew_mark(db)
            if reader:
                reader.check_unchanged()
        except sqlite3.Error as error:
            raise StoreUnavailableError(
                f"{path} cannot be copied to {file}: {error}"
            ) from error
        finally:
            partial.with_name(f"{partial.name}-journal").unlink(missing_ok=True)
            if reader:
                reader.close()
        partial.chmod(path.stat().st_mode & 0o777)
        _sync(partial)
        publish(partial, file)


def _sync(file: Path) -> None:
    descriptor = os.open(file, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
