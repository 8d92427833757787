"""Issuers as they are in use: their configuration, their claims, and tokens of strangers."""

from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import ValidationError

from graph.auth.issuers import Issuer as IssuerSettings
from graph.auth.jwks import KeysUnavailableError, SigningKeys
from graph.auth.roles import Role
from graph.settings import Settings
from tests.graph.auth.credentials import READ, WRITE, bearer, error_code
from tests.graph.clients import serving
from tests.graph.oidc_issuer import AUDIENCE, Issuer, create_ec_key, publish_keys
from tests.graph.recording_store import RecordingStore

pytestmark = pytest.mark.anyio

GITHUB = "https://token.actions.githubusercontent.com"


@pytest.fixture
def published(issuer: Issuer, jwks_url: str) -> Issuer:
    """An issuer whose name leads to its configuration."""
    issuer.name = jwks_url.removesuffix("/jwks")
    return issuer


@pytest.fixture
def other() -> Iterator[Issuer]:
    """A second issuer, with keys of its own under the same ids."""
    issuer = Issuer()
    issuer.keys = {"first": create_ec_key()}
    with publish_keys(issuer) as url:
        issuer.name = url.removesuffix("/jwks")
        yield issuer


async def _statuses(store: RecordingStore, settings: Settings, token: str) -> list[int]:
    """Return the statuses of a query and of a mutation with a token."""
    async with serving(store, settings) as http:
        return [
            (
                await http.post("/graphql", json={"query": query}, headers=bearer(token))
            ).status_code
            for query in (READ, WRITE)
        ]


def _accept(issuer: Issuer, **more: Any) -> Settings:
    return Settings(auth_issuer=issuer.name, auth_audience=(AUDIENCE,), **more)


async def test_an_issuer_s_configuration_says_where_its_keys_are(
    recorded: RecordingStore, published: Issuer
) -> None:
    settings = _accept(published)

    assert await _statuses(recorded, settings, published.sign_token()) == [200, 200]
    assert published.fetches == 2


async def test_the_configuration_of_another_issuer_is_not_used(
    recorded: RecordingStore, published: Issuer, caplog: pytest.LogCaptureFixture
) -> None:
    settings, token = _accept(published), published.sign_token()
    published.name = "https://evil.example"

    assert await _statuses(recorded, settings, token) == [503, 503]
    assert "is not the configuration of this issuer" in caplog.text


async def test_each_of_several_issuers_has_its_own_keys_and_rules(
    recorded: RecordingStore, published: Issuer, other: Issuer
) -> None:
    second = IssuerSettings.model_validate(
        {"issuer": other.name, "audience": "b", "roles": "team=read"}
    )
    settings = _accept(published, auth_issuers=(second,))
    tokens = [
        published.sign_token(),
        other.sign_token(aud="b", roles=["team"]),
        other.sign_token(roles=["team"]),
        other.sign_token(aud="b", iss=published.name),
        published.sign_token(iss="https://evil.example"),
    ]

    answers = [await _statuses(recorded, settings, token) for token in tokens]

    assert answers == [[200, 200], [200, 403], [401, 401], [401, 401], [401, 401]]


@pytest.mark.parametrize(
    ("settings", "claims", "statuses"),
    [
        (
            {"auth_roles_claim": ("realm_access.roles",)},
            {"realm_access": {"roles": ["write"]}},
            200,
        ),
        ({"auth_roles_claim": ("realm_access.roles",)}, {"realm_access": ["write"]}, 403),
        (
            {"auth_roles_claim": ("https://a.example/roles",)},
            {"https://a.example/roles": ["write"]},
            200,
        ),
        (
            {"auth_roles_claim": ("roles", "scope")},
            {"roles": None, "scope": "openid write"},
            200,
        ),
        ({"auth_roles": {"ml-writers": "write"}}, {"roles": ["users", "ml-writers"]}, 200),
        ({"auth_roles": {"ml-writers": "write"}}, {"roles": ["write", "admin"]}, 403),
        (
            {"auth_roles_claim": ("cognito:groups",), "auth_audience": ("client",)},
            {
                "aud": None,
                "client_id": "client",
                "token_use": "access",
                "cognito:groups": ["write"],
            },
            200,
        ),
        ({"auth_audience": ("client",)}, {"aud": None, "client_id": "client"}, 401),
        ({"auth_audience": ("client",)}, {"client_id": "client", "token_use": "access"}, 401),
        ({"auth_audience": ("a", AUDIENCE)}, {"aud": ["x", AUDIENCE]}, 200),
    ],
)
async def test_roles_are_read_from_the_claims_of_common_issuers(
    recorded: RecordingStore,
    published: Issuer,
    settings: dict[str, Any],
    claims: dict[str, Any],
    statuses: int,
) -> None:
    accepted = Settings(
        **{"auth_issuer": published.name, "auth_audience": (AUDIENCE,), **settings}
    )

    assert (await _statuses(recorded, accepted, published.sign_token(**claims)))[1] == statuses


@pytest.mark.parametrize(
    ("owner", "ref", "status"),
    [
        ("acme", "refs/heads/main", 200),
        ("acme", "refs/heads/release", 200),
        ("acme", "refs/pull/1/merge", 401),
        ("evil", "refs/heads/main", 401),
        ("acme evil", "refs/heads/main", 401),
        (None, "refs/heads/main", 401),
    ],
)
async def test_tokens_of_github_actions_need_the_required_claims(
    recorded: RecordingStore, published: Issuer, owner: str | None, ref: str, status: int
) -> None:
    settings = _accept(
        published,
        auth_roles_claim="repository",
        auth_roles="acme/training=write",
        auth_required_claims="repository_owner=acme,ref=refs/heads/main,ref=refs/heads/release",
    )
    claims = {"repository": "acme/training", "repository_owner": owner, "ref": ref}
    token = published.sign_token(roles=None, **claims)

    assert await _statuses(recorded, settings, token) == [status, status]


async def test_a_revoked_key_ends_even_if_the_issuer_cannot_be_asked(issuer: Issuer) -> None:
    now = [0.0]
    with publish_keys(issuer) as url:
        keys = SigningKeys(issuer.name, url, monotonic=lambda: now[0])
        assert await keys.get_key("first")
        issuer.is_up = False
        now[0] = 3_599
        assert await keys.get_key("first")
        now[0] = 3_650
        with pytest.raises(KeysUnavailableError):
            await keys.get_key("first")

        issuer.is_up, issuer.keys = True, {"second": create_ec_key()}
        now[0] = 3_700
        assert await keys.get_key("first") is None
        assert await keys.get_key("second")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"auth_issuer": "https://a.example"}, "must be set together"),
        ({"auth_jwks_url": "https://a.example"}, "must be set together"),
        ({"auth_issuer": "http://a.example", "auth_audience": "b"}, "must be an https:// URL"),
        ({"auth_roles": "writers"}, "must be pairs such as a=1,b=2"),
        ({"auth_roles": "writers=owner"}, "Input should be 'none', 'read', 'write' or 'admin'"),
        ({"auth_issuers": [{"issuer": "https://a.example"}]}, "Field required"),
    ],
)
def test_settings_of_issuers_that_cannot_be_meant_are_refused(
    settings: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValidationError, match=message):
        Settings(**settings)


def test_settings_that_let_nobody_or_everybody_in_give_a_warning() -> None:
    def warnings(**settings: Any) -> list[str]:
        return Settings(auth_issuer=GITHUB, auth_audience=("a",), **settings).warnings

    (nobody,) = Settings(auth_anonymous=Role.NONE).warnings
    assert nobody.startswith("AUTH_ANONYMOUS is none")
    assert Settings().warnings == []
    (everybody,) = warnings(auth_required_claims="actor=alice")
    assert "signs tokens for every user of GitHub" in everybody
    assert warnings(auth_required_claims="repository_owner=acme") == []
    assert warnings(auth_roles_claim="repository", auth_roles="acme/a=write") == []
    assert len(warnings(auth_roles_claim="repository")) == 1


async def test_a_token_without_a_role_is_forbidden_not_unauthenticated(
    recorded: RecordingStore, published: Issuer
) -> None:
    token = published.sign_token(roles=None)

    async with serving(recorded, _accept(published)) as http:
        answer = await http.post("/graphql", json={"query": READ}, headers=bearer(token))

    assert [answer.status_code, error_code(answer)] == [403, "FORBIDDEN"]
