"""The feed of changes, and the newest changes."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.graph.clients import Client, dataset, model
from tests.graph.recording_store import RecordingStore
from tests.graph.schema.history_queries import (
    CURSOR_EXPIRED,
    DELETE,
    EMPTY_PAGE,
    FEED,
    INVALID_CURSOR,
    RATE,
    RECENT,
    RESTORE,
    UPDATE_DATASET,
    read_cursor,
)
from tests.storage.contract.recorded_changes import ManualClock

pytestmark = pytest.mark.anyio

OTHER = "https://example.org/datasets/other"


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def recorded(tmp_path: Path, clock: ManualClock) -> Iterator[RecordingStore]:
    """A store whose clock stands still."""
    store = RecordingStore(tmp_path / "registry.db", clock)
    yield store
    store.close()


async def read_feed(client: Client, **variables: object) -> list[tuple[str, int, str]]:
    """Return the artifact, version and kind of all changes, read in pages."""
    changes: list[dict[str, Any]] = []
    while True:
        page = (await client.data(FEED, **variables))["changes"]
        changes += page["changes"]
        if not page["hasMore"]:
            return [(each["artifactId"], each["version"], each["kind"]) for each in changes]
        variables["after"] = page["cursor"]


async def make_changes(client: Client) -> tuple[str, str]:
    """Make each kind of change; return the ids of a dataset and of a model."""
    books, bert = await client.register(dataset(name="books"), model(name="bert"))
    await client.data(RATE, id=bert, rating={"netScore": 0.5})
    await client.data(UPDATE_DATASET, id=books, input={"license": "mit"})
    await client.data(DELETE, id=books)
    await client.data(RESTORE, id=books)
    await client.data(DELETE, id=bert)
    return books, bert


@pytest.mark.parametrize("first", [1, 2, 3, 100, None])
async def test_feed_has_every_change_once_in_the_order_of_the_writes(
    client: Client, first: int | None
) -> None:
    books, bert = await make_changes(client)

    assert await read_feed(client, first=first) == [
        (books, 1, "REGISTERED"),
        (bert, 1, "REGISTERED"),
        (bert, 2, "RATED"),
        (books, 2, "UPDATED"),
        (books, 3, "DELETED"),
        (books, 4, "RESTORED"),
        (bert, 3, "DELETED"),
    ]


async def test_feed_after_a_change_cursor_has_only_later_changes(client: Client) -> None:
    books, _ = await client.register(dataset(name="books"), model(name="bert"))
    cursor = await read_cursor(client)
    before = await client.data(FEED, after=cursor)

    await client.data(UPDATE_DATASET, id=books, input={"license": "mit"})

    page = before["changes"]
    assert [page["changes"], page["hasMore"]] == [[], False]
    later = [(books, 2, "UPDATED")]
    assert await read_feed(client, after=cursor) == later
    assert await read_feed(client, after=page["cursor"]) == later


async def test_feed_has_the_artifact_as_it_is_now_or_null(
    client: Client, recorded: RecordingStore
) -> None:
    await make_changes(client)
    recorded.calls.clear()

    data = await client.data("{ changes { changes { name artifact { version license } } } }")

    books = {"name": "books", "artifact": {"version": 4, "license": "mit"}}
    bert = {"name": "bert", "artifact": None}
    assert data["changes"]["changes"] == [books, bert, bert, books, books, books, bert]
    assert recorded.calls == [("read_feed", 100), ("get", 2)]


@pytest.mark.parametrize(
    ("filter_", "expected"),
    [
        ({"types": ["DATASET"]}, ["REGISTERED", "UPDATED", "DELETED", "RESTORED"]),
        ({"kinds": ["DELETED", "RATED"]}, ["RATED", "DELETED", "DELETED"]),
        ({"types": ["MODEL"], "kinds": ["DELETED", "UPDATED"]}, ["DELETED"]),
        ({"artifactIds": ["gone"]}, []),
        ({"kinds": []}, []),
        ({"types": None, "kinds": None, "artifactIds": None}, 7),
        ({}, 7),
        (None, 7),
    ],
)
async def test_filters_of_changes(client: Client, filter_: Any, expected: Any) -> None:
    await make_changes(client)

    feed = [kind for *_, kind in await read_feed(client, filter=filter_)]
    recent = (await client.data(RECENT, filter=filter_))["recentChanges"]["nodes"]

    if isinstance(expected, int):
        assert [len(feed), len(recent)] == [expected, expected]
    else:
        assert feed == expected
        assert [each["kind"] for each in recent] == expected[::-1]


async def test_filter_by_id_returns_the_changes_of_these_artifacts(client: Client) -> None:
    _, bert = await make_changes(client)

    changes = await read_feed(client, filter={"artifactIds": [bert, "gone"]})
    error = await client.error(FEED, filter={"artifactIds": ["x"] * 101})

    assert changes == [(bert, 1, "REGISTERED"), (bert, 2, "RATED"), (bert, 3, "DELETED")]
    assert error == (
        "BAD_USER_INPUT",
        "`filter.artifactIds` must have at most 100 items, not 101.",
    )


async def test_filtered_page_may_be_empty_although_there_are_more(client: Client) -> None:
    ids = [
        await client.register(*(dataset(f"{OTHER}/{n}/{i}") for i in range(100)))
        for n in range(10)
    ]
    await client.data(UPDATE_DATASET, id=ids[0][0], input={"license": "mit"})
    filter_ = {"kinds": ["UPDATED"]}

    page = (await client.data(FEED, filter=filter_))["changes"]
    following = (await client.data(FEED, filter=filter_, after=page["cursor"]))["changes"]

    updated = {"artifactId": ids[0][0], "version": 2, "kind": "UPDATED"}
    assert [page["changes"], page["hasMore"]] == [[], True]
    assert [following["changes"], following["hasMore"]] == [[updated], False]


async def test_pages_of_recent_changes_return_each_change_once(client: Client) -> None:
    books, bert = await make_changes(client)

    pages, after = [], None
    while True:
        page = (await client.data(RECENT, first=3, after=after))["recentChanges"]
        pages.append([(each["artifactId"], each["version"]) for each in page["nodes"]])
        cursors = [edge["cursor"] for edge in page["edges"]]
        assert page["pageInfo"] == {
            "hasNextPage": len(pages) < 3,
            "hasPreviousPage": len(pages) > 1,
            "startCursor": cursors[0],
            "endCursor": cursors[-1],
        }
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break

    assert pages == [
        [(bert, 3), (books, 4), (books, 3)],
        [(books, 2), (bert, 2), (bert, 1)],
        [(books, 1)],
    ]


async def test_empty_registry_has_no_changes(client: Client) -> None:
    assert await read_feed(client) == []
    assert await read_feed(client, after=await read_cursor(client)) == []
    assert (await client.data(RECENT))["recentChanges"] == {
        "edges": [],
        "nodes": [],
        "pageInfo": EMPTY_PAGE,
    }


@pytest.mark.parametrize("query", [FEED, RECENT])
@pytest.mark.parametrize("after", ["", "garbage", "AAAAAAAAAAAA", "☃", "=", "a" * 5_000])
async def test_text_that_is_no_cursor_is_an_invalid_cursor(
    client: Client, query: str, after: str
) -> None:
    await client.register(dataset())

    assert await client.error(query, after=after) == INVALID_CURSOR


async def test_cursors_from_before_a_reset_have_expired(client: Client) -> None:
    await client.register(dataset())
    cursor = await read_cursor(client)
    recent = (await client.data(RECENT))["recentChanges"]["pageInfo"]["endCursor"]

    await client.data('mutation { reset(confirm: "registry.db") { deletedCount } }')

    assert await client.error(FEED, after=cursor) == CURSOR_EXPIRED
    assert await client.error(RECENT, after=recent) == CURSOR_EXPIRED


async def test_cursors_from_before_the_retention_have_expired(
    client: Client, recorded: RecordingStore, clock: ManualClock
) -> None:
    start = await read_cursor(client)
    (books,) = await client.register(dataset(name="books"))
    recorded.set_retention(timedelta(days=30), lambda *_: None)
    clock.advance(days=31)
    await client.data(UPDATE_DATASET, id=books, input={"license": "mit"})

    assert await client.error(FEED, after=start) == CURSOR_EXPIRED
    assert await read_feed(client) == [(books, 2, "UPDATED")]


@pytest.mark.parametrize(
    ("query", "first", "message"),
    [
        (FEED, 0, "`first` must be between 1 and 1,000, not 0."),
        (FEED, 1001, "`first` must be between 1 and 1,000, not 1001."),
        (RECENT, 0, "`first` must be between 1 and 100, not 0."),
        (RECENT, 101, "`first` must be between 1 and 100, not 101."),
    ],
)
async def test_page_size_out_of_range_is_rejected(
    client: Client, query: str, first: int, message: str
) -> None:
    assert await client.error(query, first=first) == ("BAD_USER_INPUT", message)
