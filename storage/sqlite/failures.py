"""Turns SQLite's errors into the store's own, and counts the calls of the store."""

import logging
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from storage.errors import StoreRefusedError, StoreUnavailableError
from storage.usage import current_usage

_log = logging.getLogger(__name__)
_REFUSALS = (
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_NOTADB,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_PERM,
)
"""SQLite's primary codes of errors that stay until the operator does something."""
DAMAGED = "is damaged (database disk image is malformed); restore a backup"
"""What is wrong with a file of which pages cannot be read, and what to do."""


@contextmanager
def store_errors() -> Iterator[None]:
    """Count a call of the store, and raise its errors as StoreUnavailableError."""
    try:
        yield
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorname", type(error).__name__)
        _log.warning("SQLite failed: %s (%s)", error, code)
        is_refused = getattr(error, "sqlite_errorcode", 0) & 0xFF in _REFUSALS
        error_class = StoreRefusedError if is_refused else StoreUnavailableError
        is_damaged = getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_CORRUPT
        raise error_class(f"the file {DAMAGED}" if is_damaged else str(error)) from error
    except StoreUnavailableError as error:
        _log.warning("SQLite file not written: %s", error)
        raise
    finally:
        if usage := current_usage.get(None):
            usage.record_call()
            usage.round_trips += 1
