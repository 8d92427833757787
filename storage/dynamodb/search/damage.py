"""Tells a damaged copy from one that cannot be read or written at the moment."""

import sqlite3

_DAMAGE = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CANTOPEN}
_PRIMARY = 0xFF
"""The bits of a result code that are not of an extended one."""


def is_damage(error: sqlite3.Error) -> bool:
    """Return whether an error says that a file is no longer a whole copy."""
    code = getattr(error, "sqlite_errorcode", None)
    if code is None:
        return False
    is_short = code == sqlite3.SQLITE_IOERR_SHORT_READ
    is_emptied = str(error).startswith("no such table")
    return code & _PRIMARY in _DAMAGE or is_short or is_emptied
