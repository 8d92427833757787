"""Verification of the tokens (JWTs) of OpenID Connect issuers."""

import logging
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import jwt

from graph.auth.issuers import Issuer, read_claim, read_words
from graph.auth.jwks import SigningKeys
from graph.auth.roles import Role, highest_role

_log = logging.getLogger(__name__)

_LEEWAY_SECONDS = 10
"""The tolerated difference between the issuer's clock and this machine's."""


class InvalidTokenError(Exception):
    """The token is not valid; the client may see the message."""


class VerifiedToken(NamedTuple):
    """The sender of a valid token."""

    subject: str
    issuer: str
    role: Role
    expires: float
    """The Unix time from which on the token is not valid any more."""


class TokenVerifier:
    """Verifies the tokens of some issuers."""

    def __init__(self, issuers: Sequence[Issuer]) -> None:
        self._issuers = {
            each.issuer: (each, SigningKeys(each.issuer, each.jwks_url)) for each in issuers
        }

    async def verify(self, token: str) -> VerifiedToken:
        """Return what a token says of its sender.

        Raises:
            InvalidTokenError: The token is not valid.
            KeysUnavailableError: The keys of its issuer could not be fetched lately.
        """
        try:
            issuer, claims = await self._decode(token)
            str(claims["sub"]).encode()  # it is stored, so it must be valid Unicode
        except jwt.ExpiredSignatureError:
            raise InvalidTokenError("The token has expired.") from None
        except (jwt.PyJWTError, UnicodeEncodeError) as error:
            _log.info("rejected a token: %s", type(error).__name__)
            raise InvalidTokenError("The token is not valid.") from None
        role, expires = _read_role(issuer, claims), int(claims["exp"]) + _LEEWAY_SECONDS
        return VerifiedToken(str(claims["sub"]), issuer.issuer, role, expires)

    async def _decode(self, token: str) -> tuple[Issuer, Mapping[str, Any]]:
        unverified = jwt.decode_complete(token, options={"verify_signature": False})
        name = unverified["payload"].get("iss")
        if not isinstance(name, str) or name not in self._issuers:
            raise jwt.InvalidIssuerError("no issuer that is accepted")
        issuer, keys = self._issuers[name]
        key_id = unverified["header"].get("kid")
        key = await keys.get_key(key_id) if isinstance(key_id, str) else None
        if key is None:
            raise jwt.InvalidKeyError("the issuer has no such key")
        claims: dict[str, Any] = jwt.decode(
            token,
            key,
            algorithms=list(issuer.algorithms),
            issuer=issuer.issuer,
            leeway=_LEEWAY_SECONDS,
            options={"require": ["exp", "iss", "sub"], "verify_aud": False},
        )
        _check_claims(issuer, claims)
        return issuer, claims


def _check_claims(issuer: Issuer, claims: Mapping[str, Any]) -> None:
    # Access tokens of Amazon Cognito have no audience, and name the client instead.
    is_of_cognito = "aud" not in claims and claims.get("token_use") == "access"
    if not {*read_claim(claims, "client_id" if is_of_cognito else "aud")} & {*issuer.audience}:
        raise jwt.InvalidAudienceError("another audience")
    for path, values in issuer.required_claims.items():
        if not {*read_claim(claims, path)} & {*values}:
            raise jwt.InvalidTokenError(f"the claim {path} has not a required value")


def _read_role(issuer: Issuer, claims: Mapping[str, Any]) -> Role:
    """Return the highest role that the claims give; values that mean no role are ignored."""
    roles = issuer.roles or {role.value: role for role in Role}
    values = [value for path in issuer.roles_claim for value in read_words(claims, path)]
    return highest_role(roles[value] for value in values if value in roles)
