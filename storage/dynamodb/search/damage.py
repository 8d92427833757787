"""Tells a damaged copy from one that cannot be read or written at the moment."""

import sqlite3
from pathlib import Path

_DAMAGE = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_PRIMARY = 0xFF
"""The bits of a result code that are not of an extended one."""


def is_damage(error: sqlite3.Error, path: Path) -> bool:
    """Return whether an error says that a file is not, or no longer, a whole copy."""
    code = getattr(error, "sqlite_errorcode", None)
    if code is None:
        return False
    # A file that is there can be opened again when the disk or the process is no longer full.
    is_gone = code & _PRIMARY == sqlite3.SQLITE_CANTOPEN and not path.is_file()
    is_short = code == sqlite3.SQLITE_IOERR_SHORT_READ
    is_emptied = str(error).startswith("no such table")
    return code & _PRIMARY in _DAMAGE or is_gone or is_short or is_emptied
