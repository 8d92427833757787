"""Ids of artifacts: UUIDv7, so that ids sort by the time of registration."""

import re
import secrets
from datetime import UTC, datetime, timedelta
from threading import Lock
from uuid import UUID

_ID = re.compile(r"[A-Za-z0-9-]{1,128}")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MAX_COUNT = 0xFFF


class _Counter:
    """Counts the ids that this process makes in one millisecond."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._milliseconds = self._count = 0

    def count(self, milliseconds: int) -> int:
        """Return the number of ids before this one, at most what 12 bits can hold."""
        with self._lock:
            is_first = milliseconds != self._milliseconds
            self._count = 0 if is_first else min(self._count + 1, _MAX_COUNT)
            self._milliseconds = milliseconds
            return self._count


_counter = _Counter()


def is_id(text: str) -> bool:
    """Return whether an artifact can have this id; keys of other items cannot be ids."""
    return _ID.fullmatch(text) is not None


def new_id(at: datetime) -> str:
    """Return a new UUIDv7 for a time.

    The bits after the milliseconds count the ids of this process in one millisecond (RFC 9562,
    section 6.2, method 1): artifacts that are registered together sort in their order.
    """
    milliseconds = (at - _EPOCH) // timedelta(milliseconds=1)
    head = milliseconds << 80 | 0x7 << 76 | _counter.count(milliseconds) << 64
    return str(UUID(int=head | 0b10 << 62 | secrets.randbits(62)))
