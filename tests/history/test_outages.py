"""During an outage of the table, requests fail in time; afterwards they succeed."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any
from uuid import uuid4

import httpx
import pytest

from graph.settings import Settings
from storage.dynamodb.store import DynamoStore
from tests.graph.clients import BERT, Client, serving
from tests.history import faulty_endpoint as behaviors
from tests.history.faulty_endpoint import FaultyEndpoint, run_endpoint
from tests.history.mutations import MUTATIONS, Registry
from tests.history.read_queries import READS, register_linked_models
from tests.storage.dynamodb.moto_atomic import make_moto_atomic
from tests.storage.dynamodb.moto_quick import make_moto_quick
from tests.storage.dynamodb.moto_tokens import make_moto_keep_tokens
from tests.storage.engines import DYNAMO_ENGINES, ENDPOINT, REGION
from tests.storage.tables import delete_table

pytestmark = [pytest.mark.anyio, pytest.mark.serial]

Outage = Callable[[FaultyEndpoint], AbstractAsyncContextManager[None]]

EXTRA_SECONDS = 2
"""Time that a busy machine may take beyond the time limit."""
UNKNOWN = "00000000-0000-7000-8000-000000000000"
"""An id that no artifact has."""
WRITES = [
    f'mutation {{ registerCode(input: {{ url: "{BERT}" }}) {{ code {{ id }} }} }}',
    f'mutation {{ updateModel(id: "{UNKNOWN}", input: {{ name: "a" }}) {{ model {{ id }} }} }}',
    "mutation { "
    + " ".join(f'd{n}: deleteArtifact(id: "{UNKNOWN}") {{ deletedId }}' for n in range(10))
    + " }",
]
REPEATS = 6
"""Concurrent requests of each kind; together they exceed the number of threads."""


@pytest.fixture(params=DYNAMO_ENGINES)
async def endpoint(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[FaultyEndpoint]:
    """Run an endpoint in front of each engine."""
    make_moto_atomic(monkeypatch)
    make_moto_quick(monkeypatch)
    make_moto_keep_tokens(monkeypatch)
    upstream = behaviors.call_moto if request.param == "moto" else behaviors.call_dynamodb_local
    async with run_endpoint(upstream) as endpoint:
        monkeypatch.setenv(ENDPOINT, endpoint.url)
        yield endpoint


@pytest.fixture
async def store(endpoint: FaultyEndpoint) -> AsyncIterator[DynamoStore]:
    """Create a table through the endpoint."""
    store = DynamoStore(f"outage_{uuid4().hex}", REGION, search_max_age=0)
    await asyncio.to_thread(store.create)
    yield store
    store.close()
    endpoint.behavior = behaviors.answer_normally
    other = DynamoStore(store.name, REGION)
    await asyncio.to_thread(delete_table, other.client.control, store.name)
    other.close()


async def await_readiness(http: httpx.AsyncClient) -> None:
    """Ask until the server is ready: it asks the store once a second only."""
    async with asyncio.timeout(EXTRA_SECONDS):
        while (await http.get("/readyz")).status_code != 200:
            pass


@asynccontextmanager
async def refuse_connections(endpoint: FaultyEndpoint) -> AsyncIterator[None]:
    await endpoint.refuse()
    yield
    await endpoint.listen()


def make_outage(behavior: behaviors.Behavior) -> Outage:
    @asynccontextmanager
    async def outage(endpoint: FaultyEndpoint) -> AsyncIterator[None]:
        endpoint.behavior = behavior
        yield
        endpoint.behavior = behaviors.answer_normally

    return outage


OUTAGES = {
    "refusing": refuse_connections,
    "silent": make_outage(behaviors.never_answer),
    "failing": make_outage(behaviors.answer_500),
    "empty": make_outage(behaviors.answer_empty),
}


@pytest.mark.parametrize("seconds", [2.0, pytest.param(4.5, marks=pytest.mark.slow)])
@pytest.mark.parametrize(
    "outage",
    [
        *(pytest.param(outage, id=name) for name, outage in OUTAGES.items()),
        pytest.param(make_outage(behaviors.answer_slowly), id="slow", marks=pytest.mark.slow),
    ],
)
async def test_requests_fail_in_time_during_an_outage_and_succeed_afterwards(
    endpoint: FaultyEndpoint, store: DynamoStore, outage: Outage, seconds: float
) -> None:
    async with serving(store, Settings(store_seconds=seconds)) as http:
        client = Client(http)
        await register_linked_models(client)
        before = [await client.data(read) for read in READS]
        reset = f'mutation {{ reset(confirm: "{store.name}") {{ deletedCount }} }}'
        queries = [*READS, *WRITES, reset] * REPEATS

        async with outage(endpoint):
            began = time.monotonic()
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(client.send(query)) for query in queries]
                readiness = group.create_task(http.get("/readyz"))
            took = time.monotonic() - began

        await await_readiness(http)
        assert [await client.data(read) for read in READS] == before
    answers = [task.result() for task in tasks]
    assert [answer for answer in answers if not is_unavailable(answer)] == []
    assert readiness.result().status_code == 503
    assert took < seconds + EXTRA_SECONDS
    assert await asyncio.to_thread(lambda: list(store.check())) == []


@pytest.mark.parametrize(
    "behavior",
    [
        behaviors.reset_connection,
        behaviors.close_connection,
        behaviors.truncate_answer,
        behaviors.corrupt_answer,
        behaviors.answer_and_close,
        behaviors.answer_html,
        behaviors.answer_json_string,
    ],
)
async def test_a_write_whose_answer_is_incomplete_takes_effect_once_and_succeeds(
    endpoint: FaultyEndpoint, store: DynamoStore, behavior: behaviors.Behavior
) -> None:
    async with serving(store, Settings()) as http:
        registry = Registry(Client(http), store.name, {})

        for mutation in ("registerModel", "deleteArtifact"):
            endpoint.next_write = behavior
            await MUTATIONS[mutation][0](registry, 0)
            assert endpoint.next_write is None

        data = await registry.client.data("{ artifacts { totalCount } }")
    assert data == {"artifacts": {"totalCount": 1}}
    assert await asyncio.to_thread(lambda: list(store.check())) == []


@pytest.mark.slow
async def test_the_first_dead_connection_closes_all_others(
    endpoint: FaultyEndpoint, store: DynamoStore
) -> None:
    async with serving(store, Settings()) as http:
        client = Client(http)
        await register_linked_models(client)
        before = [await client.data(read) for read in READS]
        await asyncio.gather(*(http.get("/readyz") for _ in range(50)))  # opens all connections

        endpoint.abandon_connections()

        assert (await http.get("/readyz")).status_code == 200
        assert [await client.data(read) for read in READS] == before


def is_unavailable(answer: dict[str, Any]) -> bool:
    codes = {error["extensions"]["code"] for error in answer["errors"]}
    return codes == {"STORE_UNAVAILABLE"} and not any((answer["data"] or {}).values())
