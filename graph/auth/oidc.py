"""Verification of the tokens (JWTs) of an OpenID Connect issuer."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import jwt

from graph.auth.jwks import SigningKeys
from graph.auth.roles import Role, highest_role

_log = logging.getLogger(__name__)

_FAMILIES = ("RS", "PS", "ES")
ALGORITHMS = (*(f"{family}{bits}" for family in _FAMILIES for bits in (256, 384, 512)), "EdDSA")
"""The supported algorithms: those that verify with a public key, none with a shared secret."""
_LEEWAY_SECONDS = 10
"""The tolerated difference between the issuer's clock and this machine's."""


class InvalidTokenError(Exception):
    """The token is not valid; the client may see the message."""


@dataclass(frozen=True, slots=True)
class Issuer:
    """The issuer whose tokens are accepted, and the rules for them."""

    name: str
    audience: str
    jwks_url: str
    algorithms: tuple[str, ...]
    roles_claim: str


class TokenVerifier:
    """Verifies the tokens of one issuer."""

    def __init__(self, issuer: Issuer) -> None:
        self._issuer = issuer
        self._keys = SigningKeys(issuer.jwks_url)

    @property
    def issuer(self) -> str:
        """The name of the issuer."""
        return self._issuer.name

    async def verify(self, token: str) -> tuple[str, Role]:
        """Return the subject of a token and its highest role.

        Raises:
            InvalidTokenError: The token is not valid.
            KeysUnavailableError: The issuer's keys have never been fetched.
        """
        try:
            claims = await self._decode(token)
            str(claims["sub"]).encode()  # it is stored, so it must be valid Unicode
        except jwt.ExpiredSignatureError:
            raise InvalidTokenError("The token has expired.") from None
        except (jwt.PyJWTError, UnicodeEncodeError) as error:
            _log.info("rejected a token: %s", type(error).__name__)
            raise InvalidTokenError("The token is not valid.") from None
        return str(claims["sub"]), _read_role(claims.get(self._issuer.roles_claim))

    async def _decode(self, token: str) -> Mapping[str, Any]:
        key_id = jwt.get_unverified_header(token).get("kid")
        key = await self._keys.get_key(key_id) if isinstance(key_id, str) else None
        if key is None:
            raise jwt.InvalidKeyError("the issuer has no such key")
        claims: dict[str, Any] = jwt.decode(
            token,
            key,
            algorithms=list(self._issuer.algorithms),
            audience=self._issuer.audience,
            issuer=self._issuer.name,
            leeway=_LEEWAY_SECONDS,
            options={"require": ["exp", "iss", "aud", "sub"]},
        )
        return claims


def _read_role(claim: object) -> Role:
    """Return the highest role in a claim: a list, or words with spaces between them.

    Entries that are not the name of a role are ignored.
    """
    words = claim.split() if isinstance(claim, str) else claim
    names = words if isinstance(words, list) else []
    return highest_role(role for role in Role if role.value in names)
