"""Encodes values of columns, and decodes them."""

from datetime import datetime

import orjson

from storage.artifacts.changes import actor_fields
from storage.artifacts.records import Actor

LAST_VERSION = 2**31 - 1
"""The highest version: the API's versions are GraphQL's Int."""


def decode_time(text: str) -> datetime:
    """Return the time in a text; raise ValueError if it is none or has no time zone."""
    time = datetime.fromisoformat(text)
    if time.tzinfo is None:
        raise ValueError("no time zone")
    return time


def decode_version(version: int) -> int:
    """Return a version; raise ValueError if it is not one that the API can answer."""
    if not 1 <= version <= LAST_VERSION:
        raise ValueError("not a version")
    return version


def encode_actor(actor: Actor | None) -> str | None:
    """Return an actor as JSON text."""
    return None if actor is None else orjson.dumps(actor_fields(actor)).decode()


def decode_actor(text: str | None) -> Actor | None:
    """Return the actor in a JSON text; raise ValueError if there is none."""
    if text is None:
        return None
    match orjson.loads(text):
        case {"name": str(name), "issuer": (str() | None) as issuer}:
            return Actor(name, issuer)
    raise ValueError("not an actor")


def decode_texts(text: str) -> tuple[str, ...]:
    """Return the texts in a JSON text; raise ValueError if they are none."""
    values = orjson.loads(text)
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise ValueError("not a list of texts")
    return tuple(values)


def decode_properties(text: str) -> tuple[tuple[str, str], ...]:
    """Return the keys and values in a JSON text; raise ValueError if they are none."""
    pairs = orjson.loads(text)
    if not all(isinstance(key, str) and isinstance(value, str) for key, value in pairs):
        raise ValueError("not pairs of texts")
    return tuple((key, value) for key, value in pairs)
