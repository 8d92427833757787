"""Positions of pages: each says how far the copy was that it was read from."""

import re
from collections.abc import Iterable

from storage.dynamodb.search.copy_tables import CopyPosition

_TEXT = re.compile(
    r"(\w{1,64})\.(\d{1,15})\.(\d{1,15})\.(\d{1,15}(?:-\d{1,15}){0,1000}) (.*)",
    re.DOTALL | re.ASCII,
)


def to_prefix(identity: str, copy: CopyPosition) -> str:
    """Return what precedes the positions of a page: how far the copy of a table is."""
    numbers = "-".join(f"{p.number}-{p.offset}" for p in copy.positions)
    return f"{identity}.{copy.epoch}.{copy.log_epoch}.{numbers} "


def without_prefix(position: str | None) -> str | None:
    """Return a position as the search index knows it."""
    match = _TEXT.fullmatch(position) if position else None
    return match[5] if match else position


def is_ahead(positions: Iterable[str | None], identity: str, copy: CopyPosition) -> bool:
    """Return whether a page of these positions showed changes that a copy may not have.

    What was read from another table, or before a reset, is not ahead.
    """
    log = identity, str(copy.epoch), str(copy.log_epoch)
    known = [(p.number, p.offset) for p in copy.positions]
    for match in (_TEXT.fullmatch(position) for position in positions if position):
        if match is None or match.group(1, 2, 3) != log:
            continue
        numbers = [int(number) for number in match[4].split("-")]
        seen = list(zip(numbers[::2], numbers[1::2], strict=False))
        if len(seen) > len(known) or any(s > k for s, k in zip(seen, known, strict=False)):
            return True
    return False
