"""What subscriptions may use: the price of each event, rates, places, memory and time."""

import json
import socket
import time
from urllib.parse import quote

import httpx
import pytest

from graph.settings import Settings, parse_rate_limits
from tests.graph.auth.credentials import bearer
from tests.graph.clients import Client, code, dataset, model
from tests.graph.event_streams import (
    CHANGES,
    EVENTS,
    QUICK,
    Events,
    read_batch,
    read_changes,
    read_error,
    serving_events,
    subscribed,
)
from tests.graph.oidc_issuer import AUDIENCE, NAME, Issuer, publish_keys
from tests.graph.recording_store import RecordingStore
from tests.storage.samples import bert, squad
from tests.storage.store_calls import register_one

pytestmark = pytest.mark.anyio

READ, EVENT, CHANGE, LOAD = 500, 20, 5, 10
NAMES = "subscription { changes { changes { name artifact { name } } cursor } }"


async def read_cost(events: Events) -> int:
    """Return the price of the next event."""
    cost: int = (await anext(events)).data["extensions"]["cost"]["requested"]
    return cost


async def test_events_cost_as_much_as_their_changes_and_a_read_as_a_whole_page(
    recorded: RecordingStore,
) -> None:
    async with serving_events(recorded, Settings()) as http:
        client = Client(http)
        async with subscribed(http, NAMES) as events:
            costs = [await read_cost(events)]
            await client.register(dataset(), code(), model())
            costs.append(await read_cost(events))
        await client.register(dataset("https://example.org/other"))
        query = NAMES.replace("changes {", "changes(filter: {types: [DATASET]}) {", 1)
        async with subscribed(http, query) as events:
            costs.append(await read_cost(events))

    each = CHANGE + 1 + 1 + (1 + LOAD) + 1
    fixed = EVENT + 1
    assert costs == [
        fixed + READ + 100 * each,
        fixed + 3 * each,
        fixed + READ + 6_000 + 2 + 100 * each,
    ]


@pytest.mark.parametrize(
    "selections",
    [
        "history { nodes { id } }",
        "lineage(direction: UPSTREAM) { complete }",
        "...on Model { derivedModels { totalCount } }",
        "...on Model { provenance { complete } }",
        "...on Dataset { models { nodes { id } } }",
        "...F",
    ],
)
async def test_lists_with_pages_and_walks_cannot_be_selected(
    recorded: RecordingStore, selections: str
) -> None:
    query = f"""
    subscription {{ changes {{ changes {{ artifact {{ {selections} }} }} }} }}
    query Other {{ __typename ...on Query {{ node(id: "a") {{ ...F }} }} }}
    fragment F on Code {{ models {{ totalCount }} }}
    """.replace("subscription", "subscription Changes")
    body = {"query": query, "operationName": "Changes"}
    async with serving_events(recorded, Settings()) as http:
        answer = await http.post("/graphql", json=body, headers=EVENTS)

    data = next(line for line in answer.text.splitlines() if line.startswith("data: "))
    (error,) = json.loads(data.removeprefix("data: "))["errors"]
    assert error["extensions"]["code"] == "QUERY_TOO_COMPLEX"
    assert error["message"].startswith("A subscription cannot select `")
    assert "read_feed" not in dict(recorded.calls)


async def test_a_subscription_whose_events_could_cost_too_much_is_refused(
    recorded: RecordingStore,
) -> None:
    query = """subscription {
      changes { changes { artifact { ...on Model { datasets { name } codes { name } } } } }
    }"""
    async with serving_events(recorded, Settings()) as http, subscribed(http, query) as events:
        code_, message = await read_error(events)

    assert code_ == "QUERY_TOO_COMPLEX"
    assert message.endswith(
        "50000 is the maximum: select fewer fields, or ask for smaller pages."
    )


async def test_events_count_for_the_rate_limit_of_their_caller(
    recorded: RecordingStore,
) -> None:
    query = "subscription { changes { changes { name } cursor } }"
    document = 100 + 4 * 11 + len(query) // 20
    limit = parse_rate_limits(f"cost: {1_250 + document}/hour")
    settings = Settings(max_query_cost=1_250, rate_limit=limit)
    async with serving_events(recorded, settings) as http, subscribed(http, query) as events:
        first = await read_cost(events)
        register_one(recorded, squad())
        second = await read_cost(events)
        register_one(recorded, bert())
        failed, complete = [event async for event in events]

    (error,) = failed.data["errors"]
    assert [first, second] == [EVENT + 1 + READ + 100 * 7, EVENT + 1 + 7]
    assert error["extensions"]["code"] == "RATE_LIMITED"
    assert error["extensions"]["retryAfter"] > 0
    assert complete.type == "complete"


async def test_a_caller_has_a_limited_number_of_subscriptions(
    recorded: RecordingStore,
) -> None:
    settings = Settings(subscriptions_per_caller=1)
    async with serving_events(recorded, settings) as http, subscribed(http) as events:
        await read_batch(events)
        refused = await http.post("/graphql", json={"query": CHANGES}, headers=EVENTS)

    assert [refused.status_code, refused.headers["retry-after"]] == [429, "5"]
    assert refused.json()["errors"] == [
        {
            "message": "You have 1 open subscriptions, which is the maximum: end one first.",
            "extensions": {"code": "RATE_LIMITED"},
        }
    ]


async def test_a_subscription_ends_when_the_token_expires(recorded: RecordingStore) -> None:
    issuer = Issuer()
    with publish_keys(issuer) as url:
        settings = Settings(auth_issuer=NAME, auth_audience=(AUDIENCE,), auth_jwks_url=url)
        # An issuer's clock may be 10 seconds late.
        headers = bearer(issuer.sign_token(roles=["read"], exp=int(time.time()) - 8))
        async with (
            serving_events(recorded, settings) as http,
            subscribed(http, headers=headers) as events,
        ):
            await read_batch(events)
            error = await read_error(events)

    assert error == ("UNAUTHENTICATED", "The token has expired.")


@pytest.mark.slow
async def test_a_client_that_does_not_read_is_disconnected_and_keeps_nobody_waiting(
    recorded: RecordingStore,
) -> None:
    query = "subscription { changes { changes { name fields { field before after } } } }"
    request = (
        f"GET /graphql?query={quote(query)} HTTP/1.1\r\nhost: localhost\r\n"
        "accept: text/event-stream\r\n\r\n"
    )
    settings = Settings(subscriptions_per_caller=2)
    async with serving_events(recorded, settings, QUICK, keep_alive=1) as http:
        client, port = Client(http), http.base_url.port
        assert port is not None
        with socket.socket() as slow:
            slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
            slow.connect(("127.0.0.1", port))
            slow.sendall(request.encode())
            async with subscribed(http) as events:
                await read_batch(events)
                for _ in range(150):
                    url = f"https://example.org/{time.monotonic_ns()}"
                    await client.register(
                        dataset(url, description="é" * 4_000, tags=["x" * 256] * 100)
                    )
                    await read_changes(events, 1)
                while not await is_accepted(http):
                    await client.register(dataset(f"https://example.org/{time.monotonic_ns()}"))


async def is_accepted(http: httpx.AsyncClient) -> bool:
    """Return whether another subscription has a place."""
    async with http.stream("POST", "/graphql", json={"query": CHANGES}, headers=EVENTS) as got:
        return got.status_code == 200
