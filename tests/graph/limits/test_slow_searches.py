"""Searches that take long: patterns have limited time, and nothing else waits for them."""

import asyncio
from pathlib import Path
from random import Random
from typing import Any

import pytest

from graph.app import build
from graph.settings import Settings
from storage.errors import PatternTooSlowError
from tests.graph.clients import Client, serving
from tests.graph.http.test_disconnect import send_and_disconnect
from tests.graph.recording_store import RecordingStore
from tests.storage.samples import MODEL, new_artifact
from tests.storage.store_calls import register

pytestmark = pytest.mark.anyio

AMBIGUOUS = "(?i)(a[ab]{100}){2}c"
PAGE = "query($filter: ModelFilter) { models(filter: $filter) { nodes { name } } }"
SEARCHES = (
    '{ models(search: "bert") { nodes { name } } }',
    '{ models(filter: { name: { contains: "bert" } }) { nodes { name } } }',
    '{ models(filter: { name: { matches: "bert" } }) { nodes { name } } }',
    "{ models(filter: { references: [{ states: [LOST] }] }) { nodes { name } } }",
)
LOOKUP = '{ model(by: { name: "bert" }) { name } }'
TOO_SLOW = "Comparing names with the pattern takes too long: use fewer repetitions in it."


async def test_lookups_do_not_wait_for_searches(recorded: RecordingStore) -> None:
    recorded.gate.clear()
    async with serving(recorded, Settings(store_threads=4)) as http:
        running = [
            asyncio.create_task(http.post("/graphql", json={"query": query}))
            for query in (*SEARCHES, LOOKUP)
        ]
        while ("resolve", 1) not in recorded.calls:  # noqa: ASYNC110 - a thread makes them
            await asyncio.sleep(0)
        calls = [*recorded.calls]
        recorded.gate.set()
        answers = await asyncio.gather(*running)

    # One search at a time: a quarter of the threads that others have.
    assert sorted(calls) == [("page", 20), ("resolve", 1)]
    assert ["errors" in answer.json() for answer in answers] == [False] * 5


async def test_patterns_that_take_too_long_are_too_complex(
    client: Client, recorded: RecordingStore
) -> None:
    recorded.failure, recorded.failing_method = PatternTooSlowError(), "page"

    assert await client.error(PAGE) == ("QUERY_TOO_COMPLEX", TOO_SLOW)


@pytest.mark.slow
async def test_ambiguous_patterns_and_long_names_take_too_long(
    client: Client, recorded: RecordingStore
) -> None:
    random = Random(1)  # noqa: S311 - for texts
    for _ in range(20):
        many = ("".join(random.choices("ab", k=512)) for _ in range(100))
        register(recorded, *(new_artifact(MODEL, name) for name in many))

    answer = await client.send(PAGE, filter={"name": {"matches": AMBIGUOUS}})

    assert [error["message"] for error in answer["errors"]] == [TOO_SLOW]


class NotingStore(RecordingStore):
    """Notes how the page ended."""

    error: Exception | None = None

    def page(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().page(*args, **kwargs)
        except Exception as error:
            self.error = error
            raise


async def test_matching_stops_when_the_client_disconnects(tmp_path: Path) -> None:
    store = NotingStore(tmp_path / "registry.db")
    register(store, new_artifact(MODEL, "bert"))
    store.calls.clear()
    store.gate.clear()

    await send_and_disconnect(build(store, Settings()), store, SEARCHES[2])

    assert isinstance(store.error, PatternTooSlowError)
