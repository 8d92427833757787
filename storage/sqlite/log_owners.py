"""Finds out whether a write-ahead log belongs to the file beside it, before SQLite opens them.

SQLite applies whatever log it finds: to a backup that was put in the place of a file, too. That
destroys both the backup and what only the log has.
"""

import sqlite3
import time
from contextlib import closing
from enum import Enum, auto
from pathlib import Path
from typing import BinaryIO

from storage.sqlite.log_frames import LogHeader, read_frames
from storage.sqlite.log_marks import FIRST_STEP, Mark, find_mark, read_mark

_ATTEMPTS = 3
_SECONDS_BETWEEN_ATTEMPTS = 0.05
_MAX_SUMMED = 10_000
"""Of so many frames the sums are computed, which takes a second; all are read."""


class Owner(Enum):
    """The owner of a log."""

    FILE = auto()
    """The file beside it, or there is no log, or nothing in it."""
    OTHER = auto()
    """Another file."""
    UNKNOWN = auto()
    """The log has no marks, like those that earlier versions wrote."""


def find_owner(path: Path) -> Owner:
    """Return to whom the log beside a file belongs.

    Others may create the file or start its log over at this moment, so it is read again
    before another owner is found. Nothing is written.
    """
    for _ in range(_ATTEMPTS - 1):
        if (owner := _find_owner(path)) is not Owner.OTHER:
            return owner
        time.sleep(_SECONDS_BETWEEN_ATTEMPTS)
    return _find_owner(path)


def _find_owner(path: Path) -> Owner:
    try:
        with path.with_name(f"{path.name}-wal").open("rb") as log:
            header = LogHeader.read(log)
            if header is None or next(read_frames(log, header), None) is None:
                return Owner.FILE
            owner = _compare(path, log, header)
            is_in_use = LogHeader.read(log) != header  # it was started over meanwhile
    except FileNotFoundError:
        return Owner.FILE
    return Owner.FILE if is_in_use else owner


def _compare(path: Path, log: BinaryIO, header: LogHeader) -> Owner:
    if not path.exists() or not path.stat().st_size:
        return Owner.OTHER
    try:
        mark = _read_mark(path)
    except sqlite3.Error:  # some of its pages may be in the log only
        return Owner.UNKNOWN
    first, last = _find_marks(log, header)
    if first is None or last is None:
        return Owner.UNKNOWN
    return Owner.FILE if _is_between(mark, first, last) else Owner.OTHER


def _is_between(mark: Mark | None, first: Mark, last: int) -> bool:
    if mark is None:  # the file got its mark in this log, or is a copy from before
        return first.step == FIRST_STEP
    return mark.identity == first.identity and first.step - 1 <= mark.step <= last


def _read_mark(path: Path) -> Mark | None:
    """Return the mark in the file itself, whatever its log has.

    Not with `open`, as in `file_format`: closing it would release locks of this process.
    """
    uri = f"{path.as_uri()}?mode=ro&immutable=1"
    with closing(sqlite3.connect(uri, uri=True)) as db:
        return read_mark(db)


def _find_marks(log: BinaryIO, header: LogHeader) -> tuple[Mark | None, int | None]:
    """Return the first mark in a log, and the last step."""
    first: Mark | None = None
    last: int | None = None
    sums = header.sums
    for number, frame in enumerate(read_frames(log, header)):
        mark = find_mark(frame.page)
        if first is None:
            sums = header.add(header.add(sums, frame.header[:8]), frame.page)
            if sums != frame.sums or number >= _MAX_SUMMED:
                return None, None  # nothing after it counts
            first = mark
        if mark:
            last = max(last or 0, mark.step)
    return first, last
