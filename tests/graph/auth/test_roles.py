"""Authorization: each role may run the operations that it covers, and no others."""

import httpx
import pytest

from graph.auth.roles import Role
from graph.settings import Settings
from tests.graph.auth.credentials import (
    ADMIN,
    READ,
    ROLES,
    TOKENS,
    WRITE,
    bearer,
    error_code,
)
from tests.graph.clients import Client, model, serving
from tests.graph.recording_store import RecordingStore

pytestmark = pytest.mark.anyio

HIDDEN = f"""
mutation {{ ... on Mutation {{ ...f }} }}
fragment f on Mutation {{ ...g }}
fragment g on Mutation {{ ...f harmless: {ADMIN[11:-2]} }}
"""


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(
    ("query", "required"),
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
async def test_a_role_allows_the_operations_that_it_covers_only(
    token_http: httpx.AsyncClient,
    recorded: RecordingStore,
    query: str,
    required: str,
    role: str,
) -> None:
    token, _ = TOKENS[role]

    answer = await token_http.post("/graphql", json={"query": query}, headers=bearer(token))

    if ROLES.index(role) >= ROLES.index(required):
        assert answer.status_code == 200
        return
    assert answer.status_code == 403
    assert answer.headers["www-authenticate"] == 'Bearer error="insufficient_scope"'
    assert answer.json() == {
        "errors": [
            {
                "message": f"This operation requires the role {required}, but the token has the"
                f" role {role}.",
                "extensions": {"code": "FORBIDDEN"},
            }
        ],
        "extensions": {"cost": {"requested": 0, "maximum": 50_000}},
    }
    assert recorded.calls == []


async def test_only_the_named_operation_needs_its_role(
    token_http: httpx.AsyncClient, recorded: RecordingStore
) -> None:
    query = f"query A {READ} mutation B {ADMIN[9:]}"
    headers = bearer(TOKENS["read"][0])

    statuses = [
        (
            await token_http.post(
                "/graphql", json={"query": query, "operationName": name}, headers=headers
            )
        ).status_code
        for name in ("A", "B")
    ]

    assert statuses == [200, 403]
    assert recorded.calls == [("page", 20), ("count", 1)]


async def test_a_rejection_does_not_reveal_whether_an_artifact_exists(
    token_http: httpx.AsyncClient,
) -> None:
    admin = Client(token_http)
    token_http.headers.update(bearer(TOKENS["admin"][0]))
    (existing,) = await admin.register(model())
    query = "mutation ($id: ID!) { deleteArtifact(id: $id) { deletedId } }"

    answers = [
        await token_http.post(
            "/graphql", json={"query": query, "variables": {"id": id_}}, headers=headers
        )
        for id_ in (existing, existing.replace("0", "1"))
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
async def test_anonymous_callers_have_the_role_of_the_setting(
    recorded: RecordingStore, anonymous: str, statuses: list[int]
) -> None:
    async with serving(recorded, Settings(auth_anonymous=Role(anonymous))) as http:
        answers = [
            await http.post("/graphql", json={"query": query}) for query in (READ, WRITE, ADMIN)
        ]

    assert [answer.status_code for answer in answers] == statuses
    for answer in answers:
        if answer.status_code == 401:
            assert error_code(answer) == "UNAUTHENTICATED"
            assert answer.headers["www-authenticate"] == "Bearer"


def test_anonymous_callers_are_admins_by_default_unless_tokens_are_accepted() -> None:
    _, entry = TOKENS["read"]
    with_issuer = Settings(auth_issuer="https://a.example", auth_audience=("b",))

    assert Settings().anonymous is Role.ADMIN
    assert Settings(auth_tokens=(entry,)).anonymous is Role.NONE
    assert with_issuer.anonymous is Role.NONE


async def test_the_explorer_and_the_health_endpoints_need_no_token(
    token_http: httpx.AsyncClient,
) -> None:
    page = await token_http.get("/graphql", headers={"accept": "text/html"})
    query = await token_http.get("/graphql", params={"query": READ}, headers={"accept": "*/*"})
    health = [(await token_http.get(path)).status_code for path in ("/livez", "/readyz")]

    assert page.status_code == 200
    assert query.status_code == 401
    assert health == [200, 200]


@pytest.mark.parametrize(("role", "explained"), [("read", [1, 1]), ("write", [0, 1])])
async def test_the_use_of_the_store_is_reported_to_the_explain_role(
    recorded: RecordingStore, role: str, explained: list[int]
) -> None:
    tokens = tuple(TOKENS[each][1] for each in ("read", "write"))
    settings = Settings(auth_tokens=tokens, explain_role=Role(role))
    async with serving(recorded, settings) as http:
        answers = [
            await http.post(
                "/graphql",
                json={"query": READ},
                headers={**bearer(TOKENS[each][0]), "x-explain": "store"},
            )
            for each in ("read", "write")
        ]

    assert ["store" in answer.json()["extensions"] for answer in answers] == explained
