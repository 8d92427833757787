"""Prepares files: creates tables, upgrades older formats, and starts the search index over."""

import logging
import sqlite3
from contextlib import closing
from pathlib import Path

from storage.errors import StoreSetupError
from storage.search.schema import is_current
from storage.sqlite.file_format import EMPTY, read_format, refusal
from storage.sqlite.index_place import start_over
from storage.sqlite.log_marks import create_mark, has_mark
from storage.sqlite.schema import FORMAT, create_tables, upgrade_tables

_log = logging.getLogger(__name__)


def prepare_file(db: sqlite3.Connection, path: Path) -> None:
    """Bring the open file to the present format, as a whole or not at all.

    A search index of another version than this code's is replaced by an empty one, which is
    filled later: others can write meanwhile.

    The file as it was before an upgrade stays beside it, as `<name>.format-<n>.backup`.

    Raises:
        StoreSetupError: if the file is not a registry, is newer, or cannot be backed up.
    """
    if read_format(db, path) == FORMAT and is_current(db) and has_mark(db):
        return
    backup = None
    try:
        db.execute("BEGIN IMMEDIATE")
        with db:
            # Another process may have been faster.
            format_ = read_format(db, path)
            if EMPTY < format_ < FORMAT:
                backup = _back_up(path, format_)
            _prepare_tables(db, format_)
    except BaseException:
        if backup:
            # The file is as it was. Restarts that fail again must not fill the disk.
            backup.unlink()
        raise
    if backup:
        _log.warning(
            "upgraded %s from format %d to %d; the backup is %s", path, format_, FORMAT, backup
        )


def check_current(db: sqlite3.Connection, path: Path) -> None:
    """Check that a file that cannot be written needs no upgrade.

    Raises:
        StoreSetupError: if it does, or is no registry.
    """
    if (format_ := read_format(db, path)) == EMPTY:
        raise refusal(path, "is empty, and cannot be written")
    if format_ != FORMAT or not is_current(db):
        raise refusal(
            path,
            "was written by an older version of the registry, and cannot be upgraded because it"
            " cannot be written; make it writable, or copy it to where it can be written",
        )


def _prepare_tables(db: sqlite3.Connection, format_: int) -> None:
    if format_ == EMPTY:
        create_tables(db)
    elif format_ < FORMAT:
        upgrade_tables(db)
    if not is_current(db):
        start_over(db)
    create_mark(db)


def _back_up(path: Path, format_: int) -> Path:
    """Copy the file to a new name, while the caller keeps others from writing."""
    target = _unused(path.with_name(f"{path.name}.format-{format_}.backup"))
    # A process that is killed here leaves only the partial file, which the next one replaces.
    partial = target.with_name(f"{target.name}.partial")
    try:
        partial.unlink(missing_ok=True)
        partial.touch(path.stat().st_mode & 0o777, exist_ok=False)
        with (
            closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as source,
            closing(sqlite3.connect(partial)) as copy,
        ):
            copy.execute("PRAGMA journal_mode = OFF")
            source.backup(copy)
        partial.rename(target)
    except (sqlite3.Error, OSError) as error:
        partial.unlink(missing_ok=True)
        raise StoreSetupError(
            f"SQLITE_PATH: {path} must be upgraded, but its backup {target} cannot be written:"
            f" {error}; make room for it, and start again"
        ) from None
    return target


def _unused(path: Path) -> Path:
    """Return the path, or the first of `path-2`, `path-3` and so on that does not exist."""
    candidate, number = path, 1
    while candidate.exists():
        number += 1
        candidate = path.with_name(f"{path.name}-{number}")
    return candidate
