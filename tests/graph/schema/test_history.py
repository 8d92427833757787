"""The history of artifacts: each accepted write is a change, with its values and its author."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from graph.auth.roles import Role
from graph.auth.static_tokens import create_token
from graph.settings import Settings
from tests.graph.clients import BERT, BOOKS, RATING, Client, dataset, model, serving
from tests.graph.recording_store import RecordingStore
from tests.graph.schema.history_queries import (
    DELETE,
    EMPTY_PAGE,
    HISTORY,
    INVALID_CURSOR,
    RATE,
    RESTORE,
    UPDATE_DATASET,
    UPDATE_MODEL,
)
from tests.storage.contract.recorded_changes import ManualClock

pytestmark = pytest.mark.anyio

TOKEN, TOKEN_ENTRY = create_token("alice", Role.ADMIN)
CHANGES = """
query ($id: ID!) {
  artifact(id: $id) {
    history {
      nodes {
        id artifactId type name version kind at requestId
        by { name issuer }
        fields { field before after }
        artifact { version }
      }
    }
  }
}
"""


@pytest.fixture
async def http(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """A server whose clock stands still, called by alice."""
    store = RecordingStore(tmp_path / "registry.db", ManualClock())
    async with serving(store, Settings(auth_tokens=(TOKEN_ENTRY,))) as client:
        client.headers["authorization"] = f"Bearer {TOKEN}"
        client.headers["x-request-id"] = "request-1"
        yield client
    store.close()


async def read_changes(client: Client, id_: str) -> list[dict[str, Any]]:
    """Return the changes of an artifact, the newest first."""
    data = await client.data(CHANGES, id=id_)
    return list(data["artifact"]["history"]["nodes"])


async def read_versions(client: Client, id_: str) -> list[tuple[int, str]]:
    """Return the version and kind of each change of an artifact, the newest first."""
    return [(each["version"], each["kind"]) for each in await read_changes(client, id_)]


async def test_registration_is_a_change_with_all_fields_that_were_given(
    client: Client,
) -> None:
    (books,) = await client.register(dataset(name="Books", tags=["nlp"]))

    (change,) = await read_changes(client, books)

    assert change == {
        "id": f"change_{books}_1",
        "artifactId": books,
        "type": "DATASET",
        "name": "Books",
        "version": 1,
        "kind": "REGISTERED",
        "at": "2024-01-01T00:00:00.000Z",
        "requestId": "request-1",
        "by": {"name": "alice", "issuer": None},
        "fields": [
            {"field": "name", "before": None, "after": "Books"},
            {"field": "url", "before": None, "after": BOOKS},
            {"field": "tags", "before": None, "after": ["nlp"]},
        ],
        "artifact": {"version": 1},
    }


async def test_update_is_a_change_with_the_values_before_and_after(client: Client) -> None:
    (bert,) = await client.register(
        model(name="bert", license="mit", datasets=[{"name": "books"}])
    )
    update = {
        "license": None,
        "properties": [{"key": "framework", "value": "jax"}],
        "datasets": [{"url": BOOKS, "role": "TRAINED_ON", "revision": "v1"}],
    }
    await client.data(UPDATE_MODEL, id=bert, input=update)

    newest, oldest = await read_changes(client, bert)

    assert (newest["version"], newest["kind"]) == (2, "UPDATED")
    assert newest["at"] == "2024-01-01T00:00:00.001Z"
    assert newest["fields"] == [
        {"field": "license", "before": "mit", "after": None},
        {
            "field": "datasets",
            "before": [{"name": "books"}],
            "after": [{"url": BOOKS, "role": "TRAINED_ON", "revision": "v1"}],
        },
        {
            "field": "properties",
            "before": None,
            "after": [{"key": "framework", "value": "jax"}],
        },
    ]
    assert (oldest["version"], oldest["artifact"]) == (1, {"version": 2})


async def test_rating_is_a_change_of_its_own_kind_in_the_shape_of_its_input(
    client: Client,
) -> None:
    (bert,) = await client.register(model(name="bert"))
    await client.data(RATE, id=bert, rating=RATING)
    await client.data(RATE, id=bert, rating={"netScore": 1.0})

    again, rated, _ = await read_changes(client, bert)

    assert [again["kind"], rated["kind"]] == ["RATED", "RATED"]
    assert rated["fields"] == [{"field": "rating", "before": None, "after": RATING}]
    assert again["fields"] == [{"field": "rating", "before": RATING, "after": {"netScore": 1}}]


async def test_write_that_changes_nothing_is_no_change(client: Client) -> None:
    (books,) = await client.register(dataset(name="books", license="mit"))

    data = await client.data(UPDATE_DATASET, id=books, input={"license": "mit"})

    assert data["updateDataset"]["outcome"] == "UNCHANGED"
    assert await read_versions(client, books) == [(1, "REGISTERED")]


async def test_deletion_and_restoration_are_changes_of_the_restored_artifact(
    client: Client,
) -> None:
    (books,) = await client.register(dataset(name="books"))
    await client.data(DELETE, id=books)
    restored = await client.data(RESTORE, id=books)

    changes = await read_changes(client, books)

    assert restored["restoreArtifact"] == {"artifact": {"version": 3}, "userErrors": []}
    assert [(each["version"], each["kind"], each["at"][-5:]) for each in changes] == [
        (3, "RESTORED", ".002Z"),
        (2, "DELETED", ".001Z"),
        (1, "REGISTERED", ".000Z"),
    ]
    assert [each["fields"] for each in changes[:2]] == [
        [
            {"field": "name", "before": None, "after": "books"},
            {"field": "url", "before": None, "after": BOOKS},
        ],
        [
            {"field": "name", "before": "books", "after": None},
            {"field": "url", "before": BOOKS, "after": None},
        ],
    ]


async def test_pages_of_a_history_return_each_change_once(client: Client) -> None:
    (books,) = await client.register(dataset(name="books"))
    for number in range(6):
        await client.data(UPDATE_DATASET, id=books, input={"license": str(number)})

    pages, after = [], None
    while True:
        data = await client.data(HISTORY, id=books, first=3, after=after)
        page = data["artifact"]["history"]
        pages.append([node["version"] for node in page["nodes"]])
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
    beyond = await client.data(HISTORY, id=books, after=after)

    assert pages == [[7, 6, 5], [4, 3, 2], [1]]
    assert beyond["artifact"]["history"] == {
        "edges": [],
        "nodes": [],
        "pageInfo": {**EMPTY_PAGE, "hasPreviousPage": True},
    }


async def test_history_continues_at_a_cursor_although_the_artifact_was_changed(
    client: Client,
) -> None:
    (books,) = await client.register(dataset(name="books"))
    await client.data(UPDATE_DATASET, id=books, input={"license": "a"})
    page = (await client.data(HISTORY, id=books, first=1))["artifact"]["history"]
    end = page["pageInfo"]["endCursor"]

    await client.data(UPDATE_DATASET, id=books, input={"license": "b"})
    following = (await client.data(HISTORY, id=books, after=end))["artifact"]["history"]

    assert page["nodes"] == [{"version": 2, "kind": "UPDATED"}]
    assert following["nodes"] == [{"version": 1, "kind": "REGISTERED"}]


async def test_cursor_of_another_history_is_rejected(client: Client) -> None:
    books, bert = await client.register(dataset(), model(BERT))
    history = (await client.data(HISTORY, id=books))["artifact"]["history"]

    error = await client.error(HISTORY, id=bert, after=history["pageInfo"]["endCursor"])

    assert error == INVALID_CURSOR
    assert await client.error(HISTORY, id=books, after="") == INVALID_CURSOR


@pytest.mark.parametrize("first", [0, -1, 101])
async def test_page_size_out_of_range_is_an_error_of_the_history_alone(
    client: Client, first: int
) -> None:
    (books,) = await client.register(dataset())

    content = await client.send(HISTORY, id=books, first=first)

    assert content["data"] == {"artifact": {"history": None}}
    (error,) = content["errors"]
    assert error["path"] == ["artifact", "history"]
    assert error["message"] == f"`first` must be between 1 and 100, not {first}."


async def test_null_stands_for_the_default_page_size(client: Client) -> None:
    (books,) = await client.register(dataset())
    for number in range(20):
        await client.data(UPDATE_DATASET, id=books, input={"license": str(number)})
    history = (await client.data(HISTORY, id=books, first=None))["artifact"]["history"]

    assert [node["version"] for node in history["nodes"]] == list(range(21, 1, -1))
