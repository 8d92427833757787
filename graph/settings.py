"""The server's settings, read from the environment beside the store's."""

from importlib.util import find_spec
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from limits import RateLimitItem, parse
from pydantic import AfterValidator, BeforeValidator, Field, model_validator
from pydantic_settings import NoDecode

from graph.auth.oidc import ALGORITHMS, Issuer
from graph.auth.roles import Role
from graph.auth.static_tokens import StaticToken, entries
from storage.settings import StoreSettings

_Positive = Annotated[int, Field(ge=1)]
_Seconds = Annotated[float, Field(gt=0)]
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


def _words(text: object) -> object:
    return tuple(text.replace(",", " ").split()) if isinstance(text, str) else text


def _asymmetric(names: tuple[str, ...]) -> tuple[str, ...]:
    if not names or not set(names) <= set(ALGORITHMS):
        raise ValueError(f"must be some of {', '.join(ALGORITHMS)}")
    return names


def _tokens(text: object) -> object:
    return entries(text) if isinstance(text, str) else text


def _trustworthy(url: str) -> str:
    parts = urlsplit(url)
    local = parts.scheme == "http" and parts.hostname in _LOOPBACK
    if not parts.hostname or (parts.scheme != "https" and not local):
        raise ValueError("must be an https url")
    return url


def _limit(text: object) -> object:
    return parse(text) if isinstance(text, str) else text


def _redis(url: str) -> str:
    if urlsplit(url).scheme not in ("redis", "rediss"):
        raise ValueError("must be a redis or rediss url")
    if find_spec("redis") is None:
        raise ValueError("needs the package redis: pip install 'artifact-registry[redis]'")
    return url


class Settings(StoreSettings, arbitrary_types_allowed=True):
    """How much the server takes on, and from whom."""

    max_query_cost: _Positive = 50_000
    """The highest price of a request. A page of 100 models with all their rating and both links
    is 4,000; a page of 20 datasets with 20 models each, with their links, is 6,000."""
    max_query_depth: _Positive = 40
    """How deep fields may be nested. Introspection nests them 15 deep."""
    max_query_aliases: _Positive = 100
    """How many fields may have aliases."""
    max_query_tokens: _Positive = 3_000
    """The longest document, in names, numbers and signs. Introspection has 200."""
    max_query_characters: _Positive = 100_000
    """The longest document, in characters."""
    max_body_bytes: _Positive = 1_000_000
    """The longest body of a request."""
    max_requests: _Positive = 128
    """How many requests are worked on at once, in each worker; more are told to come again."""
    request_seconds: _Seconds = 10
    """How long a request may take, from its head to its answer."""
    keep_alive_seconds: _Positive = 75
    """How long a connection may be idle; longer than load balancers keep theirs, as a rule."""
    rate_limit: Annotated[RateLimitItem, NoDecode, BeforeValidator(_limit)] | None = None
    """How many requests a caller may make in a while."""
    rate_limit_redis_url: Annotated[str, AfterValidator(_redis)] | None = None
    """Where workers and machines count them together; without it each worker counts its own."""
    store_threads: _Positive = 16
    """How many calls of the store run at once."""
    store_seconds: _Seconds = 4.5
    """How long a request goes on trying a store that fails or is busy."""
    grace_seconds: _Positive = 20
    """How long requests at hand may take to end when the server is told to stop."""
    log_format: Literal["auto", "json", "text"] = "auto"
    """How the log is written; `auto` is text on a terminal, and JSON elsewhere."""
    metrics_port: Annotated[int, Field(ge=1, le=65535)] | None = None
    """Where Prometheus reads metrics, of all workers."""
    metrics_host: str = "127.0.0.1"
    """The address of that port."""
    emf_namespace: Annotated[str, Field(min_length=1)] | None = None
    """The namespace of the CloudWatch metrics that are written to stdout."""
    introspection: bool = True
    """Whether the schema can be asked for."""
    suggestions: bool = True
    """Whether errors suggest names of the schema."""
    queries_by_get: bool = True
    """Whether queries can be sent with GET; mutations never can."""
    explorer: bool = True
    """Whether browsers are shown GraphiQL."""
    auth_anonymous: Role | None = None
    """What callers without a token may do."""
    auth_tokens: Annotated[tuple[StaticToken, ...], NoDecode, BeforeValidator(_tokens)] = ()
    """The static tokens that are believed."""
    auth_issuer: str | None = None
    """The OpenID Connect issuer whose tokens are believed."""
    auth_audience: str | None = None
    """Whom its tokens must be meant for."""
    auth_jwks_url: Annotated[str, AfterValidator(_trustworthy)] | None = None
    """Where its keys are."""
    auth_algorithms: Annotated[
        tuple[str, ...], NoDecode, BeforeValidator(_words), AfterValidator(_asymmetric)
    ] = ("RS256", "ES256")
    """How its tokens may be signed."""
    auth_roles_claim: str = "roles"
    """Where its tokens say what their bearer may do."""

    @model_validator(mode="after")
    def _whole_issuer(self) -> Self:
        parts = (self.auth_issuer, self.auth_audience, self.auth_jwks_url)
        if any(parts) and not all(parts):
            raise ValueError("AUTH_ISSUER, AUTH_AUDIENCE and AUTH_JWKS_URL go together")
        return self

    @property
    def anonymous(self) -> Role:
        """What callers without a token may do: everything, until there are tokens."""
        if self.auth_anonymous is not None:
            return self.auth_anonymous
        return Role.NONE if self.auth_tokens or self.auth_issuer else Role.ADMIN

    @property
    def issuer(self) -> Issuer | None:
        """The issuer whose tokens are believed."""
        if not (self.auth_issuer and self.auth_audience and self.auth_jwks_url):
            return None
        return Issuer(
            name=self.auth_issuer,
            audience=self.auth_audience,
            jwks_url=self.auth_jwks_url,
            algorithms=self.auth_algorithms,
            roles_claim=self.auth_roles_claim,
        )
