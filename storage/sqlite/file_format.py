"""Identifies the format of a file, and refuses what is not a registry without changing it."""

import shutil
import sqlite3
import stat
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from os import R_OK, access
from pathlib import Path
from tempfile import TemporaryDirectory

from storage.deadline import DEFAULT_SECONDS
from storage.errors import StoreSetupError
from storage.sqlite.failures import DAMAGED
from storage.sqlite.log_owners import Owner, find_owner
from storage.sqlite.schema import APPLICATION_ID, FORMAT

_ATTEMPTS = 3
_SECONDS_BETWEEN_ATTEMPTS = 0.05
EMPTY = 0
"""The format of a file that nothing was written to yet."""
_FORMAT_1 = {
    "artifact": (
        "id", "type", "name", "name_normalized", "name_key", "url", "download_url", "license",
        "tags", "version", "created_at", "created_key", "updated_at", "named_at", "rating",
    ),
    "reference": ("model_id", "position", "kind", "by", "value", "target"),
}  # fmt: skip
"""The tables and columns by which a file of format 1 is recognized."""
_MEMORY = ":memory:"
"""SQLite's name of a database that only one connection sees."""
_MIN_BYTES = 512
"""The smallest page of SQLite. It takes a file of one byte as empty, and would replace it."""
_NOT_A_DATABASE = "is not a SQLite database; choose another path"
_MOVE_LOG = "move {0}-wal and {0}-shm away"
_EXPLANATIONS = {
    sqlite3.SQLITE_NOTADB: _NOT_A_DATABASE,
    sqlite3.SQLITE_CORRUPT: f"{DAMAGED}; nothing was changed",
    sqlite3.SQLITE_BUSY: "is locked by another process; wait until it is done, or stop it",
    sqlite3.SQLITE_READONLY: "cannot be written; make it writable",
}


@contextmanager
def setup_errors(path: Path) -> Iterator[None]:
    """Raise errors of SQLite and of the file system as StoreSetupError that names the path."""
    try:
        yield
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        explanation = _EXPLANATIONS.get(code, f"cannot be opened: {error}")
        raise refusal(path, explanation) from None
    except OSError as error:
        raise refusal(path, f"cannot be opened: {error.strerror}") from None


def check_file(path: Path) -> int:
    """Check that the file is missing, empty, or a registry, and return its format.

    Raises:
        StoreSetupError: if not. Nothing was written: not to the file, nor beside it.
    """
    if path.name == _MEMORY:
        raise StoreSetupError(
            "SQLITE_PATH: :memory: is no file; the registry keeps its data in a file"
        )
    owner = find_owner(path)
    if owner is Owner.OTHER:
        raise _refuse_log(path)
    try:
        size = _check_kind(path)
    except FileNotFoundError:
        if not path.parent.is_dir():
            raise refusal(path, "cannot be created: its directory does not exist") from None
        return EMPTY
    if not size:
        return EMPTY
    if owner is Owner.UNKNOWN:
        _check_log(path)
    return _check_unchanged(path)


def _check_kind(path: Path) -> int:
    """Check that a path is that of a file that can be a database, and return its size."""
    status = path.stat()
    if stat.S_ISDIR(status.st_mode):
        raise refusal(path, "is a directory; add the name of a file")
    if not stat.S_ISREG(status.st_mode):
        raise refusal(path, "is not a regular file; choose another path")
    if not access(path, R_OK):
        raise refusal(path, "cannot be read; give this user permission to read and write it")
    if 0 < status.st_size < _MIN_BYTES:
        raise refusal(path, _NOT_A_DATABASE)
    return status.st_size


def _check_log(path: Path) -> None:
    """Check by reading all that a log that may be another file's does not damage the file."""
    try:
        with _open_unchanged(path) as db:
            is_whole = db.execute("PRAGMA quick_check(1)").fetchone() == ("ok",)
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_CORRUPT:
            raise
        is_whole = False
    if not is_whole:
        raise refusal(
            path,
            f"is damaged, or {path.name}-wal beside it belongs to another file; nothing was"
            f" changed: if it is a restored backup, {_MOVE_LOG.format(path.name)}",
        )


def _refuse_log(path: Path) -> StoreSetupError:
    advice = _MOVE_LOG.format(path.name)
    if not path.exists():
        return refusal(
            path,
            f"is missing, but its write-ahead log {path.name}-wal is there; nothing was"
            f" changed: put the file back, or, to begin with an empty registry, {advice}",
        )
    return refusal(
        path,
        f"cannot be opened, because {path.name}-wal beside it belongs to another file; nothing"
        f" was changed: if {path.name} is a restored backup, {advice}",
    )


def _check_unchanged(path: Path) -> int:
    """Check the format of a file without changing it.

    This sees the file without waiting for locks. What looks wrong may be a file that another
    process is creating, upgrading or closing at this moment, so it is read again.
    """
    for _ in range(_ATTEMPTS - 1):
        with suppress(StoreSetupError, sqlite3.Error, OSError), _open_unchanged(path) as db:
            return read_format(db, path)
        time.sleep(_SECONDS_BETWEEN_ATTEMPTS)
    with _open_unchanged(path) as db:
        return read_format(db, path)


def read_format(db: sqlite3.Connection, path: Path) -> int:
    """Return the format of an open file, EMPTY for one without tables.

    Raises:
        StoreSetupError: if the file belongs to another program, or its format is newer.
    """
    if db.in_transaction:
        return _read_format(db, path)
    # All of it as of one moment, even if another process is writing.
    db.execute("BEGIN")
    with db:
        return _read_format(db, path)


def _read_format(db: sqlite3.Connection, path: Path) -> int:
    (application_id,) = db.execute("PRAGMA application_id").fetchone()
    (version,) = db.execute("PRAGMA user_version").fetchone()
    if application_id == APPLICATION_ID and version > FORMAT:
        raise refusal(
            path,
            f"was written by a newer version of the registry (format {version}; this one reads"
            f" up to {FORMAT}); run that version",
        )
    if application_id == APPLICATION_ID and version > EMPTY:
        return int(version)
    if (application_id, version) == (0, 0) and _has_no_tables(db):
        return EMPTY
    if (application_id, version) == (0, 1) and _has_tables_of_format_1(db):
        return 1
    raise refusal(
        path,
        "is a SQLite database of another program, and was not changed; choose another path",
    )


def _has_no_tables(db: sqlite3.Connection) -> bool:
    return db.execute("SELECT 1 FROM sqlite_schema LIMIT 1").fetchone() is None


def _has_tables_of_format_1(db: sqlite3.Connection) -> bool:
    # SQLite's own tables, such as the statistics that ANALYZE writes, and those of Litestream,
    # which replicates files, do not matter.
    tables = db.execute(
        "SELECT name FROM sqlite_schema WHERE type = 'table'"
        " AND name NOT GLOB 'sqlite_*' AND name NOT GLOB '_litestream_*'"
    )
    if {name for (name,) in tables} != _FORMAT_1.keys():
        return False
    return all(
        columns == tuple(c for (c,) in db.execute("SELECT name FROM pragma_table_info(?)", [t]))
        for t, columns in _FORMAT_1.items()
    )


@contextmanager
def _open_unchanged(path: Path) -> Iterator[sqlite3.Connection]:
    """Open the file in a way that writes nothing to it and creates nothing beside it.

    Not with `open`: closing the file would release the locks on it that other connections
    of this process hold (a rule of POSIX; see https://sqlite.org/howtocorrupt.html).
    """
    wal, shm = path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")
    if not wal.exists() or not wal.stat().st_size:
        # All is in the file itself. Without `immutable`, SQLite would create -wal and -shm.
        with closing(_connect(path, "mode=ro&immutable=1")) as db:
            yield db
    elif shm.exists():
        with closing(_connect(path, "mode=ro")) as db:
            yield db
    else:
        # SQLite needs a -shm to read the -wal, and would create it.
        with TemporaryDirectory() as folder:
            copy = Path(folder, "copy.db")
            shutil.copyfile(path, copy)
            shutil.copyfile(wal, copy.with_name("copy.db-wal"))
            with closing(_connect(copy, "mode=ro")) as db:
                yield db


def _connect(path: Path, parameters: str) -> sqlite3.Connection:
    seconds = DEFAULT_SECONDS / _ATTEMPTS
    return sqlite3.connect(f"{path.as_uri()}?{parameters}", uri=True, timeout=seconds)


def refusal(path: Path, explanation: str) -> StoreSetupError:
    """Return the error that names the path and the setting."""
    return StoreSetupError(f"SQLITE_PATH: {path} {explanation}")
