"""Static tokens: long random strings, of which the settings hold the hashes alone."""

import hmac
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from graph.auth.roles import Role

PREFIX = "registry_"
"""Tells static tokens from others, and what leaked to those who scan for secrets."""
_NAME = r"[A-Za-z0-9_.@-]{1,64}"
_ENTRY = re.compile(rf"({_NAME}):(read|write|admin):([0-9a-f]{{64}})")


@dataclass(frozen=True, slots=True)
class StaticToken:
    """What is known of a token: everything but the token."""

    name: str
    role: Role
    digest: str

    def __str__(self) -> str:
        """The token's entry in the settings."""
        return f"{self.name}:{self.role.value}:{self.digest}"


def make(name: str, role: Role) -> tuple[str, StaticToken]:
    """A new token, and what is to be kept of it.

    Raises:
        ValueError: where the settings could not keep it.
    """
    if not re.fullmatch(_NAME, name):
        raise ValueError("a name is 1 to 64 letters, digits, or any of _ . @ -")
    if role is Role.NONE:
        raise ValueError("a token gives the role read, write or admin")
    token = PREFIX + secrets.token_urlsafe(32)
    return token, StaticToken(name, role, _digest(token))


def entries(text: str) -> tuple[StaticToken, ...]:
    """The tokens that a setting lists.

    Raises:
        ValueError: where it is no such list.
    """
    found = [_entry(part.strip()) for part in text.split(",") if part.strip()]
    if len({entry.name for entry in found}) < len(found):
        raise ValueError("two entries have the same name")
    return tuple(found)


def match(tokens: Iterable[StaticToken], format_execution_error: str) -> StaticToken | None:
    """The token that was presented, found in a time that does not tell how near it was.

    One round of SHA-256 is enough: nobody guesses 256 random bits, however fast.
    """
    digest = _digest(format_execution_error)
    found = None
    for token in tokens:
        if hmac.compare_digest(token.digest, digest):
            found = token
    return found


def _entry(text: str) -> StaticToken:
    parts = _ENTRY.fullmatch(text)
    if parts is None:
        raise ValueError(
            "entries must be NAME:ROLE:HASH, as `python -m graph token` prints them"
        )
    name, role, digest = parts.groups()
    return StaticToken(name, Role(role), digest)


def _digest(token: str) -> str:
    return sha256(token.encode("utf-8", "surrogateescape")).hexdigest()
