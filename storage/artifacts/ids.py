"""Ids of artifacts: UUIDv7, so that ids sort by the time of registration."""

import re
import secrets
from datetime import datetime
from uuid import UUID

_ID = re.compile(r"[A-Za-z0-9-]{1,128}")


def is_id(text: str) -> bool:
    """Return whether an artifact can have this id; keys of other items cannot be ids."""
    return _ID.fullmatch(text) is not None


def new_id(at: datetime) -> str:
    """Return a new UUIDv7 for a time.

    The bits after the milliseconds hold the microseconds (RFC 9562, section 6.2, method 3).
    """
    microseconds = int(at.timestamp() * 1_000_000)
    milliseconds, rest = divmod(microseconds, 1000)
    head = milliseconds << 80 | 0x7 << 76 | (rest * 4096 // 1000) << 64
    return str(UUID(int=head | 0b10 << 62 | secrets.randbits(62)))
