"""The rate limit of each caller in requests."""

import re

import httpx
import pytest

from graph.app import build
from graph.auth.roles import Role
from graph.auth.static_tokens import create_token
from graph.settings import Settings, parse_rate_limits
from tests.graph.clients import serving
from tests.graph.recording_store import RecordingStore

pytestmark = pytest.mark.anyio

READ = {"query": "{ models { totalCount } }"}
HOURLY = parse_rate_limits("3/hour")


async def test_requests_beyond_the_limit_get_429_and_the_time_to_wait(
    recorded: RecordingStore,
) -> None:
    async with serving(recorded, Settings(rate_limit=HOURLY)) as http:
        answers = [await http.post("/graphql", json=READ) for _ in range(5)]
        health = [(await http.get(path)).status_code for path in ("/livez", "/readyz")]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]
    assert [answer.headers["ratelimit-policy"] for answer in answers] == [
        '"requests";q=3;w=3600'
    ] * 5
    left = [re.fullmatch(r'"requests";r=(\d);t=(\d+)', a.headers["ratelimit"]) for a in answers]
    assert [match and match[1] for match in left] == ["2", "1", "0", "0", "0"]
    assert all(match and 1 <= int(match[2]) <= 3600 for match in left)
    wait = answers[3].headers["retry-after"]
    assert left[3]
    assert wait == left[3][2]
    (error,) = answers[3].json()["errors"]
    assert error["extensions"]["code"] == "RATE_LIMITED"
    assert error["message"] == f"The rate limit is 3 per 1 hour; try again in {wait} s."
    assert health == [200, 200]
    assert recorded.calls.count(("count", 1)) == 3


async def test_every_caller_is_counted_separately(recorded: RecordingStore) -> None:
    tokens = dict(create_token(name, Role.READ) for name in ("a", "b"))
    settings = Settings(
        rate_limit=HOURLY, auth_anonymous=Role.READ, auth_tokens=tuple(tokens.values())
    )
    callers = [{}, *({"authorization": f"Bearer {token}"} for token in tokens)]

    async with serving(recorded, settings) as http:
        statuses = [
            [
                (await http.post("/graphql", json=READ, headers=headers)).status_code
                for _ in range(4)
            ]
            for headers in callers
        ]

    assert statuses == [[200, 200, 200, 429]] * 3


async def test_requests_with_invalid_tokens_count(recorded: RecordingStore) -> None:
    async with serving(recorded, Settings(rate_limit=HOURLY)) as http:
        statuses = [
            (
                await http.post(
                    "/graphql", json=READ, headers={"authorization": f"Bearer {guess}"}
                )
            ).status_code
            for guess in range(5)
        ]

    assert statuses == [401, 401, 401, 429, 429]


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("192.0.2.1", "192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("2001:db8::1", "2001:db8::ffff:ffff:ffff:ffff", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.2", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
    ],
)
async def test_anonymous_callers_are_identified_by_their_address_or_ipv6_network(
    recorded: RecordingStore, first: str, second: str, *, same: bool
) -> None:
    app = build(recorded, Settings(rate_limit=parse_rate_limits("1/hour")))
    statuses = []
    for address in (first, second):
        transport = httpx.ASGITransport(app, client=(address, 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as http:
            statuses.append((await http.post("/graphql", json=READ)).status_code)

    assert statuses == [200, 429 if same else 200]


async def test_requests_are_served_while_redis_is_down(
    recorded: RecordingStore, caplog: pytest.LogCaptureFixture
) -> None:
    settings = Settings(rate_limit=HOURLY, rate_limit_redis_url="redis://:secret@127.0.0.1:1")

    async with serving(recorded, settings) as http:
        answers = [await http.post("/graphql", json=READ) for _ in range(5)]

    assert [answer.status_code for answer in answers] == [200] * 5
    assert len(caplog.records) == 1
    assert "cannot count requests in Redis" in caplog.text
    assert "secret" not in caplog.text
