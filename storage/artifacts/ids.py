"""The ids of artifacts: UUIDv7, so that ids sort by the time they were given."""

import re
import secrets
from datetime import datetime
from uuid import UUID

_ID = re.compile(r"[A-Za-z0-9-]{1,128}")


def is_id(text: str) -> bool:
    """Whether an artifact could have this id; keys of other items in the table cannot be."""
    return _ID.fullmatch(text) is not None


def new_id(at: datetime) -> str:
    """A new UUIDv7 (RFC 9562, method 3: microseconds go on where the milliseconds end)."""
    microseconds = int(at.timestamp() * 1_000_000)
    milliseconds, rest = divmod(microseconds, 1000)
    head = milliseconds << 80 | 0x7 << 76 | (rest * 4096 // 1000) << 64
    return str(UUID(int=head | 0b10 << 62 | secrets.randbits(62)))
