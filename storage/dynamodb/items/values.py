"""Encodes single values of items, and decodes them strictly."""

from datetime import UTC, datetime

import orjson

from storage.artifacts.changes import actor_fields
from storage.artifacts.records import Actor
from storage.dynamodb.schema.attributes import KEY, Item
from storage.errors import UndecodableError

DECODING_ERRORS = KeyError, ValueError, TypeError, AttributeError, ArithmeticError
"""Raised by reading an item that lacks attributes, or has them with another type."""
_LAST_VERSION = 2**31 - 2
"""The highest version: the one after it, at least for a deletion, still is a GraphQL Int."""


def undecodable(item: Item, kind: str = "an artifact") -> UndecodableError:
    """Return the error that names an item which cannot be decoded."""
    key = item.get(KEY, {}).get("S", "without an id")
    return UndecodableError(f"the item {key} is not {kind}")


def encode_actor(actor: Actor | None) -> str | None:
    """Return a caller as JSON text; None if there is none."""
    return None if actor is None else orjson.dumps(actor_fields(actor)).decode()


def decode_actor(item: Item, name: str) -> Actor | None:
    """Return the caller in an attribute; None if the item lacks it."""
    if name not in item:
        return None
    fields = orjson.loads(item[name]["S"])
    issuer = fields.get("issuer")
    return Actor(require_text(fields["name"]), None if issuer is None else require_text(issuer))


def place_key(at: datetime, id_: str) -> str:
    """Return an artifact's place in the order of a time, such as since when it has its name."""
    return f"{at:%Y-%m-%dT%H:%M:%S.%f}Z#{id_}"


def decode_time(text: str) -> datetime:
    """Return the time that a text tells, in UTC.

    Raises:
        ValueError: if it is not a time with a time zone.
    """
    time = datetime.fromisoformat(text)
    if time.tzinfo is None:
        raise ValueError("a time without a time zone")
    return time.astimezone(UTC)


def decode_version(item: Item, name: str = "version") -> int:
    """Return the version in an attribute.

    Raises:
        ValueError: if it is not a version that the API can answer.
    """
    version = int(item[name]["N"])
    if not 1 <= version <= _LAST_VERSION:
        raise ValueError("not a version")
    return version


def require_text(value: object) -> str:
    """Return a value that must be text.

    Raises:
        TypeError: if it is not.
    """
    if not isinstance(value, str):
        raise TypeError("not a text")
    return value
