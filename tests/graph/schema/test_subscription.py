"""The subscription to changes: batches, checkpoints, filters and cursors."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from graph.loading.feed_poll import Pace
from graph.settings import Settings
from storage.errors import StoreUnavailableError
from tests.graph.clients import Client, dataset, model
from tests.graph.event_streams import (
    read_batch,
    read_changes,
    read_error,
    serving_events,
    subscribed,
)
from tests.graph.recording_store import RecordingStore
from tests.graph.schema.history_queries import (
    CURSOR_EXPIRED,
    DELETE,
    INVALID_CURSOR,
    RATE,
    read_cursor,
)

pytestmark = pytest.mark.anyio

OFTEN = Pace(poll_seconds=0.05, least_seconds=0.01, checkpoint_seconds=0.1)


@pytest.fixture
async def http(recorded: RecordingStore) -> AsyncIterator[httpx.AsyncClient]:
    async with serving_events(recorded, Settings()) as http:
        yield http


async def test_the_first_batch_is_empty_and_has_the_present_cursor(client: Client) -> None:
    await client.register(dataset(name="old"))

    async with subscribed(client.http) as events:
        first = await read_batch(events)

    cursor = await read_cursor(client)
    assert first == {"changes": [], "cursor": cursor, "hasMore": False}


async def test_every_write_is_an_event_with_exactly_its_change(client: Client) -> None:
    async with subscribed(client.http) as events:
        await read_batch(events)
        (id_,) = await client.register(model(name="bert"))
        registered = await read_batch(events)
        await client.data(RATE, id=id_, rating={"netScore": 0.5})
        rated = await read_batch(events)

    cursor = await read_cursor(client)
    assert registered["changes"] == [{"artifactId": id_, "version": 1, "kind": "REGISTERED"}]
    assert rated == {
        "changes": [{"artifactId": id_, "version": 2, "kind": "RATED"}],
        "cursor": cursor,
        "hasMore": False,
    }


async def test_writes_of_other_processes_are_events(client: Client, tmp_path: Path) -> None:
    other = RecordingStore(tmp_path / "registry.db")
    async with (
        subscribed(client.http) as events,
        serving_events(other, Settings()) as other_http,
    ):
        await read_batch(events)
        (id_,) = await Client(other_http).register(dataset())

        assert await read_changes(events, 1) == [(id_, 1, "REGISTERED")]


async def test_an_event_has_what_is_selected_of_the_artifact_as_it_is_now(
    client: Client,
) -> None:
    query = """
    subscription Watch { feed: changes { changes {
      id by { name } fields { field after }
      artifact { __typename name ...on Model { datasets(first: 2) { name } } }
    } } }
    """
    async with subscribed(client.http, query) as events:
        assert (await anext(events)).data["data"] == {"feed": {"changes": []}}
        await client.register(dataset(name="books"))
        await anext(events)
        (id_,) = await client.register(model(name="bert", datasets=[{"name": "books"}]))
        event = await anext(events)

    (change,) = event.data["data"]["feed"]["changes"]
    fields = {each["field"]: each["after"] for each in change.pop("fields")}
    assert fields["datasets"] == [{"name": "books"}]
    assert change == {
        "id": f"change_{id_}_1",
        "by": None,
        "artifact": {"__typename": "Model", "name": "bert", "datasets": [{"name": "books"}]},
    }


async def test_a_filter_leaves_out_other_changes(client: Client) -> None:
    filter_ = {"types": ["MODEL"], "kinds": ["DELETED"]}
    async with subscribed(client.http, filter=filter_) as events:
        await read_batch(events)
        bert, books = await client.register(model(), dataset())
        for id_ in (books, bert):
            await client.data(DELETE, id=id_)

        batch = await read_batch(events)

    assert batch["changes"] == [{"artifactId": bert, "version": 2, "kind": "DELETED"}]


async def test_a_subscription_with_a_cursor_begins_with_the_changes_after_it(
    client: Client,
) -> None:
    await client.register(dataset())
    cursor = await read_cursor(client)
    urls = [f"https://example.org/{number}" for number in range(250)]
    ids = [id_ for url in urls for id_ in await client.register(dataset(url))]

    async with subscribed(client.http, after=cursor) as events:
        pages = [await read_batch(events) for _ in range(3)]
        (id_,) = await client.register(model())
        after = await read_changes(events, 1)

    changes = [change["artifactId"] for page in pages for change in page["changes"]]
    assert changes == ids
    assert [(len(p["changes"]), p["hasMore"]) for p in pages] == [
        (100, True),
        (100, True),
        (50, False),
    ]
    assert after == [(id_, 1, "REGISTERED")]


async def test_the_id_of_the_last_event_takes_the_place_of_the_cursor(client: Client) -> None:
    await client.register(dataset())
    cursor = await read_cursor(client)
    (id_,) = await client.register(model())

    headers = {"last-event-id": cursor}
    async with subscribed(client.http, headers=headers, after="replaced") as events:
        assert await read_changes(events, 1) == [(id_, 1, "REGISTERED")]


async def test_a_batch_without_changes_comes_now_and_then(recorded: RecordingStore) -> None:
    filter_ = {"types": ["MODEL"]}
    async with (
        serving_events(recorded, Settings(), OFTEN) as http,
        subscribed(http, filter=filter_) as events,
    ):
        first = await read_batch(events)
        await Client(http).register(dataset())
        cursor = await read_cursor(Client(http))
        while (later := await read_batch(events))["cursor"] == first["cursor"]:
            pass

    assert later == {"changes": [], "cursor": cursor, "hasMore": False}


async def test_invalid_cursors_are_errors(client: Client) -> None:
    async with subscribed(client.http, after="bogus") as events:
        assert await read_error(events) == INVALID_CURSOR


async def test_a_reset_ends_subscriptions_with_the_error_of_their_cursor(
    client: Client,
) -> None:
    async with subscribed(client.http) as events:
        cursor = (await read_batch(events))["cursor"]
        await client.data('mutation { reset(confirm: "registry.db") { deletedCount } }')
        assert await read_error(events) == CURSOR_EXPIRED
    async with subscribed(client.http, after=cursor) as events:
        assert await read_error(events) == CURSOR_EXPIRED
    async with subscribed(client.http) as events:
        assert (await read_batch(events))["changes"] == []


async def test_too_many_ids_are_an_error(client: Client) -> None:
    async with subscribed(client.http, filter={"artifactIds": ["a"] * 101}) as events:
        assert await read_error(events) == (
            "BAD_USER_INPUT",
            "`filter.artifactIds` must have at most 100 items, not 101.",
        )


@pytest.mark.parametrize("method", ["read_feed", "feed_cursor"])
async def test_a_store_that_fails_is_an_error_and_subscriptions_can_begin_anew(
    client: Client, recorded: RecordingStore, method: str
) -> None:
    failure = ("STORE_UNAVAILABLE", "The store did not answer; try again.")
    async with subscribed(client.http) as events:
        cursor = (await read_batch(events))["cursor"]
        recorded.failing_method, recorded.failure = method, StoreUnavailableError("secret")
        async with subscribed(client.http) as failing:
            if method == "read_feed":
                await read_batch(failing)
            assert await read_error(failing) == failure
        if method == "read_feed":
            assert await read_error(events) == failure
    (id_,) = await client.register(dataset())
    recorded.failure = None

    async with subscribed(client.http, after=cursor) as events:
        assert await read_changes(events, 1) == [(id_, 1, "REGISTERED")]


async def test_errors_below_an_event_are_errors_of_their_fields(
    client: Client, recorded: RecordingStore
) -> None:
    query = "subscription { changes { changes { version artifact { name } } } }"
    async with subscribed(client.http, query) as events:
        await anext(events)
        recorded.failing_method, recorded.failure = "get", StoreUnavailableError()
        await client.register(dataset())
        failed = await anext(events)
        recorded.failure = None
        await client.register(model(name="bert"))
        found = await anext(events)

    (error,) = failed.data["errors"]
    assert error["extensions"] == {"code": "STORE_UNAVAILABLE"}
    assert error["path"] == ["changes", "changes", 0, "artifact"]
    assert failed.data["data"] == {"changes": {"changes": [{"version": 1, "artifact": None}]}}
    assert found.data["data"]["changes"]["changes"] == [
        {"version": 1, "artifact": {"name": "bert"}}
    ]


@pytest.mark.parametrize("executor", ["engine", "graphql-core"])
async def test_both_executors_send_the_same(recorded: RecordingStore, executor: str) -> None:
    settings = Settings.model_validate({"executor": executor})
    query = "subscription { changes { changes { __typename artifact { name } } hasMore } }"
    async with serving_events(recorded, settings) as http, subscribed(http, query) as events:
        await anext(events)
        await Client(http).register(dataset(name="books"))
        event = await anext(events)

    change = {"__typename": "Change", "artifact": {"name": "books"}}
    assert event.data["data"] == {"changes": {"changes": [change], "hasMore": False}}
