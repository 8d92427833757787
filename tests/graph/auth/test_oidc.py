"""Tokens of an OpenID Connect issuer: their roles, and those that are rejected."""

import hmac
import json
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable
from hashlib import sha256
from typing import Any

import httpx
import jwt
import pytest

from tests.graph.auth.credentials import ADMIN, READ, WRITE, bearer, error_code
from tests.graph.clients import BERT
from tests.graph.oidc_issuer import NAME, Issuer, create_ec_key, create_rsa_key, to_jwk
from tests.graph.recording_store import RecordingStore

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("roles", "statuses"),
    [
        (["read"], [200, 403, 403]),
        (["write", "read", "other"], [200, 200, 403]),
        ("openid read admin", [200, 200, 200]),
        (["readwrite", "Admin", 7, {}], [403, 403, 403]),
        ("administrator", [403, 403, 403]),
        ({"admin": True}, [403, 403, 403]),
        (None, [403, 403, 403]),
    ],
)
async def test_a_token_has_the_highest_role_in_its_claim(
    issuer_http: httpx.AsyncClient, issuer: Issuer, roles: object, statuses: list[int]
) -> None:
    headers = bearer(issuer.sign_token(roles=roles))

    answers = [
        await issuer_http.post("/graphql", json={"query": query}, headers=headers)
        for query in (READ, WRITE, ADMIN)
    ]

    assert [answer.status_code for answer in answers] == statuses
    assert issuer.fetches == 1


async def test_a_write_is_attributed_to_the_subject_and_its_issuer(
    issuer_http: httpx.AsyncClient, issuer: Issuer
) -> None:
    headers = bearer(issuer.sign_token(roles=["write"], sub="jürgen"))
    query = f"""mutation {{
      registerModel(input: {{ url: "{BERT}" }}) {{ model {{ createdBy {{ name issuer }} }} }}
    }}"""

    answer = await issuer_http.post("/graphql", json={"query": query}, headers=headers)

    (model,) = answer.json()["data"]["registerModel"].values()
    assert model["createdBy"] == {"name": "jürgen", "issuer": NAME}


async def test_a_subject_that_is_not_valid_unicode_is_rejected(
    issuer_http: httpx.AsyncClient, issuer: Issuer
) -> None:
    headers = bearer(issuer.sign_token(sub="\ud800"))

    answer = await issuer_http.post("/graphql", json={"query": READ}, headers=headers)

    assert [answer.status_code, error_code(answer)] == [401, "UNAUTHENTICATED"]


def encode_base64(part: bytes) -> str:
    return urlsafe_b64encode(part).rstrip(b"=").decode()


def assemble(issuer: Issuer, header: dict[str, Any], signature: bytes = b"") -> str:
    """Return a token with good claims and any header and signature."""
    parts = [encode_base64(json.dumps(part).encode()) for part in (header, issuer.claims())]
    return ".".join([*parts, encode_base64(signature)])


def sign_with_public_key(issuer: Issuer) -> str:
    """Return the attack on servers that let the token select the algorithm."""
    secret = json.dumps(to_jwk(issuer.keys["first"])).encode()
    unsigned = assemble(issuer, {"alg": "HS256", "kid": "first"}).rpartition(".")[0]
    mac = hmac.new(secret, unsigned.encode(), sha256).digest()
    return f"{unsigned}.{encode_base64(mac)}"


def sign_with_included_key(issuer: Issuer) -> str:
    key = create_rsa_key("another")
    headers = {"kid": "first", "jwk": to_jwk(key), "jku": "http://127.0.0.1:9/jwks"}
    return jwt.encode(issuer.claims(), key, algorithm="RS256", headers=headers)


def change_claims(issuer: Issuer) -> str:
    head, _, signature = issuer.sign_token(roles=["read"]).split(".")
    claims = json.dumps(issuer.claims(roles=["admin"])).encode()
    return f"{head}.{encode_base64(claims)}.{signature}"


Forge = Callable[[Issuer], str]
FORGED: dict[str, Forge] = {
    "expired": lambda i: i.sign_token(exp=time.time() - 60),
    "without an expiry": lambda i: i.sign_token(exp=None),
    "not yet valid": lambda i: i.sign_token(nbf=time.time() + 600),
    "for another audience": lambda i: i.sign_token(aud="another"),
    "for no audience": lambda i: i.sign_token(aud=None),
    "of another issuer": lambda i: i.sign_token(iss="https://evil.example"),
    "of no issuer": lambda i: i.sign_token(iss=None),
    "without a subject": lambda i: i.sign_token(sub=None),
    "alg none": lambda i: assemble(i, {"alg": "none", "kid": "first"}),
    "alg NONE": lambda i: assemble(i, {"alg": "NONE", "kid": "first"}, b"x"),
    "alg HS256": sign_with_public_key,
    "with its own key": sign_with_included_key,
    "an algorithm that is not allowed": lambda i: jwt.encode(
        i.claims(), i.keys["first"], algorithm="PS256", headers={"kid": "first"}
    ),
    "signed with another key": lambda i: jwt.encode(
        i.claims(), create_rsa_key("another"), algorithm="RS256", headers={"kid": "first"}
    ),
    "signed with another kind of key": lambda i: jwt.encode(
        i.claims(), create_ec_key(), algorithm="ES256", headers={"kid": "first"}
    ),
    "with an unknown key id": lambda i: jwt.encode(
        i.claims(), create_rsa_key("another"), algorithm="RS256", headers={"kid": "unknown"}
    ),
    "without a key id": lambda i: jwt.encode(i.claims(), i.keys["first"], algorithm="RS256"),
    "with changed claims": change_claims,
    "without its signature": lambda i: i.sign_token().rpartition(".")[0] + ".",
    "cut off": lambda i: i.sign_token()[:-7],
    "deep": lambda _: f"{encode_base64(b'[' * 30_000)}.{encode_base64(b'{}')}.",
    "no header": lambda _: "..",
}


@pytest.mark.parametrize("forge", FORGED.values(), ids=FORGED.keys())
async def test_an_invalid_token_is_rejected_and_not_logged(
    issuer_http: httpx.AsyncClient,
    issuer: Issuer,
    recorded: RecordingStore,
    caplog: pytest.LogCaptureFixture,
    forge: Forge,
) -> None:
    token = forge(issuer)

    with caplog.at_level("DEBUG"):
        answer = await issuer_http.post("/graphql", json={"query": READ}, headers=bearer(token))

    assert [answer.status_code, error_code(answer)] == [401, "UNAUTHENTICATED"]
    assert answer.headers["www-authenticate"] == 'Bearer error="invalid_token"'
    assert recorded.calls == []
    assert token not in caplog.text
    assert [r for r in caplog.records if r.levelname == "ERROR"] == []


async def test_the_message_says_that_a_token_has_expired(
    issuer_http: httpx.AsyncClient, issuer: Issuer
) -> None:
    headers = bearer(issuer.sign_token(exp=time.time() - 60))

    answer = await issuer_http.post("/graphql", json={"query": READ}, headers=headers)

    assert answer.json()["errors"][0]["message"] == "The token has expired."
