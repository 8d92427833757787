"""Tokens and key sets in the form in which well-known providers issue them."""

import time
from collections.abc import Mapping
from typing import Any

import httpx
import orjson
import pytest

from graph.settings import Settings
from tests.graph.auth.credentials import READ, WRITE, bearer
from tests.graph.clients import serving
from tests.graph.oidc_issuer import Issuer, create_ec_key, to_jwk
from tests.graph.recording_store import RecordingStore

pytestmark = pytest.mark.anyio

_COGNITO = {
    "aud": None,
    "sub": "81db8a40-5021-70f5-1d56-9c8a1f1d2b77",
    "cognito:groups": ["ml-writers", "us-east-2_aBcDeFgHi_Google"],
    "version": 2,
    "client_id": "1example23456789",
    "origin_jti": "b5f3c1f7-4d7f-4b2c-8a53-5e5f8a0f4b11",
    "token_use": "access",
    "scope": "aws.cognito.signin.user.admin openid profile",
    "auth_time": 1_700_000_000,
    "username": "google_1177",
    "roles": None,
}
_COGNITO_CLIENT = {
    "aud": None,
    "sub": "1example23456789",
    "client_id": "1example23456789",
    "token_use": "access",
    "scope": "registry/models.write registry/models.read",
    "version": 2,
    "roles": None,
}
_KEYCLOAK = {
    "aud": ["registry", "account"],
    "typ": "Bearer",
    "azp": "frontend",
    "sid": "0f1e2d3c",
    "acr": "1",
    "allowed-origins": ["https://catalogue.example"],
    "realm_access": {"roles": ["default-roles-acme", "offline_access", "ml-writers"]},
    "resource_access": {"registry": {"roles": ["write"]}, "account": {"roles": ["admin"]}},
    "scope": "openid profile email",
    "email_verified": True,
    "preferred_username": "alice",
    "roles": None,
}
_ENTRA = {
    "aud": "5d3e1f0a-9a4b-4e2f-8c1d-2b7f6a5c4d3e",
    "azp": "0b1c2d3e-4f50-6172-8394-a5b6c7d8e9f0",
    "azpacr": "1",
    "oid": "690222be-ff1a-4d56-abd1-7e4f7d38e474",
    "rh": "0.ATQAq",
    "roles": ["Models.Write"],
    "sub": "AbYcF1xF0aX5hJrBcYH1C8G3wVx0Gx6m9n5Wn1vJk0E",
    "tid": "aaaabbbb-0000-cccc-1111-dddd2222eeee",
    "uti": "fqiBqXLPj0eQa82S-IYFAA",
    "ver": "2.0",
}
_GITHUB = {
    "aud": "https://registry.example",
    "sub": "repo:acme/training:ref:refs/heads/main",
    "jti": "f21d8a0e-7a6c-4b49-9c5e-3c5f4e9f0b5d",
    "ref": "refs/heads/main",
    "sha": "c0ffee",
    "repository": "acme/training",
    "repository_owner": "acme",
    "repository_owner_id": "1342004",
    "run_id": "7890",
    "repository_visibility": "private",
    "actor": "alice",
    "workflow": "train",
    "event_name": "push",
    "ref_protected": "true",
    "runner_environment": "github-hosted",
    "roles": None,
}
PROVIDERS: dict[str, tuple[Mapping[str, Any], Mapping[str, Any]]] = {
    "Cognito, a user": (
        _COGNITO,
        {
            "auth_audience": "1example23456789",
            "auth_roles_claim": "cognito:groups",
            "auth_roles": "ml-writers=write",
        },
    ),
    "Cognito, a client": (
        _COGNITO_CLIENT,
        {
            "auth_audience": "1example23456789",
            "auth_roles_claim": "scope",
            "auth_roles": "registry/models.write=write,registry/models.read=read",
        },
    ),
    "Keycloak, roles of the realm": (
        _KEYCLOAK,
        {
            "auth_audience": "registry",
            "auth_roles_claim": "realm_access.roles",
            "auth_roles": "ml-writers=write",
            "auth_required_claims": "email_verified=true",
        },
    ),
    "Keycloak, roles of a client": (
        _KEYCLOAK,
        {"auth_audience": "registry", "auth_roles_claim": "resource_access.registry.roles"},
    ),
    "Entra": (
        _ENTRA,
        {
            "auth_audience": _ENTRA["aud"],
            "auth_roles": "Models.Write=write",
            "auth_required_claims": f"tid={_ENTRA['tid']}",
        },
    ),
    "GitHub Actions": (
        _GITHUB,
        {
            "auth_audience": "https://registry.example",
            "auth_roles_claim": "repository",
            "auth_roles": "acme/training=write",
            "auth_required_claims": "repository_owner=acme,ref=refs/heads/main",
        },
    ),
}
SPOILED: dict[str, list[dict[str, Any]]] = {
    "Cognito, a user": [{"client_id": "another"}, {"token_use": "id"}],
    "Cognito, a client": [{"client_id": "another"}],
    "Keycloak, roles of the realm": [{"aud": ["account"]}, {"email_verified": False}],
    "Keycloak, roles of a client": [{"aud": "account"}],
    "Entra": [{"tid": "another"}, {"aud": "00000003-0000-0000-c000-000000000000"}],
    "GitHub Actions": [{"repository_owner": "evil"}, {"ref": "refs/pull/1/merge"}],
}
"""Changes after which each provider's token is not for this registry."""


class Provider(Issuer):
    """Publishes keys as the providers do: with certificates, for encryption, without `alg`."""

    def format_jwks(self) -> bytes:
        encryption = {**to_jwk(create_ec_key()), "kid": "e", "use": "enc", "alg": "ECDH-ES"}
        unknown = {"kty": "AKP", "alg": "ML-DSA-44", "kid": "p", "use": "sig", "pub": "AA"}
        keys = [encryption, unknown]
        for kid, key in self.keys.items():
            keys.append({**to_jwk(key), "kid": kid, "use": "sig", "x5t": kid, "x5c": ["MIIC"]})
        return orjson.dumps({"keys": keys})


@pytest.fixture
def issuer() -> Issuer:
    return Provider()


def _sign(issuer: Issuer, claims: Mapping[str, Any], **changes: object) -> str:
    now = int(time.time())
    times = {"iat": now, "nbf": now, "exp": now + 3_600}
    return issuer.sign_token(**{**times, **claims, **changes})


async def _ask(http: httpx.AsyncClient, token: str) -> list[int]:
    answers = [
        await http.post("/graphql", json={"query": query}, headers=bearer(token))
        for query in (READ, WRITE)
    ]
    return [answer.status_code for answer in answers]


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_tokens_of_well_known_providers_are_accepted_if_they_are_for_this_registry(
    recorded: RecordingStore, issuer: Issuer, jwks_url: str, provider: str
) -> None:
    claims, more = PROVIDERS[provider]
    issuer.name = jwks_url.removesuffix("/jwks")
    settings = Settings.model_validate({"auth_issuer": issuer.name, **more})

    async with serving(recorded, settings) as http:
        assert await _ask(http, _sign(issuer, claims)) == [200, 200]
        for changes in SPOILED[provider]:
            assert await _ask(http, _sign(issuer, claims, **changes)) == [401, 401]


@pytest.mark.parametrize("roles", [["no admin"], ["write only on Mondays", "x"], "readwrite"])
async def test_a_group_whose_name_contains_a_role_is_not_that_role(
    issuer_http: httpx.AsyncClient, issuer: Issuer, roles: object
) -> None:
    assert await _ask(issuer_http, issuer.sign_token(roles=roles)) == [403, 403]
