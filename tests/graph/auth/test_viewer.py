"""The query for the caller, which also those without a role may send."""

import httpx
import pytest

from graph.auth.roles import Role
from graph.auth.static_tokens import create_token
from graph.settings import Settings
from tests.graph.auth.credentials import ROLES, TOKENS, bearer, error_code
from tests.graph.clients import serving
from tests.graph.oidc_issuer import NAME, Issuer
from tests.graph.recording_store import RecordingStore

pytestmark = pytest.mark.anyio

VIEWER = "{ viewer { name issuer role urlPrefixes } }"


async def read_viewer(http: httpx.AsyncClient, token: str | None) -> object:
    headers = bearer(token) if token else {}
    answer = await http.post("/graphql", json={"query": VIEWER}, headers=headers)
    return answer.json()["data"]["viewer"]


@pytest.mark.parametrize("role", ROLES)
async def test_the_viewer_is_the_token_with_its_role(
    token_http: httpx.AsyncClient, role: str
) -> None:
    assert await read_viewer(token_http, TOKENS[role][0]) == {
        "name": role,
        "issuer": None,
        "role": role.upper(),
        "urlPrefixes": None,
    }


async def test_the_viewer_has_the_prefixes_of_its_token(recorded: RecordingStore) -> None:
    prefixes = ["https://huggingface.co/acme/", "https://github.com/acme/"]
    token, entry = create_token("ci", Role.WRITE, None, prefixes)

    async with serving(recorded, Settings(auth_tokens=(entry,))) as http:
        viewer = await read_viewer(http, token)

    assert viewer == {"name": "ci", "issuer": None, "role": "WRITE", "urlPrefixes": prefixes}


@pytest.mark.parametrize("role", Role)
async def test_without_a_token_the_viewer_has_no_name(
    recorded: RecordingStore, role: Role
) -> None:
    async with serving(recorded, Settings(auth_anonymous=role)) as http:
        viewer = await read_viewer(http, None)

    assert viewer == {"name": None, "issuer": None, "role": role.name, "urlPrefixes": None}


@pytest.mark.parametrize(
    ("claims", "role"), [({"roles": ["read"]}, "READ"), ({"roles": None}, "NONE")]
)
async def test_the_viewer_is_the_subject_of_its_issuer(
    issuer_http: httpx.AsyncClient, issuer: Issuer, claims: dict[str, object], role: str
) -> None:
    viewer = await read_viewer(issuer_http, issuer.sign_token(sub="jo", **claims))

    assert viewer == {"name": "jo", "issuer": NAME, "role": role, "urlPrefixes": None}


@pytest.mark.parametrize(
    ("query", "is_allowed"),
    [
        ("{ viewer { role } }", True),
        ("query A { __typename me: viewer { __typename role } viewer { name } }", True),
        ("{ ...f } fragment f on Query { ... on Query { viewer { role } } }", True),
        ("query A { viewer { role } } query B { models { totalCount } }", True),
        (f"{{ viewer {{ role }} }} # {'x' * 900}", True),
        (f"{{ viewer {{ role }} }} # {'x' * 1_000}", False),
        ("{ __typename }", False),
        ("{ viewer { role } __schema { queryType { name } } }", False),
        ("{ viewer { role } models { totalCount } }", False),
        ("{ viewer: models { totalCount } }", False),
        ("{ viewer { role } ...f } fragment f on Query { models { totalCount } }", False),
        ("query B { viewer { role } }", False),
        ("{ viewer { role } unknown }", False),
        ("mutation { viewer { role } }", False),
        ("subscription { viewer { role } }", False),
        ("{ viewer { role }", False),
        ("{ viewer { roles } }", False),
        ("query A { viewer { role } } query B { model { i } }", False),
    ],
)
async def test_callers_without_a_role_may_ask_for_the_viewer_alone(
    token_http: httpx.AsyncClient, recorded: RecordingStore, query: str, is_allowed: bool
) -> None:
    name = "A" if "query " in query else None

    answer = await token_http.post(
        "/graphql", json={"query": query, "operationName": name, "variables": {}}
    )

    assert answer.status_code == (200 if is_allowed else 401)
    assert error_code(answer) == (None if is_allowed else "UNAUTHENTICATED")
    assert recorded.calls == []


async def test_callers_without_a_role_may_ask_with_get(token_http: httpx.AsyncClient) -> None:
    viewer = await token_http.get("/graphql", params={"query": "{ viewer { role } }"})
    models = await token_http.get("/graphql", params={"query": "{ models { totalCount } }"})

    assert viewer.json()["data"] == {"viewer": {"role": "NONE"}}
    assert models.status_code == 401


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"{", "application/json"),
        (b"{}", "application/json"),
        (b"{}", "text/plain"),
        (b'{"query": "{ viewer { role } }"}'.ljust(10_001), "application/json"),
    ],
)
async def test_callers_without_a_role_are_not_told_what_is_wrong_with_a_request(
    token_http: httpx.AsyncClient, body: bytes, content_type: str
) -> None:
    answer = await token_http.post(
        "/graphql", content=body, headers={"content-type": content_type}
    )

    assert [answer.status_code, error_code(answer)] == [401, "UNAUTHENTICATED"]
