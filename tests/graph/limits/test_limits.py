"""How much the server takes on: deadlines, requests at once, and requests in a while."""

import asyncio
import re
import shutil
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
from limits import parse

from graph.app import build
from graph.auth.roles import Role
from graph.auth.static_tokens import make
from graph.settings import Settings
from tests.graph.clients import BERT, serving
from tests.graph.recording_store import RecordingStore
from tests.graph.server_process import free_port

pytestmark = pytest.mark.anyio

READ = {"query": "{ models { totalCount } }"}
WRITE = {
    "query": f'mutation {{ registerModel(input: {{ url: "{BERT}" }}) {{ model {{ id }} }} }}'
}
HOURLY = parse("3/hour")


def code_of(answer: httpx.Response) -> str:
    (error,) = answer.json()["errors"]
    return str(error["extensions"]["code"])


@pytest.mark.parametrize("asked", [READ, WRITE], ids=["query", "mutation"])
async def test_what_takes_too_long_is_given_up(
    recorded: RecordingStore, asked: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    async with serving(recorded, Settings(request_seconds=0.05)) as http:
        recorded.gate.clear()
        answer = await http.post("/graphql", json=asked)
        recorded.gate.set()

    assert [answer.status_code, code_of(answer)] == [504, "DEADLINE_EXCEEDED"]
    message = answer.json()["errors"][0]["message"]
    assert message == "The request was not answered within 0.05 s."
    assert caplog.records == []


async def test_a_body_that_does_not_arrive_is_given_up(recorded: RecordingStore) -> None:
    async def trickle() -> AsyncIterator[bytes]:
        yield b'{"query": '
        await asyncio.Event().wait()

    headers = {"content-type": "application/json"}
    async with serving(recorded, Settings(request_seconds=0.05)) as http:
        answer = await http.post("/graphql", content=trickle(), headers=headers)

    assert [answer.status_code, code_of(answer)] == [408, "DEADLINE_EXCEEDED"]
    assert answer.headers["connection"] == "close"


async def test_too_many_requests_at_once_are_told_to_come_again(
    recorded: RecordingStore,
) -> None:
    async with serving(recorded, Settings(max_requests=2)) as http:
        recorded.gate.clear()
        admitted = [asyncio.create_task(http.post("/graphql", json=READ)) for _ in range(2)]
        while len(recorded.calls) < 2:  # noqa: ASYNC110 - a thread makes them
            await asyncio.sleep(0)
        refused = [await http.post("/graphql", json=READ) for _ in range(5)]
        alive = await http.get("/livez")
        recorded.gate.set()
        answers = await asyncio.gather(*admitted)
        after = await http.post("/graphql", json=READ)

    assert [answer.status_code for answer in refused] == [503] * 5
    assert {code_of(answer) for answer in refused} == {"UNAVAILABLE"}
    assert {answer.headers["retry-after"] for answer in refused} == {"1"}
    assert alive.status_code == 200
    assert [answer.status_code for answer in answers] == [200, 200]
    assert after.status_code == 200


async def test_bodies_that_do_not_arrive_hold_no_place(recorded: RecordingStore) -> None:
    reading = asyncio.Event()

    async def trickle() -> AsyncIterator[bytes]:
        yield b'{"query": '
        reading.set()
        await asyncio.Event().wait()

    headers = {"content-type": "application/json"}
    async with serving(recorded, Settings(max_requests=1)) as http:
        slow = asyncio.create_task(http.post("/graphql", content=trickle(), headers=headers))
        await reading.wait()
        answer = await http.post("/graphql", json=READ)
        slow.cancel()

    assert answer.status_code == 200


async def test_a_caller_who_asked_too_much_is_told_when_to_come_again(
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
    assert [found and found[1] for found in left] == ["2", "1", "0", "0", "0"]
    assert all(found and 1 <= int(found[2]) <= 3600 for found in left)
    refused = answers[3]
    wait = refused.headers["retry-after"]
    assert left[3]
    assert wait == left[3][2]
    assert code_of(refused) == "RATE_LIMITED"
    message = refused.json()["errors"][0]["message"]
    assert message == f"The limit is 3 per 1 hour; try again in {wait} s."
    assert health == [200, 200]
    assert recorded.calls.count(("count", 1)) == 3


async def test_every_caller_has_a_quota_of_their_own(recorded: RecordingStore) -> None:
    tokens = dict(make(name, Role.READ) for name in ("a", "b"))
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


async def test_tokens_cannot_be_tried_at_any_rate(recorded: RecordingStore) -> None:
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
    ],
)
async def test_callers_without_a_token_are_told_apart_by_their_networks(
    recorded: RecordingStore, first: str, second: str, *, same: bool
) -> None:
    app = build(recorded, Settings(rate_limit=parse("1/hour")))
    statuses = []
    for address in (first, second):
        transport = httpx.ASGITransport(app, client=(address, 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://registry") as http:
            statuses.append((await http.post("/graphql", json=READ)).status_code)

    assert statuses == [200, 429 if same else 200]


async def test_without_redis_the_serving_goes_on(
    recorded: RecordingStore, caplog: pytest.LogCaptureFixture
) -> None:
    settings = Settings(rate_limit=HOURLY, rate_limit_redis_url="redis://:secret@127.0.0.1:1")

    async with serving(recorded, settings) as http:
        answers = [await http.post("/graphql", json=READ) for _ in range(5)]

    assert [answer.status_code for answer in answers] == [200] * 5
    assert len(caplog.records) == 1
    assert "requests are not counted" in caplog.text
    assert "secret" not in caplog.text


@pytest.fixture
def redis_url(tmp_path: Path) -> Iterator[str]:
    """A Redis of our own, on a socket."""
    if shutil.which("redis-server") is None:
        pytest.skip("there is no redis-server")
    path = tmp_path / "redis"
    path.mkdir()
    port = free_port()
    arguments = ["--bind", "127.0.0.1", "--port", str(port), "--save", "", "--dir", str(path)]
    with subprocess.Popen(["redis-server", *arguments], stdout=subprocess.PIPE) as process:  # noqa: S603, S607 - a server of our own
        assert process.stdout is not None
        assert any(b"Ready to accept connections" in line for line in process.stdout)
        yield f"redis://127.0.0.1:{port}"
        process.kill()


async def test_servers_that_share_a_redis_count_together(
    recorded: RecordingStore, redis_url: str
) -> None:
    settings = Settings(rate_limit=HOURLY, rate_limit_redis_url=redis_url)

    async with serving(recorded, settings) as one, serving(recorded, settings) as other:
        answers = [await http.post("/graphql", json=READ) for http in (one, other, one, other)]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert answers[2].headers["ratelimit"].startswith('"requests";r=0;t=')
