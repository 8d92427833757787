"""Static tokens: long random strings, of which the settings hold only the hashes."""

import hmac
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from hashlib import sha256

from graph.auth.roles import Role
from storage.artifacts.url_prefixes import parse_prefix

PREFIX = "registry_"
"""The start of every static token, by which secret scanners can recognize a leaked one."""
_NAME = r"[A-Za-z0-9_.@-]{1,64}"
_DATE = r"\d{4}-\d{2}-\d{2}"
_ENTRY = re.compile(
    rf"({_NAME}):(read|write|admin):([0-9a-f]{{64}})(?::({_DATE}))?(?::([a-zA-Z0-9+.-]+://.*))?",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class StaticToken:
    """The name, the role and the hash of a token; the token itself is not stored."""

    name: str
    role: Role
    digest: str
    """The SHA-256 of the token, in hexadecimal."""
    expires: date | None = None
    """The first day, in UTC, on which the token is no longer valid."""
    url_prefixes: tuple[str, ...] = ()
    """Prefixes of the urls of the artifacts that it may write; if empty, all urls."""

    def __str__(self) -> str:
        """Return the token's entry for `AUTH_TOKENS`."""
        expires = (str(self.expires),) if self.expires else ()
        prefixes = (" ".join(self.url_prefixes),) if self.url_prefixes else ()
        return ":".join((self.name, self.role.value, self.digest, *expires, *prefixes))


def create_token(
    name: str, role: Role, expires: date | None = None, url_prefixes: Iterable[str] = ()
) -> tuple[str, StaticToken]:
    """Create a random token, for ever or until a day; return it and its entry.

    Raises:
        ValueError: The name, the role or a prefix cannot stand in an entry.
    """
    if not re.fullmatch(_NAME, name):
        raise ValueError(
            f"invalid name {name!r}: use 1 to 64 letters, digits or any of _ . @ -"
        )
    if role is Role.NONE:
        raise ValueError("a token cannot have the role none: use read, write or admin")
    token = PREFIX + secrets.token_urlsafe(32)
    prefixes = tuple(map(_parse_prefix, url_prefixes))
    return token, StaticToken(name, role, _hash_token(token), expires, prefixes)


def parse_tokens(text: str) -> tuple[StaticToken, ...]:
    """Parse a list of entries with commas between them.

    Raises:
        ValueError: An entry is malformed, or two have the same name.
    """
    entries = [part.strip() for part in text.split(",") if part.strip()]
    tokens = [_parse_token(entry, number) for number, entry in enumerate(entries, start=1)]
    names = [token.name for token in tokens]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"two entries have the name {name!r}: names must be unique")
    return tuple(tokens)


def find_token(tokens: Iterable[StaticToken], text: str) -> StaticToken | None:
    """Return the token that a client sent, or None if it is not one of these.

    All hashes are compared in constant time. One round of SHA-256 is enough, because nobody
    can guess 256 random bits.
    """
    digest = _hash_token(text)
    matches = [token for token in tokens if hmac.compare_digest(token.digest, digest)]
    return matches[-1] if matches else None


def _parse_token(entry: str, number: int) -> StaticToken:
    parts = _ENTRY.fullmatch(entry)
    if parts is None:
        # The entry is not repeated: it may hold the token instead of the hash.
        raise ValueError(
            f"entry {number} must have the form NAME:ROLE:HASH[:YYYY-MM-DD][:URL_PREFIXES], "
            "as `python -m graph token` prints it"
        )
    name, role, digest, day, prefixes = parts.groups()
    try:
        expires = date.fromisoformat(day) if day else None
    except ValueError:
        raise ValueError(f"entry {number} expires on {day}, which is no date") from None
    try:
        parsed = tuple(map(_parse_prefix, (prefixes or "").split()))
    except ValueError as error:
        raise ValueError(f"entry {number}: {error}") from None
    return StaticToken(name, Role(role), digest, expires, parsed)


def _parse_prefix(text: str) -> str:
    if "," in text:
        raise ValueError(f"{text!r} must not contain a comma; write it as %2C")
    return parse_prefix(text)


def _hash_token(token: str) -> str:
    return sha256(token.encode("utf-8", "surrogateescape")).hexdigest()
