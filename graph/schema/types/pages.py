"""The common parts of all pages: their arguments, their cursors and PageInfo."""

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import blake2b
from typing import Annotated

import strawberry

from graph.errors import bad_input, invalid_cursor

MAX_FIRST = 100
DEFAULT_FIRST = 20
_DIGEST_BYTES = 8
_MAX_POSITION_BYTES = 8_192
"""More than the longest position of any list: a name of 512 characters and the places in the
log up to which the page shows changes."""

FirstArgument = Annotated[
    int | None,
    strawberry.argument(
        description=f"The maximum number of items to return, from 1 to {MAX_FIRST}. "
        f"{DEFAULT_FIRST} by default."
    ),
]
FirstOrLastArgument = Annotated[
    int | None,
    strawberry.argument(
        description=f"Return so many items from the beginning of the list, from 1 to "
        f"{MAX_FIRST}. {DEFAULT_FIRST} by default, if `last` is not given either."
    ),
]
LastArgument = Annotated[
    int | None,
    strawberry.argument(
        description=f"Return so many items from the end of the list, from 1 to {MAX_FIRST}. "
        "They keep the order of the list. It cannot be combined with `first`."
    ),
]
AfterArgument = Annotated[
    str | None,
    strawberry.argument(
        description="A cursor: only items after it are returned. It must be a cursor of the "
        "same list with the same filter, search and order, such as `pageInfo.endCursor` of the "
        "previous page."
    ),
]
BeforeArgument = Annotated[
    str | None,
    strawberry.argument(
        description="A cursor: only items before it are returned. It must be a cursor of the "
        "same list with the same filter, search and order, such as `pageInfo.startCursor` of "
        "the next page."
    ),
]


@strawberry.type(description="Information to aid in pagination, as Relay defines it.")
class PageInfo:
    """The beginning and the end of a page."""

    has_next_page: bool = strawberry.field(
        description="Whether the list has items after `endCursor`."
    )
    has_previous_page: bool = strawberry.field(
        description="Whether the list has items before `startCursor`. For lists that can only "
        "be read forward, which have no `before`: whether the page was requested with `after`."
    )
    start_cursor: str | None = strawberry.field(
        description="The cursor of the first edge, to pass as `before` for the previous page. "
        "Null if the page is empty."
    )
    end_cursor: str | None = strawberry.field(
        description="The cursor of the last edge, to pass as `after` for the next page. Null "
        "if the page is empty."
    )


def check_first(
    first: int | None,
    maximum: int = MAX_FIRST,
    *,
    default: int = DEFAULT_FIRST,
    name: str = "first",
) -> int:
    """Return the page size if it is in range; for null, the default.

    Raises:
        RequestError: It is not between 1 and `maximum`; the message calls it `name`.
    """
    if first is None:
        return default
    if not 1 <= first <= maximum:
        raise bad_input(f"`{name}` must be between 1 and {maximum:,}, not {first}.")
    return first


def encode_cursor(scope: str, position: str) -> str:
    """Return the opaque cursor of a position in the list that `scope` identifies."""
    encoded = position.encode()
    return urlsafe_b64encode(_digest(scope, encoded) + encoded).decode().rstrip("=")


def decode_cursor(scope: str, cursor: str | None) -> str | None:
    """Return the position of a cursor; None if it is null or left out.

    The digest only detects cursors of other lists. It needs no secret, because a forged cursor
    reveals nothing that the same query without a cursor would not.

    Raises:
        RequestError: It is not a cursor of the list that `scope` identifies.
    """
    if not isinstance(cursor, str):
        return None
    digest, encoded = _split_cursor(cursor)
    if digest != _digest(scope, encoded) or not 0 < len(encoded) <= _MAX_POSITION_BYTES:
        raise invalid_cursor()
    return encoded.decode(errors="replace")


def _split_cursor(cursor: str) -> tuple[bytes, bytes]:
    try:
        decoded = urlsafe_b64decode(cursor.encode() + b"=" * (-len(cursor) % 4))
    except (binascii.Error, UnicodeEncodeError):
        decoded = b""
    return decoded[:_DIGEST_BYTES], decoded[_DIGEST_BYTES:]


def _digest(scope: str, encoded: bytes) -> bytes:
    scope_digest = blake2b(scope.encode(errors="backslashreplace")).digest()
    return blake2b(scope_digest + encoded, digest_size=_DIGEST_BYTES).digest()
