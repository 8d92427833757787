"""Who calls: whom a request's bearer token names, or somebody without one."""

from collections.abc import Sequence
from dataclasses import dataclass

from graph.auth.jwks import KeysUnavailableError
from graph.auth.oidc import BadTokenError, Verifier
from graph.auth.roles import Role
from graph.auth.static_tokens import PREFIX, StaticToken, match
from graph.errors import Code, RequestError

_RETRY_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Principal:
    """Whoever made a request."""

    name: str | None
    """None where there was no token."""
    role: Role

    def require(self, needed: Role) -> None:
        """Let the caller pass who has a role.

        Raises:
            RequestError: where it has not.
        """
        if self.role.covers(needed):
            return
        if self.name is None:
            raise unauthenticated("This needs a token: send `Authorization: Bearer TOKEN`.")
        raise RequestError(
            Code.FORBIDDEN,
            f"This needs the role {needed.value}, and the token gives {self.role.value}.",
            {"www-authenticate": 'Bearer error="insufficient_scope"'},
        )


class Authenticator:
    """Tells callers by their tokens."""

    def __init__(
        self, anonymous: Role, tokens: Sequence[StaticToken], verifier: Verifier | None
    ) -> None:
        self._anonymous = Principal(None, anonymous)
        self._tokens = tokens
        self._verify = verifier

    async def of(self, authorization: Sequence[str]) -> Principal:
        """Who sent these `Authorization` headers.

        Raises:
            RequestError: where they name nobody, or where that cannot be told.
        """
        if not authorization:
            return self._anonymous
        scheme, _, token = authorization[0].strip().partition(" ")
        if len(authorization) > 1 or scheme.lower() != "bearer" or not token.strip():
            raise unauthenticated("Authorization must be one header: Bearer TOKEN.")
        return await self._bearer(token.strip())

    async def _bearer(self, token: str) -> Principal:
        known = match(self._tokens, token)
        if known is not None:
            return Principal(f"token {known.name}", known.role)
        if self._verify is None or token.startswith(PREFIX):
            raise _bad("The token is not valid.")
        try:
            subject, role = await self._verify(token)
        except BadTokenError as error:
            raise _bad(str(error)) from None
        except KeysUnavailableError:
            raise RequestError(
                Code.UNAVAILABLE,
                "Tokens cannot be verified at the moment; try again.",
                {"retry-after": str(_RETRY_SECONDS)},
            ) from None
        return Principal(f"subject {subject}", role)


def unauthenticated(message: str, error: str = "") -> RequestError:
    """The refusal of a request that says nothing about who sent it."""
    return RequestError(Code.UNAUTHENTICATED, message, {"www-authenticate": f"Bearer{error}"})


def _bad(message: str) -> RequestError:
    return unauthenticated(message, ' error="invalid_token"')
