"""GraphQL over SSE: the form of streams, who leaves them and when, and their end."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import httpx
import pytest

from graph.loading.feed_poll import Pace
from graph.settings import Settings
from tests.graph.clients import Client, dataset
from tests.graph.event_streams import (
    CHANGES,
    EVENTS,
    Event,
    read_batch,
    read_changes,
    read_events,
    serving_events,
    subscribed,
)
from tests.graph.recording_store import RecordingStore

pytestmark = pytest.mark.anyio


@pytest.fixture
async def http(recorded: RecordingStore) -> AsyncIterator[httpx.AsyncClient]:
    async with serving_events(recorded, Settings()) as http:
        yield http


async def test_a_stream_has_the_headers_that_keep_it_from_being_held_back(
    http: httpx.AsyncClient,
) -> None:
    async with http.stream("POST", "/graphql", json={"query": CHANGES}, headers=EVENTS) as got:
        headers = got.headers

    assert headers["content-type"] == "text/event-stream; charset=utf-8"
    assert headers["cache-control"] == "no-store"
    assert headers["x-accel-buffering"] == "no"
    assert "content-length" not in headers


async def test_a_subscription_can_be_sent_with_get(http: httpx.AsyncClient) -> None:
    query = "subscription { changes { changes { name } hasMore } }"
    async with http.stream("GET", "/graphql", params={"query": query}, headers=EVENTS) as got:
        event = await anext(read_events(got))

    assert event.data["data"] == {"changes": {"changes": [], "hasMore": False}}


async def test_a_client_that_reads_no_events_is_told_how_to(http: httpx.AsyncClient) -> None:
    answer = await http.post("/graphql", json={"query": CHANGES})

    assert [answer.status_code, answer.headers["content-type"]] == [406, "application/json"]
    assert answer.json()["errors"] == [
        {
            "message": "Subscriptions are sent as server-sent events: send the header "
            "`Accept: text/event-stream`.",
            "extensions": {"code": "BAD_USER_INPUT"},
        }
    ]


@pytest.mark.parametrize(
    ("query", "content"),
    [
        ("{ __typename }", {"data": {"__typename": "Query"}}),
        ("mutation { __typename }", {"data": {"__typename": "Mutation"}}),
    ],
)
async def test_queries_and_mutations_are_one_event_if_nothing_else_is_accepted(
    http: httpx.AsyncClient, query: str, content: object
) -> None:
    answer = await http.post("/graphql", json={"query": query}, headers=EVENTS)

    event, complete = await read_all(answer)
    del event.data["extensions"]
    assert [event, complete] == [Event("next", None, content), Event("complete", None, None)]


async def test_queries_are_json_if_that_is_accepted_too(http: httpx.AsyncClient) -> None:
    accept = "application/graphql-response+json, application/json, text/event-stream"

    answer = await http.post(
        "/graphql", json={"query": "{ __typename }"}, headers={"accept": accept}
    )

    assert answer.json()["data"] == {"__typename": "Query"}


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("subscription {", "GRAPHQL_PARSE_FAILED"),
        ("subscription { nothing }", "GRAPHQL_VALIDATION_FAILED"),
        (
            "subscription { a: changes { cursor } b: changes { cursor } }",
            "GRAPHQL_VALIDATION_FAILED",
        ),
        ("subscription { __typename }", "GRAPHQL_VALIDATION_FAILED"),
        (
            "subscription { changes @skip(if: true) { cursor } }",
            "GRAPHQL_VALIDATION_FAILED",
        ),
        ("subscription { changes(after: 1) { cursor } }", "GRAPHQL_VALIDATION_FAILED"),
        ("subscription A { changes { cursor } } query B { __typename }", "BAD_USER_INPUT"),
        (
            "subscription ($a: Int!) { changes(filter: {artifactIds: [$a]}) { cursor } }",
            "GRAPHQL_VALIDATION_FAILED",
        ),
    ],
)
async def test_wrong_documents_are_told_in_an_event(
    http: httpx.AsyncClient, query: str, code: str
) -> None:
    answer = await http.post("/graphql", json={"query": query}, headers=EVENTS)

    failed, complete = await read_all(answer)
    assert answer.status_code == 200
    assert [error["extensions"]["code"] for error in failed.data["errors"]] == [code]
    assert "data" not in failed.data
    assert complete == Event("complete", None, None)


async def read_all(answer: httpx.Response) -> list[Event]:
    return [event async for event in read_events(answer)]


async def test_a_client_that_leaves_frees_its_place(recorded: RecordingStore) -> None:
    settings = Settings(subscriptions_per_caller=1)
    async with serving_events(recorded, settings) as http:
        async with subscribed(http) as events:
            await read_batch(events)
            refused = await http.post("/graphql", json={"query": CHANGES}, headers=EVENTS)
        for _ in range(100):
            async with AsyncExitStack() as stack:
                open_ = http.stream("POST", "/graphql", json={"query": CHANGES}, headers=EVENTS)
                status = (await stack.enter_async_context(open_)).status_code
            if status == 200:
                break

    assert refused.status_code == 429
    assert status == 200


async def test_a_subscription_is_logged_when_it_begins_and_when_it_has_ended(
    recorded: RecordingStore, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    async with (
        serving_events(recorded, Settings()) as http,
        subscribed(http, "subscription Mine { changes { cursor } }") as events,
    ):
        first = await anext(events)
        await Client(http).register(dataset())
        second = await anext(events)

    begun, _, ended = [vars(r) for r in caplog.records if r.name == "graph.requests"]
    costs = [each.data["extensions"]["cost"]["requested"] for each in (first, second)]
    assert (begun["kind"], begun["status"], begun["cost"]) == ("subscription", 200, costs[0])
    assert (ended["msg"], ended["operation"], ended["codes"]) == ("subscription", "Mine", [])
    assert (ended["events"], ended["changes"], ended["cost"]) == (2, 1, sum(costs))
    assert begun["request_id"] == ended["request_id"]


async def test_subscribers_are_limited_per_caller_and_in_total(
    recorded: RecordingStore,
) -> None:
    settings = Settings(subscriptions_per_caller=2, max_subscriptions=1)
    async with serving_events(recorded, settings) as http, subscribed(http) as events:
        await read_batch(events)
        refused = await http.post("/graphql", json={"query": CHANGES}, headers=EVENTS)

    assert [refused.status_code, refused.headers["retry-after"]] == [503, "5"]
    assert refused.json()["errors"] == [
        {
            "message": "Too many open subscriptions; try again.",
            "extensions": {"code": "UNAVAILABLE"},
        }
    ]


async def test_a_stream_is_no_request_that_is_being_executed(recorded: RecordingStore) -> None:
    settings = Settings(max_requests=1)
    async with (
        serving_events(recorded, settings) as http,
        subscribed(http) as first,
        subscribed(http) as second,
    ):
        await read_batch(first)
        await read_batch(second)
        (id_,) = await Client(http).register(dataset())

        assert (
            await read_changes(first, 1)
            == await read_changes(second, 1)
            == [(id_, 1, "REGISTERED")]
        )


async def test_subscriptions_wait_while_too_many_requests_are_executed(
    recorded: RecordingStore,
) -> None:
    async with (
        serving_events(recorded, Settings(max_requests=10)) as http,
        AsyncExitStack() as s,
    ):
        streams = [s.enter_async_context(subscribed(http)) for _ in range(20)]
        batches = [await read_batch(events) for events in await asyncio.gather(*streams)]

    assert [batch["changes"] for batch in batches] == [[]] * 20


async def test_timeouts_of_connections_do_not_end_a_stream(recorded: RecordingStore) -> None:
    settings = Settings(request_seconds=0.5)
    pace = Pace(poll_seconds=0.05, least_seconds=0.01, checkpoint_seconds=0.2)
    async with serving_events(recorded, settings, pace, keep_alive=1) as http:
        started = asyncio.get_running_loop().time()
        async with subscribed(http) as events:
            while asyncio.get_running_loop().time() < started + 1.5:
                await read_batch(events)
            (id_,) = await Client(http).register(dataset())

            assert await read_changes(events, 1) == [(id_, 1, "REGISTERED")]
