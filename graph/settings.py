"""The server's settings, read from environment variables together with the store's."""

from typing import Annotated, Literal, NamedTuple, Self

from limits import RateLimitItem, parse
from pydantic import AfterValidator, BeforeValidator, Field, FilePath, model_validator
from pydantic_settings import NoDecode

from graph.auth.issuers import (
    DEFAULT_ALGORITHMS,
    DEFAULT_ROLES_CLAIM,
    Algorithms,
    HttpsUrl,
    Issuer,
    RequiredClaims,
    RoleMapping,
    Words,
)
from graph.auth.origins import ANY, parse_origins
from graph.auth.roles import Role
from graph.auth.static_tokens import StaticToken, parse_tokens
from graph.setting_values import check_host_names, check_redis_url, check_root_path
from storage.settings import PositiveSeconds, Seconds, StoreSettings

_Positive = Annotated[int, Field(ge=1, le=2**31 - 1)]


def _parse_tokens(text: object) -> object:
    return parse_tokens(text) if isinstance(text, str) else text


def _parse_limits(text: object) -> object:
    return parse_rate_limits(text) if isinstance(text, str) else text


def _parse_origins(text: object) -> object:
    return parse_origins(text) if isinstance(text, str) else text


class RateLimits(NamedTuple):
    """The limit of each caller in a period."""

    requests: RateLimitItem | None = None
    cost: RateLimitItem | None = None
    """The total price of requests."""


def parse_rate_limits(text: str) -> RateLimits:
    """Return the limits that a setting such as `600/minute, cost: 1000000/minute` gives.

    Raises:
        ValueError: It has another form.
    """
    limits: dict[str, RateLimitItem] = {}
    for part in text.split(","):
        unit, _, rate = part.rpartition(":")
        name = unit.strip() or "requests"
        try:
            limit = parse(rate)
        except ValueError:
            limit = None
        if limit is None or name in limits or name not in RateLimits._fields:
            raise ValueError(
                f"{text!r} is not a rate limit; use a form such as 600/minute, or "
                "600/minute, cost: 1000000/minute"
            )
        limits[name] = limit
    return RateLimits(**limits)


class Settings(StoreSettings, arbitrary_types_allowed=True):
    """The limits, the telemetry and the authentication of the server."""

    max_query_cost: _Positive = 50_000
    """Maximum price of a request. A page of 100 models with a full rating, dataset and code
    costs about 8,000; a page of a catalogue with search, filter, count and facets 10,000."""
    max_query_depth: _Positive = 40
    """Maximum depth of nested fields. The introspection query nests them 15 deep."""
    max_query_aliases: _Positive = 100
    """Maximum number of fields with an alias."""
    max_query_tokens: _Positive = 3_000
    """Maximum number of lexical tokens in a document. The introspection query has 200."""
    max_query_characters: _Positive = 100_000
    """Maximum number of characters in a document."""
    max_body_bytes: _Positive = 1_000_000
    """Maximum size of a request body, in bytes."""
    max_requests: _Positive = 128
    """Maximum number of requests that each worker executes at once; more get status 503."""
    max_subscriptions: _Positive = 1_000
    """Maximum number of open subscriptions in each worker; more get status 503."""
    subscriptions_per_caller: _Positive = 200
    """Maximum number of them that one caller may have; more get status 429."""
    request_seconds: PositiveSeconds = 10
    """Maximum duration of a request, from its head to its response, in seconds."""
    keep_alive_seconds: _Positive = 75
    """Time after which an idle connection is closed, in seconds. It should be longer than that
    of the load balancer in front of the server."""
    rate_limit: Annotated[RateLimits, NoDecode, BeforeValidator(_parse_limits)] | None = None
    """Maximum number of requests of each caller per period, such as `600/minute`; or their
    maximum total price, such as `cost: 1000000/minute`; or both, separated by a comma."""
    rate_limit_redis_url: Annotated[str, AfterValidator(check_redis_url)] | None = None
    """Redis in which all workers and machines count requests together; without it each worker
    counts its own."""
    store_threads: _Positive = 16
    """Maximum number of concurrent calls of the store in each worker."""
    store_seconds: PositiveSeconds = 4.5
    """Time during which a request retries a store that fails or is busy, in seconds."""
    drain_seconds: Seconds = 2
    """Time between SIGTERM, from which on the server is not ready, and the end of accepting
    connections, in seconds."""
    grace_seconds: _Positive = 20
    """Time that running requests have to finish when the server is stopped, in seconds."""
    log_format: Literal["auto", "json", "text"] = "auto"
    """Format of the log; `auto` is text on a terminal, and otherwise JSON."""
    metrics_port: Annotated[int, Field(ge=1, le=65535)] | None = None
    """Port of the Prometheus metrics of all workers."""
    metrics_host: str = "127.0.0.1"
    """Address to which that port is bound."""
    emf_namespace: Annotated[str, Field(min_length=1)] | None = None
    """Namespace of CloudWatch metrics; if set, they are written to stdout in the embedded
    metric format."""
    executor: Literal["engine", "graphql-core"] = "engine"
    """The executor of requests. `graphql-core` is a fallback for a defect of the server's own
    engine: it is several times slower, and stops no request that exceeds its budget."""
    introspection: bool = True
    """Allow introspection queries."""
    suggestions: bool = True
    """Let validation errors suggest names of the schema."""
    queries_by_get: bool = True
    """Allow queries to be sent with GET; mutations always need POST."""
    trusted_documents: FilePath | None = None
    """Manifest with the documents that clients execute by their ids."""
    trusted_documents_only: bool = False
    """Execute no other documents."""
    explorer: bool = True
    """Show browsers that open `/graphql` GraphiQL, and with it the documentation."""
    allowed_hosts: Annotated[Words, AfterValidator(check_host_names), NoDecode] = ()
    """Host names of the server; requests with another `Host` header are rejected."""
    root_path: Annotated[str, AfterValidator(check_root_path)] | None = None
    """Path below which a reverse proxy has the server."""
    cors_origins: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_parse_origins)] = ()
    """Origins of websites that may call the API from browsers; `*` stands for all."""
    auth_anonymous: Role | None = None
    """Role of callers without a token."""
    explain_role: Role = Role.READ
    """Role that callers need to see the use of the store with `X-Explain: store`."""
    auth_tokens: Annotated[
        tuple[StaticToken, ...], NoDecode, BeforeValidator(_parse_tokens)
    ] = ()
    """Static tokens that are accepted."""
    auth_issuer: HttpsUrl | None = None
    """OpenID Connect issuer whose tokens are accepted."""
    auth_audience: Annotated[Words, NoDecode] = ()
    """Accepted audiences (`aud`) of the issuer's tokens."""
    auth_jwks_url: HttpsUrl | None = None
    """URL of the issuer's JSON Web Key Set, if not that of its configuration."""
    auth_algorithms: Annotated[Algorithms, NoDecode] = DEFAULT_ALGORITHMS
    """Allowed signature algorithms of the issuer's tokens."""
    auth_roles_claim: Annotated[Words, NoDecode] = DEFAULT_ROLES_CLAIM
    """Claims of the issuer's tokens that hold their roles."""
    auth_roles: Annotated[RoleMapping, NoDecode] = Field(default_factory=dict)
    """Roles of values of these claims, such as `ml-writers=write`."""
    auth_required_claims: Annotated[RequiredClaims, NoDecode] = Field(default_factory=dict)
    """Claims that the issuer's tokens must have, such as `repository_owner=acme`."""
    auth_issuers: tuple[Issuer, ...] = ()
    """Further issuers, as JSON."""

    @model_validator(mode="after")
    def _check_rate_limit(self) -> Self:
        limit = self.rate_limit and self.rate_limit.cost
        if limit and limit.amount < self.max_query_cost:
            raise ValueError(
                "RATE_LIMIT must allow a cost of MAX_QUERY_COST at least, or no request could "
                f"cost as much: {limit.amount} is less than {self.max_query_cost}"
            )
        return self

    @model_validator(mode="after")
    def _check_documents(self) -> Self:
        if self.trusted_documents_only and self.trusted_documents is None:
            raise ValueError("TRUSTED_DOCUMENTS_ONLY needs TRUSTED_DOCUMENTS")
        return self

    @model_validator(mode="after")
    def _check_origins(self) -> Self:
        if ANY in self.cors_origins and self.anonymous.covers(Role.WRITE):
            raise ValueError(
                "CORS_ORIGINS must not be * while callers without a token may write, or every "
                "website could: list the origins, or set AUTH_ANONYMOUS to none or read"
            )
        return self

    @model_validator(mode="after")
    def _check_issuer(self) -> Self:
        has_issuer = self.auth_issuer is not None
        if has_issuer != bool(self.auth_audience) or (self.auth_jwks_url and not has_issuer):
            raise ValueError("AUTH_ISSUER and AUTH_AUDIENCE must be set together")
        names = [each.issuer for each in self.issuers]
        if len({*names}) < len(names):
            raise ValueError("AUTH_ISSUERS: every issuer must be another one")
        return self

    @property
    def anonymous(self) -> Role:
        """The role of callers without a token: ADMIN by default if no tokens are accepted."""
        if self.auth_anonymous is not None:
            return self.auth_anonymous
        return Role.NONE if self.auth_tokens or self.issuers else Role.ADMIN

    @property
    def issuers(self) -> tuple[Issuer, ...]:
        """The issuers whose tokens are accepted."""
        if self.auth_issuer is None:
            return self.auth_issuers
        issuer = Issuer(
            issuer=self.auth_issuer,
            audience=self.auth_audience,
            jwks_url=self.auth_jwks_url,
            algorithms=self.auth_algorithms,
            roles_claim=self.auth_roles_claim,
            roles=self.auth_roles,
            required_claims=self.auth_required_claims,
        )
        return (issuer, *self.auth_issuers)

    @property
    def warnings(self) -> list[str]:
        """A setting that an operator probably did not mean."""
        warnings = [f"AUTH_ISSUER: {w}" for issuer in self.issuers if (w := issuer.warning)]
        if self.anonymous is Role.NONE and not (self.auth_tokens or self.issuers):
            warnings.append(
                "AUTH_ANONYMOUS is none, and no tokens or issuers are accepted: "
                "every request will be rejected"
            )
        return warnings
