"""How often subscriptions read the store."""

import asyncio
from contextlib import AsyncExitStack
from uuid import uuid4

import pytest

from graph.loading.feed_poll import Pace
from graph.settings import Settings
from tests.graph.clients import Client, dataset
from tests.graph.event_streams import read_batch, read_changes, serving_events, subscribed
from tests.graph.recording_store import RecordingStore

pytestmark = pytest.mark.anyio

ONLY_OWN_WRITES = Pace(poll_seconds=60, least_seconds=0.01)


@pytest.mark.slow
async def test_two_hundred_subscribers_share_each_read_of_the_store(
    recorded: RecordingStore,
) -> None:
    async with (
        serving_events(recorded, Settings(), ONLY_OWN_WRITES) as http,
        AsyncExitStack() as stack,
    ):
        client = Client(http)
        streams = [stack.enter_async_context(subscribed(http)) for _ in range(200)]
        subscribers = await asyncio.gather(*streams)
        await asyncio.gather(*map(read_batch, subscribers))

        async def count_reads(url: str) -> int:
            recorded.calls.clear()
            (id_,) = await client.register(dataset(url))
            received = await asyncio.gather(*(read_changes(each, 1) for each in subscribers))
            assert received == [[(id_, 1, "REGISTERED")]] * 200
            return sum(method == "read_feed" for method, _ in recorded.calls)

        while await count_reads(f"https://example.org/{uuid4()}") != 1:
            pass  # some had not caught up yet
        reads = [await count_reads(f"https://example.org/{uuid4()}") for _ in range(5)]

    assert reads == [1] * 5


async def test_the_store_is_not_read_without_subscribers(recorded: RecordingStore) -> None:
    async with serving_events(recorded, Settings()) as http:
        async with subscribed(http) as events:
            await read_batch(events)
        while (await http.get("/readyz")).status_code != 200:
            pass
        recorded.calls.clear()

        await Client(http).register(*(dataset(f"https://example.org/{n}") for n in range(3)))

    assert "read_feed" not in dict(recorded.calls)
