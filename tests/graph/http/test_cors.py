"""Requests that browsers send for websites of other origins, which CORS_ORIGINS allows."""

import httpx
import pytest

from graph.auth.roles import Role
from graph.settings import Settings, parse_rate_limits
from storage.errors import StoreSetupError
from storage.settings import load_settings
from tests.graph.clients import serving
from tests.graph.recording_store import RecordingStore

pytestmark = pytest.mark.anyio

ORIGIN = "https://catalogue.example.org"
OTHER = "https://elsewhere.example.org"
QUERY = {"query": "{ models { totalCount } }"}
EXACT = Settings(cors_origins=(ORIGIN, "http://localhost:5173"))
EVERY = Settings(cors_origins=("*",), auth_anonymous=Role.READ)
REQUEST_HEADERS = "accept, authorization, content-type, x-explain, x-graphql-csrf, x-request-id"


async def send_preflight(http: httpx.AsyncClient, origin: str, **asked: str) -> httpx.Response:
    asked = {"method": "POST", "headers": "content-type", **asked}
    headers = {f"access-control-request-{name}": value for name, value in asked.items()}
    return await http.options("/graphql", headers={"origin": origin, **headers})


@pytest.mark.parametrize(
    ("settings", "origin", "allowed"),
    [
        (EXACT, ORIGIN, ORIGIN),
        (EXACT, "http://localhost:5173", "http://localhost:5173"),
        (EVERY, OTHER, "*"),
        (EVERY, "null", "*"),
    ],
)
async def test_a_preflight_allows_the_methods_and_headers_of_the_api(
    recorded: RecordingStore, settings: Settings, origin: str, allowed: str
) -> None:
    async with serving(recorded, settings) as http:
        answer = await send_preflight(http, origin, headers=REQUEST_HEADERS)

    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == allowed
    assert answer.headers["access-control-allow-methods"] == "GET, HEAD, POST"
    assert answer.headers["access-control-max-age"] == "7200"
    assert "access-control-allow-credentials" not in answer.headers
    assert "Origin" in answer.headers["vary"]
    assert recorded.calls == []


@pytest.mark.parametrize(
    ("origin", "asked"),
    [
        (OTHER, {}),
        ("null", {}),
        (f"{ORIGIN}:8443", {}),
        (f"{ORIGIN}.example", {}),
        (ORIGIN, {"method": "DELETE"}),
        (ORIGIN, {"headers": "cookie"}),
    ],
)
async def test_a_preflight_for_anything_else_fails(
    recorded: RecordingStore, origin: str, asked: dict[str, str]
) -> None:
    async with serving(recorded, EXACT) as http:
        answer = await send_preflight(http, origin, **asked)

    assert answer.status_code == 400
    assert answer.headers.get("access-control-allow-origin") == (
        ORIGIN if origin == ORIGIN else None
    )


async def test_without_the_setting_no_other_origin_is_allowed(http: httpx.AsyncClient) -> None:
    preflight = await send_preflight(http, ORIGIN)
    answer = await http.post("/graphql", json=QUERY, headers={"origin": ORIGIN})

    assert [preflight.status_code, answer.status_code] == [405, 200]
    assert "access-control-allow-origin" not in {*preflight.headers, *answer.headers}


async def collect_answers(recorded: RecordingStore, origin: str) -> list[httpx.Response]:
    """Return a response of each status."""
    settings = EXACT.model_copy(
        update={
            "rate_limit": parse_rate_limits("5/minute"),
            "max_body_bytes": 100,
            "auth_anonymous": Role.READ,
            "allowed_hosts": ("localhost",),
        }
    )
    async with serving(recorded, settings) as http:
        http.headers["origin"] = origin
        answers = [
            await http.post("/graphql", json=QUERY),
            await http.get("/graphql", headers={"accept": "text/html"}),
            await http.get("/livez"),
            await http.post("/graphql", json=QUERY, headers={"host": "elsewhere"}),
            await http.get("/nowhere"),
            await http.put("/graphql"),
            await http.post("/graphql", json=QUERY, headers={"authorization": "Bearer x"}),
            await http.post("/graphql", json={"query": " " * 100}),
            await http.post("/graphql", content="{"),
            await http.post("/graphql", json={}),
            await http.post("/graphql", json={}),
        ]
        recorded.failure = RuntimeError("at /var/lib")
        return [*answers, await http.get("/readyz")]


STATUSES = [200, 200, 200, 403, 404, 405, 401, 413, 415, 400, 429, 500]


async def test_every_response_can_be_read_whatever_its_status(
    recorded: RecordingStore,
) -> None:
    answers = await collect_answers(recorded, ORIGIN)

    assert [answer.status_code for answer in answers] == STATUSES
    for answer in answers:
        assert answer.headers["access-control-allow-origin"] == ORIGIN
        assert answer.headers["access-control-expose-headers"] == (
            "ratelimit, ratelimit-policy, retry-after, x-request-id, x-registry-version"
        )
        assert "access-control-allow-credentials" not in answer.headers
        assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
        assert answer.headers.get_list("vary") == ["Origin"]
        assert answer.headers["x-request-id"]
    assert answers[-2].headers["retry-after"]


async def test_no_response_can_be_read_by_other_origins(recorded: RecordingStore) -> None:
    answers = await collect_answers(recorded, OTHER)

    assert [answer.status_code for answer in answers] == STATUSES
    for answer in answers:
        assert "access-control-allow-origin" not in answer.headers
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"
        assert answer.headers.get_list("vary") == ["Origin"]


@pytest.mark.parametrize(
    ("settings", "origin", "status"),
    [
        (EXACT, ORIGIN, 200),
        (EXACT, OTHER, 403),
        (EXACT, None, 403),
        (EVERY, OTHER, 200),
        (EVERY, "null", 200),
        (EVERY, None, 403),
    ],
)
async def test_allowed_origins_may_send_queries_with_get(
    recorded: RecordingStore, settings: Settings, origin: str | None, status: int
) -> None:
    headers = {"sec-fetch-site": "cross-site", **({"origin": origin} if origin else {})}

    async with serving(recorded, settings) as http:
        answer = await http.get("/graphql", params=QUERY, headers=headers)

    assert answer.status_code == status
    assert bool(recorded.calls) is (status == 200)


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ("https://a.example/", "'https://a.example/' is not an origin; use https://a.example"),
        ("https://a.example/x?y", "'https://a.example/x?y' is not an origin; use https://a."),
        ("https://A.example", "use https://a.example"),
        ("https://a.example:443", "use https://a.example"),
        ("https://b\u00fc.example", "use https://xn--b-eha.example"),
        ("https://me@a.example", "use https://a.example"),
        ("http://2130706433:80", "use http://127.0.0.1"),
        ("a.example", "'a.example' is not an origin; use scheme, host and port, such as"),
        ("localhost:5173", "'localhost:5173' is not an origin; use scheme, host and port"),
        ("null", "'null' is not an origin; use scheme, host and port, such as"),
        ("file://", "'file://' is not an origin; use scheme, host and port, such as"),
        ("https://*.a.example", "'https://*.a.example' is not an origin; use scheme, host"),
        ("https://a.example https://b.example", "is not an origin; use scheme, host"),
        ("https://a.example,*", "* stands for every origin; leave out the others"),
    ],
)
def test_what_browsers_would_not_send_is_refused_with_what_they_send(
    monkeypatch: pytest.MonkeyPatch, value: str, problem: str
) -> None:
    monkeypatch.setenv("CORS_ORIGINS", value)

    with pytest.raises(StoreSetupError) as error:
        load_settings(Settings)

    assert str(error.value).startswith("CORS_ORIGINS: ")
    assert problem in str(error.value)


def test_origins_are_separated_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CORS_ORIGINS", "https://a.example, http://[::1]:1,app://id,")

    settings = load_settings(Settings)

    assert settings.cors_origins == ("https://a.example", "http://[::1]:1", "app://id")


@pytest.mark.parametrize("role", [None, "write", "admin"])
def test_not_every_origin_is_allowed_while_callers_without_a_token_may_write(
    monkeypatch: pytest.MonkeyPatch, role: str | None
) -> None:
    monkeypatch.setenv("CORS_ORIGINS", "*")
    if role:
        monkeypatch.setenv("AUTH_ANONYMOUS", role)

    with pytest.raises(StoreSetupError) as error:
        load_settings(Settings)

    assert str(error.value) == (
        "CORS_ORIGINS must not be * while callers without a token may write, or "
        "every website could: list the origins, or set AUTH_ANONYMOUS to none or read"
    )
