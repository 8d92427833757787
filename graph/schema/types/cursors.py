"""Cursors: opaque positions that only fit the listing they come from."""

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import blake2b

from graph.errors import bad_input

MAX_FIRST = 100
_DIGEST_BYTES = 8
_MAX_POSITION_BYTES = 1_024
"""No listing has longer positions, and stores take no longer ones."""


def checked_first(first: int, most: int = MAX_FIRST) -> int:
    """The page size, if it is one.

    Raises:
        RequestError: where it is not.
    """
    if not 1 <= first <= most:
        raise bad_input(f"first: must be 1 to {most}, not {first}.")
    return first


def cursor(scope: str, position: str) -> str:
    """The cursor of a position in the listing that `scope` tells apart from others."""
    place = position.encode()
    return urlsafe_b64encode(_digest(scope, place) + place).decode().rstrip("=")


def position(scope: str, after: str | None) -> str | None:
    """The position that a cursor stands for; None where none is given, or null is.

    The digest is no secret: it finds mix-ups, and a forged cursor shows nothing that the
    same query without one would not.

    Raises:
        RequestError: where it is no cursor, or one of another listing.
    """
    if not isinstance(after, str):
        return None
    digest, place = _decoded(after)
    if digest != _digest(scope, place) or not 0 < len(place) <= _MAX_POSITION_BYTES:
        raise bad_input("after: not a cursor of this query; use a cursor of the page before.")
    return place.decode(errors="replace")


def _decoded(after: str) -> tuple[bytes, bytes]:
    try:
        decoded = urlsafe_b64decode(after.encode() + b"=" * (-len(after) % 4))
    except (binascii.Error, UnicodeEncodeError):
        decoded = b""
    return decoded[:_DIGEST_BYTES], decoded[_DIGEST_BYTES:]


def _digest(scope: str, place: bytes) -> bytes:
    scope_digest = blake2b(scope.encode(errors="backslashreplace")).digest()
    return blake2b(scope_digest + place, digest_size=_DIGEST_BYTES).digest()
