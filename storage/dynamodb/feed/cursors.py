"""Cursors of changes: a position in every shard of the log, as opaque text."""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from enum import Enum
from typing import Any

import orjson

from storage.dynamodb.feed.log_state import LogState
from storage.errors import CursorExpiredError, InvalidCursorError

_TEXT = re.compile(r"[A-Za-z0-9_-]{1,4000}={0,2}")
_LAST_NUMBER = 2**53
_Row = tuple[int, int]


class Direction(Enum):
    """The order in which the changes of a cursor are read."""

    FORWARD = "f"
    """From the oldest on."""
    BACKWARD = "b"
    """From the newest on."""


@dataclass(frozen=True, slots=True)
class Position:
    """A place in a shard: so many entries of the segment `number` come before it."""

    number: int
    offset: int


START = Position(1, 0)
"""Before the first entry of a shard, which may have none."""
Positions = tuple[Position, ...]
"""A position in every shard, in their order."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """Positions in the log of one table, in one epoch."""

    direction: Direction
    identity: str
    """The table's."""
    epoch: int
    log_epoch: int
    positions: Positions

    def encode(self) -> str:
        """Return the cursor as text."""
        rows = [(position.number, position.offset) for position in self.positions]
        row = (self.direction.value, self.identity, self.epoch, self.log_epoch, rows)
        return urlsafe_b64encode(orjson.dumps(row)).decode().rstrip("=")

    def require_current(self, state: LogState) -> None:
        """Check that the table has not been reset since the cursor was made.

        Raises:
            CursorExpiredError: if it has.
        """
        if (self.epoch, self.log_epoch) != (state.epoch, state.log_epoch):
            raise CursorExpiredError("the registry was reset after this cursor")

    def padded(self, shards: int) -> Positions:
        """Return the positions, also in shards that were added after the cursor was made."""
        return self.positions + (START,) * (shards - len(self.positions))


def decode_cursor(text: str, direction: Direction, identity: str) -> Cursor:
    """Return the cursor of a text.

    Raises:
        InvalidCursorError: if it is not one of this direction.
        CursorExpiredError: if it is one of another table.
    """
    try:
        cursor = _decode(text)
    except (ValueError, TypeError, RecursionError):
        raise InvalidCursorError("not a cursor of changes") from None
    if cursor.direction is not direction:
        raise InvalidCursorError("a cursor of changes in the other direction")
    if cursor.identity != identity:
        raise CursorExpiredError("the cursor is one of another table")
    return cursor


def _decode(text: str) -> Cursor:
    if not _TEXT.fullmatch(text):
        raise ValueError("not base64")
    row = orjson.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    direction, identity, epoch, log_epoch, rows = row
    positions = tuple([Position(_number(n, 1), _number(offset, 0)) for n, offset in rows])
    if not isinstance(identity, str) or not positions:
        raise ValueError("no identity or positions")
    return Cursor(
        Direction(direction), identity, _number(epoch, 0), _number(log_epoch, 0), positions
    )


def _number(value: Any, least: int) -> int:  # noqa: ANN401 - JSON is any value
    if type(value) is not int or not least <= value < _LAST_NUMBER:
        raise ValueError("not a number of a position")
    return value
