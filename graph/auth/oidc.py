"""Tokens of an OpenID Connect issuer: JWTs, believed only once all about them is verified."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import jwt

from graph.auth.jwks import SigningKeys
from graph.auth.roles import Role, greatest

_log = logging.getLogger(__name__)

_FAMILIES = ("RS", "PS", "ES")
ALGORITHMS = (*(f"{family}{bits}" for family in _FAMILIES for bits in (256, 384, 512)), "EdDSA")
"""Those that verify with a public key: none with a shared secret."""
_LEEWAY_SECONDS = 10
"""How far clocks may be apart."""


class BadTokenError(Exception):
    """A token that is not believed; the message may be told to whoever sent it."""


@dataclass(frozen=True, slots=True)
class Issuer:
    """Whose tokens are believed, and where in them the roles are."""

    name: str
    audience: str
    jwks_url: str
    algorithms: tuple[str, ...]
    roles_claim: str


class Verifier:
    """Verifies the tokens of one issuer."""

    def __init__(self, issuer: Issuer) -> None:
        self._issuer = issuer
        self._keys = SigningKeys(issuer.jwks_url)

    async def __call__(self, token: str) -> tuple[str, Role]:
        """Whose token it is, and the greatest role that it gives.

        Raises:
            BadTokenError: where it is not believed.
            KeysUnavailableError: where that cannot be told.
        """
        try:
            claims = await self._claims(token)
        except jwt.ExpiredSignatureError:
            raise BadTokenError("The token has expired.") from None
        except jwt.PyJWTError as error:
            _log.info("a token is not believed: %s", type(error).__name__)
            raise BadTokenError("The token is not valid.") from None
        return str(claims["sub"]), _role(claims.get(self._issuer.roles_claim))

    async def _claims(self, token: str) -> Mapping[str, Any]:
        id_ = jwt.get_unverified_header(token).get("kid")
        key = await self._keys.get(id_) if isinstance(id_, str) else None
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


def _role(claim: object) -> Role:
    """The greatest role that a claim names, in a list or in words; other words mean nothing."""
    words = claim.split() if isinstance(claim, str) else claim
    named = words if isinstance(words, list) else []
    return greatest({role for role in Role if role.value in named})
