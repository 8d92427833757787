"""Authentication: bearer tokens identify the principal of a request."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from graph.auth.jwks import KeysUnavailableError
from graph.auth.oidc import InvalidTokenError, TokenVerifier
from graph.auth.roles import Role
from graph.auth.static_tokens import PREFIX, StaticToken, find_token
from graph.errors import Code, RequestError
from storage.artifacts.records import Actor

_RETRY_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Principal:
    """The sender of a request."""

    name: str | None
    """None if the request had no token."""
    role: Role
    actor: Actor | None = None
    """The caller that writes are attributed to; None if the request had no token."""
    url_prefixes: tuple[str, ...] | None = None
    """Prefixes of the urls of the artifacts that it may write; None for all urls."""
    expires: float | None = None
    """The Unix time from which on its token is not accepted; None for never."""

    def require_role(self, role: Role) -> None:
        """Check that the principal has at least a role.

        Raises:
            RequestError: It has a lower one.
        """
        if self.role.covers(role):
            return
        if self.name is None:
            raise _unauthenticated(
                f"This operation requires the role {role.value}; send a token as"
                " `Authorization: Bearer TOKEN`."
            )
        raise RequestError(
            Code.FORBIDDEN,
            f"This operation requires the role {role.value}, but the token has the role"
            f" {self.role.value}.",
            {"www-authenticate": 'Bearer error="insufficient_scope"'},
        )


class Authenticator:
    """Authenticates requests by static tokens and by those of OpenID Connect issuers."""

    def __init__(
        self,
        anonymous: Role,
        tokens: Sequence[StaticToken],
        token_verifier: TokenVerifier | None,
    ) -> None:
        self._anonymous = Principal(None, anonymous)
        self._tokens = tokens
        self._token_verifier = token_verifier

    async def authenticate(self, authorization: Sequence[str]) -> Principal:
        """Return the principal of a request with these `Authorization` headers.

        Raises:
            RequestError: The token is malformed or invalid, or cannot be verified now.
        """
        if not authorization:
            return self._anonymous
        scheme, _, token = authorization[0].strip().partition(" ")
        if len(authorization) > 1 or scheme.lower() != "bearer" or not token.strip():
            raise _unauthenticated(
                "Invalid credentials; send one header `Authorization: Bearer TOKEN`."
            )
        return await self._authenticate_token(token.strip())

    async def _authenticate_token(self, token: str) -> Principal:
        static_token = find_token(self._tokens, token)
        if static_token is not None:
            if static_token.expires and datetime.now(UTC).date() >= static_token.expires:
                raise token_expired()
            actor = Actor(static_token.name)
            return Principal(
                f"token {actor.name}",
                static_token.role,
                actor,
                static_token.url_prefixes or None,
                _to_unix_time(static_token.expires) if static_token.expires else None,
            )
        if self._token_verifier is None or token.startswith(PREFIX):
            raise _invalid_token("The token is not valid.")
        try:
            verified = await self._token_verifier.verify(token)
        except InvalidTokenError as error:
            raise _invalid_token(str(error)) from None
        except KeysUnavailableError:
            raise RequestError(
                Code.UNAVAILABLE,
                "The token cannot be verified because the issuer's keys are not available;"
                " try again.",
                {"retry-after": str(_RETRY_SECONDS)},
            ) from None
        actor = Actor(verified.subject, verified.issuer)
        name = f"subject {verified.subject} of {verified.issuer}"
        return Principal(name, verified.role, actor, expires=verified.expires)


def _to_unix_time(day: date) -> float:
    return datetime.combine(day, time(), UTC).timestamp()


def _unauthenticated(message: str, parameters: str = "") -> RequestError:
    headers = {"www-authenticate": f"Bearer{parameters}"}
    return RequestError(Code.UNAUTHENTICATED, message, headers)


def token_expired() -> RequestError:
    """Return the error to raise for a token that is not valid any more."""
    return _invalid_token("The token has expired.")


def _invalid_token(message: str) -> RequestError:
    return _unauthenticated(message, ' error="invalid_token"')
