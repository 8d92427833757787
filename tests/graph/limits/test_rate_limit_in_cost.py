"""The rate limit of each caller in cost, alone and together with one in requests."""

import re
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from graph.limits.sliding_window import Window
from graph.settings import Settings, parse_rate_limits
from storage.errors import StoreSetupError
from storage.settings import load_settings
from tests.graph.clients import serving
from tests.graph.recording_store import RecordingStore

READ = {"query": "{ models { totalCount } }"}
DOCUMENT = 100 + 4 * 6 + len(READ["query"]) // 20
"""The price of reading its document, the first time."""
COST = 3_200
LEFT = COST - DOCUMENT
LIMITED = Settings(
    max_query_cost=COST, rate_limit=parse_rate_limits(f"10/hour, cost: {COST}/hour")
)


def read_left(answer: httpx.Response) -> dict[str, int]:
    """Return what is left of each limit."""
    parts = re.findall(r'"(\w+)";r=(\d+);t=\d+', answer.headers["ratelimit"])
    return {name: int(left) for name, left in parts}


@pytest.mark.anyio
async def test_requests_that_cost_more_than_is_left_get_429_and_the_time_to_wait(
    recorded: RecordingStore,
) -> None:
    async with serving(recorded, LIMITED) as http:
        answers = [await http.post("/graphql", json=READ)]
        cost = answers[0].json()["extensions"]["cost"]["requested"]
        allowed = LEFT // cost
        answers += [await http.post("/graphql", json=READ) for _ in range(allowed)]

    assert 2 <= allowed < 10
    assert [answer.status_code for answer in answers] == [200] * allowed + [429]
    assert [read_left(answer) for answer in answers] == [
        {"requests": 9 - number, "cost": LEFT - min(number + 1, allowed) * cost}
        for number in range(allowed + 1)
    ]
    refused = answers[-1]
    assert refused.headers["ratelimit-policy"] == (
        f'"requests";q=10;w=3600, "cost";q={COST};w=3600'
    )
    wait = refused.headers["retry-after"]
    assert f'"cost";r={LEFT - allowed * cost};t={wait}' in refused.headers["ratelimit"]
    assert refused.json()["errors"] == [
        {
            "message": f"The request costs {cost}, and the rate limit is a cost of {COST} "
            f"per 1 hour; try again in {wait} s.",
            "extensions": {"code": "RATE_LIMITED"},
        }
    ]
    assert recorded.calls.count(("count", 1)) == allowed


@pytest.mark.anyio
async def test_every_response_tells_what_is_left_and_when_all_is_again(
    recorded: RecordingStore,
) -> None:
    start = datetime.now(UTC)
    async with serving(recorded, LIMITED) as http:
        answers = [await http.post("/graphql", json=body) for body in (READ, READ, READ, {})]

    costs = [answer.json()["extensions"]["cost"] for answer in answers]
    price = costs[0]["requested"]
    assert [cost["remaining"] for cost in costs] == [
        LEFT - price,
        LEFT - 2 * price,
        LEFT - 2 * price,
        LEFT - 2 * price,
    ]
    assert [answer.status_code for answer in answers] == [200, 200, 429, 400]
    for cost in costs:
        assert cost["maximum"] == COST
        assert re.fullmatch(r"[0-9T:-]{19}\.\d{3}Z", cost["resetAt"])
        left = datetime.fromisoformat(cost["resetAt"]) - start
        assert timedelta(0) < left <= timedelta(hours=2, minutes=1)


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("query", "tokens", "is_kept"),
    [
        ("{", 1, False),
        ("{ nothing }", 3, True),
        (
            "{ models(first: 100) { nodes { derivedModels(first: 100) { nodes { id } } } } }",
            25,
            True,
        ),
        ("{ __typename" + " unknown" * 300, 302, False),
        ("{" + "unknown " * 500 + "}", 502, True),
    ],
    ids=["syntax", "schema", "price", "long syntax", "long schema"],
)
async def test_requests_that_are_not_executed_cost_what_reading_their_document_takes(
    recorded: RecordingStore, query: str, tokens: int, *, is_kept: bool
) -> None:
    price = min(100 + 4 * tokens + len(query) // 20, COST)

    async with serving(recorded, LIMITED) as http:
        first = await http.post("/graphql", json={"query": query})
        second = await http.post("/graphql", json={"query": query})

    assert "data" not in first.json()
    body = int(first.request.headers["content-length"]) // 500
    assert read_left(first) == {"requests": 9, "cost": COST - body - price}
    assert is_kept is (read_left(second) == {"requests": 8, "cost": COST - 2 * body - price})


@pytest.mark.anyio
async def test_documents_that_cost_more_than_is_left_are_not_read(
    recorded: RecordingStore,
) -> None:
    limited = Settings(max_query_cost=COST, rate_limit=parse_rate_limits("cost: 3300/hour"))
    documents = ["{" + " ".join(f"u{n}x{i}" for i in range(1_000)) + "}" for n in range(2)]

    async with serving(recorded, limited) as http:
        answers = [await http.post("/graphql", json={"query": each}) for each in documents]

    codes = [answer.json()["errors"][0]["extensions"]["code"] for answer in answers]
    assert codes == ["GRAPHQL_VALIDATION_FAILED", "RATE_LIMITED"]
    assert [answer.status_code for answer in answers] == [200, 429]
    message = answers[1].json()["errors"][0]["message"]
    assert message.startswith(
        "Reading the document costs 3200, and the rate limit is a cost of 3300 per 1 hour;"
    )


@pytest.mark.anyio
async def test_bodies_that_are_no_json_cost_what_reading_them_takes(
    recorded: RecordingStore,
) -> None:
    headers = {"content-type": "application/json"}

    async with serving(recorded, LIMITED) as http:
        answer = await http.post("/graphql", content=b" " * 100_000, headers=headers)

    assert answer.status_code == 400
    assert read_left(answer)["cost"] == COST - 100_000 // 500


@pytest.mark.anyio
async def test_variables_without_their_types_cost_what_reading_them_takes(
    recorded: RecordingStore,
) -> None:
    query = "query($ids: [ID!]!) { nodes(ids: $ids) { id } }"
    read = 100 + 4 * 23 + len(query) // 20

    async with serving(recorded, LIMITED) as http:
        body = {"query": query, "variables": {"ids": [[]] * 500}}
        answer = await http.post("/graphql", json=body)

    assert "data" not in answer.json()
    size = int(answer.request.headers["content-length"])
    assert read_left(answer)["cost"] == COST - size // 500 - read - 500 // 2


@pytest.mark.anyio
async def test_a_limit_in_cost_alone_counts_no_requests(recorded: RecordingStore) -> None:
    limit = parse_rate_limits("cost: 50000 per 5 minutes")

    async with serving(recorded, Settings(rate_limit=limit)) as http:
        answer = await http.post("/graphql", json={"query": "{ __typename }"})
        rejected = await http.post("/graphql", content=b"")

    assert answer.headers["ratelimit-policy"] == '"cost";q=50000;w=300'
    assert read_left(answer) == read_left(rejected)


@pytest.mark.anyio
async def test_servers_with_the_same_redis_count_cost_together(
    recorded: RecordingStore, redis_url: str
) -> None:
    settings = LIMITED.model_copy(update={"rate_limit_redis_url": redis_url})

    async with serving(recorded, settings) as one, serving(recorded, settings) as other:
        answers = [await http.post("/graphql", json=READ) for http in (one, other)]

    cost = answers[0].json()["extensions"]["cost"]["requested"]
    # Each of them reads the document.
    assert [read_left(a)["cost"] for a in answers] == [LEFT - cost, LEFT - DOCUMENT - 2 * cost]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "cost",
        "cost: often",
        "1/minute, 2/minute",
        "bytes: 1/minute",
        "cost: 1/s, cost: 2/s",
    ],
)
def test_other_forms_of_limits_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a rate limit; use a form such as 600/minute"):
        parse_rate_limits(text)


def test_a_limit_in_cost_must_allow_the_maximum_price_of_a_request(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("RATE_LIMIT", "600/minute, cost: 49999/minute")

    with pytest.raises(StoreSetupError, match="49999 is less than 50000"):
        load_settings(Settings)


@pytest.mark.parametrize("previous", [0, 1, 70, 100])
@pytest.mark.parametrize("current", [0, 1, 30, 99, 100])
@pytest.mark.parametrize("amount", [1, 10, 100])
@pytest.mark.parametrize("second", [0, 17, 59])
def test_an_amount_is_left_after_the_time_to_wait_and_not_long_before(
    previous: int, current: int, amount: int, second: int
) -> None:
    wait = Window(100, 60, previous, current, second).seconds_until(amount)

    def left_after(seconds: float) -> int:
        now = second + seconds
        counts = (previous, current) if now < 60 else (current, 0) if now < 120 else (0, 0)
        return Window(100, 60, *counts, now).left

    assert left_after(wait + 0.01) >= amount
    assert wait == 1 or left_after(wait - 1.01) < amount
