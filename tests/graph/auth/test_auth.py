"""Who may do what: tokens, roles, and what callers without a token may do."""

import asyncio
import hmac
import json
import time
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator, Callable, Iterator
from hashlib import sha256
from typing import Any

import httpx
import jwt
import pytest
import strawberry

from graph.auth.required_roles import RequiredRoles
from graph.auth.roles import Role
from graph.auth.static_tokens import make
from graph.schema.build import core_schema, create_schema
from graph.settings import Settings
from tests.graph.clients import BERT, Client, model, serving
from tests.graph.oidc_issuer import AUDIENCE, NAME, Issuer, ec_key, public, publishing, rsa_key
from tests.graph.recording_store import RecordingStore

pytestmark = pytest.mark.anyio

READ = "{ models { totalCount } }"
WRITE = f'mutation {{ registerModel(input: {{ url: "{BERT}" }}) {{ model {{ name }} }} }}'
ADMIN = 'mutation { deleteArtifact(id: "a") { deletedId } }'
HIDDEN = f"""
mutation {{ ... on Mutation {{ ...f }} }}
fragment f on Mutation {{ ...g }}
fragment g on Mutation {{ ...f harmless: {ADMIN[11:-2]} }}
"""
ROLES = ("read", "write", "admin")
TOKENS = {role: make(role, Role(role)) for role in ROLES}


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


def code_of(answer: httpx.Response) -> str | None:
    errors = answer.json().get("errors")
    return errors[0]["extensions"]["code"] if errors else None


@pytest.fixture
async def guarded(recorded: RecordingStore) -> AsyncIterator[httpx.AsyncClient]:
    """A server that knows a token of each role, and nobody else."""
    settings = Settings(auth_tokens=tuple(entry for _, entry in TOKENS.values()))
    async with serving(recorded, settings) as http:
        yield http


@pytest.fixture
def issuer() -> Issuer:
    return Issuer()


@pytest.fixture
def jwks_url(issuer: Issuer) -> Iterator[str]:
    with publishing(issuer) as url:
        yield url


@pytest.fixture
async def trusting(recorded: RecordingStore, jwks_url: str) -> AsyncIterator[httpx.AsyncClient]:
    """A server that believes the issuer."""
    settings = Settings(auth_issuer=NAME, auth_audience=AUDIENCE, auth_jwks_url=jwks_url)
    async with serving(recorded, settings) as http:
        yield http


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(
    ("query", "needed"),
    [
        (READ, "read"),
        ("{ __schema { queryType { name } } }", "read"),
        (WRITE, "write"),
        ("mutation { __typename }", "write"),
        ("mutation { unknown }", "write"),
        (ADMIN, "admin"),
        (f"mutation {{ a: {WRITE[11:-2]} b: {ADMIN[11:-2]} }}", "admin"),
        (HIDDEN, "admin"),
    ],
)
async def test_a_role_may_what_it_covers_and_nothing_else(
    guarded: httpx.AsyncClient, recorded: RecordingStore, query: str, needed: str, role: str
) -> None:
    token, _ = TOKENS[role]

    answer = await guarded.post("/graphql", json={"query": query}, headers=bearer(token))

    if ROLES.index(role) >= ROLES.index(needed):
        assert answer.status_code == 200
        return
    assert answer.status_code == 403
    assert answer.headers["www-authenticate"] == 'Bearer error="insufficient_scope"'
    assert answer.json() == {
        "errors": [
            {
                "message": f"This needs the role {needed}, and the token gives {role}.",
                "extensions": {"code": "FORBIDDEN"},
            }
        ],
        "extensions": {"cost": {"requested": 0, "maximum": 50_000}},
    }
    assert recorded.calls == []


async def test_only_the_operation_that_would_run_is_asked_about(
    guarded: httpx.AsyncClient, recorded: RecordingStore
) -> None:
    query = f"query A {READ} mutation B {ADMIN[9:]}"
    headers = bearer(TOKENS["read"][0])

    statuses = [
        (
            await guarded.post(
                "/graphql", json={"query": query, "operationName": name}, headers=headers
            )
        ).status_code
        for name in ("A", "B")
    ]

    assert statuses == [200, 403]
    assert recorded.calls == [("page", 20), ("count", 1)]


async def test_a_refusal_does_not_tell_whether_an_artifact_exists(
    guarded: httpx.AsyncClient,
) -> None:
    admin = Client(guarded)
    guarded.headers.update(bearer(TOKENS["admin"][0]))
    (there,) = await admin.register(model())
    query = "mutation ($id: ID!) { deleteArtifact(id: $id) { deletedId } }"

    answers = [
        await guarded.post(
            "/graphql", json={"query": query, "variables": {"id": id_}}, headers=headers
        )
        for id_ in (there, there.replace("0", "1"))
        for headers in (bearer(TOKENS["read"][0]), bearer("wrong"))
    ]

    assert [answer.status_code for answer in answers] == [403, 401, 403, 401]
    assert answers[0].content == answers[2].content
    assert answers[1].content == answers[3].content


@pytest.mark.parametrize(
    ("anonymous", "statuses"),
    [
        ("none", [401, 401, 401]),
        ("read", [200, 401, 401]),
        ("write", [200, 200, 401]),
        ("admin", [200, 200, 200]),
    ],
)
async def test_callers_without_a_token_may_what_the_setting_says(
    recorded: RecordingStore, anonymous: str, statuses: list[int]
) -> None:
    async with serving(recorded, Settings(auth_anonymous=Role(anonymous))) as http:
        answers = [
            await http.post("/graphql", json={"query": query}) for query in (READ, WRITE, ADMIN)
        ]

    assert [answer.status_code for answer in answers] == statuses
    for answer in answers:
        if answer.status_code == 401:
            assert code_of(answer) == "UNAUTHENTICATED"
            assert answer.headers["www-authenticate"] == "Bearer"


def test_callers_without_a_token_may_everything_until_there_are_tokens() -> None:
    _, entry = TOKENS["read"]
    issued = Settings(auth_issuer="a", auth_audience="b", auth_jwks_url="https://c.example")

    assert Settings().anonymous is Role.ADMIN
    assert Settings(auth_tokens=(entry,)).anonymous is Role.NONE
    assert issued.anonymous is Role.NONE


@pytest.mark.parametrize(
    "authorization",
    [
        "",
        "Bearer",
        "Bearer ",
        "Bearer wrong",
        f"Bearer {TOKENS['read'][0]}x",
        f"Bearer {TOKENS['read'][0][:-1]}",
        f"Bearer {TOKENS['read'][1].digest}",
        f"Bearer {TOKENS['read'][1]}",
        f"Basic {TOKENS['read'][0]}",
        TOKENS["read"][0],
        "Bearer \xff\xfe",
        "Bearer a.b.c",
    ],
    ids=range(12),  # the tokens are random, and every worker must find the same tests
)
async def test_what_is_no_token_of_ours_names_nobody(
    recorded: RecordingStore, authorization: str
) -> None:
    settings = Settings(auth_anonymous=Role.ADMIN, auth_tokens=(TOKENS["read"][1],))
    async with serving(recorded, settings) as http:
        answer = await http.post(
            "/graphql",
            json={"query": READ},
            headers=[(b"authorization", authorization.encode("latin-1"))],
        )

    assert [answer.status_code, code_of(answer)] == [401, "UNAUTHENTICATED"]
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert recorded.calls == []


async def test_two_tokens_are_none(guarded: httpx.AsyncClient) -> None:
    good = TOKENS["read"][0]
    headers = [("authorization", f"Bearer {good}"), ("authorization", f"Bearer {good}")]

    answer = await guarded.post("/graphql", json={"query": READ}, headers=headers)

    assert answer.status_code == 401


async def test_the_scheme_may_be_written_in_any_case(guarded: httpx.AsyncClient) -> None:
    headers = {"authorization": f"bEARER  {TOKENS['read'][0]} "}

    assert (await guarded.post("/graphql", json={"query": READ}, headers=headers)).is_success


async def test_the_explorer_and_health_need_no_token(guarded: httpx.AsyncClient) -> None:
    page = await guarded.get("/graphql", headers={"accept": "text/html"})
    asked = await guarded.get("/graphql", params={"query": READ}, headers={"accept": "*/*"})
    health = [(await guarded.get(path)).status_code for path in ("/livez", "/readyz")]

    assert page.status_code == 200
    assert asked.status_code == 401
    assert health == [200, 200]


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
async def test_an_issuers_token_gives_the_greatest_role_that_it_names(
    trusting: httpx.AsyncClient, issuer: Issuer, roles: object, statuses: list[int]
) -> None:
    headers = bearer(issuer.token(roles=roles))

    answers = [
        await trusting.post("/graphql", json={"query": query}, headers=headers)
        for query in (READ, WRITE, ADMIN)
    ]

    assert [answer.status_code for answer in answers] == statuses
    assert issuer.fetches == 1


def _b64(part: bytes) -> str:
    return urlsafe_b64encode(part).rstrip(b"=").decode()


def _handmade(issuer: Issuer, header: dict[str, Any], signature: bytes = b"") -> str:
    parts = [_b64(json.dumps(part).encode()) for part in (header, issuer.claims())]
    return ".".join([*parts, _b64(signature)])


def _signed_with_the_public_key(issuer: Issuer) -> str:
    """The attack on servers that let a token choose how it is verified."""
    secret = json.dumps(public(issuer.keys["first"])).encode()
    unsigned = _handmade(issuer, {"alg": "HS256", "kid": "first"}).rpartition(".")[0]
    mac = hmac.new(secret, unsigned.encode(), sha256).digest()
    return f"{unsigned}.{_b64(mac)}"


def _with_its_own_key(issuer: Issuer) -> str:
    key = rsa_key("another")
    headers = {"kid": "first", "jwk": public(key), "jku": "http://127.0.0.1:9/jwks"}
    return jwt.encode(issuer.claims(), key, algorithm="RS256", headers=headers)


def _tampered(issuer: Issuer) -> str:
    head, _, signature = issuer.token(roles=["read"]).split(".")
    return f"{head}.{_b64(json.dumps(issuer.claims(roles=['admin'])).encode())}.{signature}"


Forge = Callable[[Issuer], str]
FORGED: dict[str, Forge] = {
    "expired": lambda i: i.token(exp=time.time() - 60),
    "without an expiry": lambda i: i.token(exp=None),
    "not yet valid": lambda i: i.token(nbf=time.time() + 600),
    "for another audience": lambda i: i.token(aud="another"),
    "for no audience": lambda i: i.token(aud=None),
    "of another issuer": lambda i: i.token(iss="https://evil.example"),
    "of no issuer": lambda i: i.token(iss=None),
    "about nobody": lambda i: i.token(sub=None),
    "alg none": lambda i: _handmade(i, {"alg": "none", "kid": "first"}),
    "alg NONE": lambda i: _handmade(i, {"alg": "NONE", "kid": "first"}, b"x"),
    "alg HS256": _signed_with_the_public_key,
    "bringing its own key": _with_its_own_key,
    "an algorithm that is not allowed": lambda i: jwt.encode(
        i.claims(), i.keys["first"], algorithm="PS256", headers={"kid": "first"}
    ),
    "signed by another": lambda i: jwt.encode(
        i.claims(), rsa_key("another"), algorithm="RS256", headers={"kid": "first"}
    ),
    "signed by another curve": lambda i: jwt.encode(
        i.claims(), ec_key(), algorithm="ES256", headers={"kid": "first"}
    ),
    "of an unknown key": lambda i: jwt.encode(
        i.claims(), rsa_key("another"), algorithm="RS256", headers={"kid": "unknown"}
    ),
    "without a key id": lambda i: jwt.encode(i.claims(), i.keys["first"], algorithm="RS256"),
    "tampered with": _tampered,
    "without its signature": lambda i: i.token().rpartition(".")[0] + ".",
    "cut off": lambda i: i.token()[:-7],
    "deep": lambda _: f"{_b64(b'[' * 30_000)}.{_b64(b'{}')}.",
    "no header": lambda _: "..",
}


@pytest.mark.parametrize("forge", FORGED.values(), ids=FORGED.keys())
async def test_a_token_that_does_not_hold_names_nobody(
    trusting: httpx.AsyncClient,
    issuer: Issuer,
    recorded: RecordingStore,
    caplog: pytest.LogCaptureFixture,
    forge: Forge,
) -> None:
    token = forge(issuer)

    with caplog.at_level("DEBUG"):
        answer = await trusting.post("/graphql", json={"query": READ}, headers=bearer(token))

    assert [answer.status_code, code_of(answer)] == [401, "UNAUTHENTICATED"]
    assert answer.headers["www-authenticate"] == 'Bearer error="invalid_token"'
    assert recorded.calls == []
    assert token not in caplog.text
    assert [r for r in caplog.records if r.levelname == "ERROR"] == []


async def test_an_expired_token_is_told_so(trusting: httpx.AsyncClient, issuer: Issuer) -> None:
    headers = bearer(issuer.token(exp=time.time() - 60))

    answer = await trusting.post("/graphql", json={"query": READ}, headers=headers)

    assert answer.json()["errors"][0]["message"] == "The token has expired."


async def test_keys_are_fetched_once_and_again_when_they_are_rotated(
    trusting: httpx.AsyncClient, issuer: Issuer
) -> None:
    async def status(kid: str) -> int:
        headers = bearer(issuer.token(kid))
        answer = await trusting.post("/graphql", json={"query": READ}, headers=headers)
        return answer.status_code

    assert await asyncio.gather(*(status("first") for _ in range(10))) == [200] * 10
    assert issuer.fetches == 1

    issuer.keys = {"second": ec_key()}
    assert await asyncio.gather(*(status("second") for _ in range(10))) == [200] * 10
    assert issuer.fetches == 2


async def test_keys_out_of_thin_air_do_not_become_requests_to_the_issuer(
    trusting: httpx.AsyncClient, issuer: Issuer
) -> None:
    for n in range(20):
        token = jwt.encode(
            issuer.claims(), "x" * 32, algorithm="HS256", headers={"kid": f"{n}"}
        )
        answer = await trusting.post("/graphql", json={"query": READ}, headers=bearer(token))
        assert answer.status_code == 401

    assert issuer.fetches == 1


async def test_while_the_issuer_is_away_its_keys_go_on_being_used(
    trusting: httpx.AsyncClient, issuer: Issuer, caplog: pytest.LogCaptureFixture
) -> None:
    good = bearer(issuer.token())
    unknown = bearer(jwt.encode(issuer.claims(), "x" * 32, headers={"kid": "unknown"}))

    statuses = []
    for headers in (good, unknown, good):
        answer = await trusting.post("/graphql", json={"query": READ}, headers=headers)
        statuses.append(answer.status_code)
        issuer.up = False

    assert statuses == [200, 401, 200]
    assert "the issuer's keys cannot be fetched" in caplog.text


async def test_without_any_keys_nothing_is_said_about_a_token(
    trusting: httpx.AsyncClient, issuer: Issuer, recorded: RecordingStore
) -> None:
    issuer.up = False

    answer = await trusting.post(
        "/graphql", json={"query": READ}, headers=bearer(issuer.token())
    )

    assert [answer.status_code, code_of(answer)] == [503, "UNAVAILABLE"]
    assert answer.headers["retry-after"] == "5"
    assert recorded.calls == []


def test_every_mutation_declares_its_role() -> None:
    mutations = core_schema(create_schema()).mutation_type
    assert mutations is not None
    roles = {
        name: field.extensions["strawberry-definition"].metadata["role"].value
        for name, field in mutations.fields.items()
    }

    assert roles == {
        "registerModel": "write",
        "registerDataset": "write",
        "registerCode": "write",
        "registerArtifacts": "write",
        "updateModel": "write",
        "updateDataset": "write",
        "updateCode": "write",
        "rateModel": "write",
        "deleteArtifact": "admin",
        "reset": "admin",
    }
    for name, role in roles.items():
        description = mutations.fields[name].description or ""
        assert description.endswith(f"Needs the role `{role}`.")


def test_a_mutation_that_declares_no_role_stops_the_start() -> None:
    @strawberry.type
    class Query:
        fine: bool

    @strawberry.type
    class Mutation:
        @strawberry.field
        def forgotten(self) -> bool:
            return True

    built = core_schema(strawberry.Schema(Query, Mutation))

    with pytest.raises(TypeError, match="the mutation forgotten does not declare"):
        RequiredRoles(built)
