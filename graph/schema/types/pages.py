"""What all pages have in common: their arguments, their cursors and PageInfo."""

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import blake2b
from typing import Annotated

import strawberry

from graph.errors import bad_input, invalid_cursor

MAX_FIRST = 100
DEFAULT_FIRST = 20
_DIGEST_BYTES = 8
_MAX_POSITION_BYTES = 1_024
"""The length of the longest position of any list, and of the longest that stores accept."""

FirstArgument = Annotated[
    int | None,
    strawberry.argument(
        description=f"The maximum number of items to return, from 1 to {MAX_FIRST}. "
        f"{DEFAULT_FIRST} by default."
    ),
]
AfterArgument = Annotated[
    str | None,
    strawberry.argument(
        description="A cursor: only items after it are returned. It must be a cursor of the "
        "same list with the same `filter` and `orderBy`, such as `pageInfo.endCursor` of the "
        "previous page."
    ),
]


@strawberry.type(description="Information to aid in pagination.")
class PageInfo:
    """Where a page begins and ends."""

    has_next_page: bool = strawberry.field(
        description="Whether there can be more items after `endCursor`. A page of a filtered "
        "list can have few items or none and still have a next page."
    )
    has_previous_page: bool = strawberry.field(
        description="Whether the page was requested with `after`."
    )
    start_cursor: str | None = strawberry.field(
        description="The cursor of the first edge, or null if the page is empty."
    )
    end_cursor: str | None = strawberry.field(
        description="The cursor to pass as `after` for the next page. Null if the page is "
        "empty and there is no next page."
    )


def check_first(
    first: int | None, maximum: int = MAX_FIRST, *, default: int = DEFAULT_FIRST
) -> int:
    """Return the page size if it is in range; for null, the default.

    Raises:
        RequestError: It is not between 1 and `maximum`.
    """
    if first is None:
        return default
    if not 1 <= first <= maximum:
        raise bad_input(f"`first` must be between 1 and {maximum:,}, not {first}.")
    return first


def encode_cursor(scope: str, position: str) -> str:
    """Return the opaque cursor of a position in the list that `scope` identifies."""
    encoded = position.encode()
    return urlsafe_b64encode(_digest(scope, encoded) + encoded).decode().rstrip("=")


def decode_cursor(scope: str, after: str | None) -> str | None:
    """Return the position of a cursor; None if `after` is null or left out.

    The digest only detects cursors of other lists. It needs no secret, because a forged cursor
    reveals nothing that the same query without a cursor would not.

    Raises:
        RequestError: `after` is not a cursor of the list that `scope` identifies.
    """
    if not isinstance(after, str):
        return None
    digest, encoded = _split_cursor(after)
    if digest != _digest(scope, encoded) or not 0 < len(encoded) <= _MAX_POSITION_BYTES:
        raise invalid_cursor()
    return encoded.decode(errors="replace")


def _split_cursor(after: str) -> tuple[bytes, bytes]:
    try:
        decoded = urlsafe_b64decode(after.encode() + b"=" * (-len(after) % 4))
    except (binascii.Error, UnicodeEncodeError):
        decoded = b""
    return decoded[:_DIGEST_BYTES], decoded[_DIGEST_BYTES:]


def _digest(scope: str, encoded: bytes) -> bytes:
    scope_digest = blake2b(scope.encode(errors="backslashreplace")).digest()
    return blake2b(scope_digest + encoded, digest_size=_DIGEST_BYTES).digest()
