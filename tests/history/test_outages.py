"""A table that does not answer is said to be so, soon; when it answers again, so do we."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any
from uuid import uuid4

import pytest

from graph.settings import Settings
from storage.dynamodb.store import DynamoStore
from tests.graph.clients import BERT, Client, serving
from tests.history import endpoint as ways
from tests.history.endpoint import Endpoint, listening
from tests.history.mutations import MUTATIONS, Registry
from tests.history.reads import READS, register_some
from tests.storage.dynamodb.moto_atomic import make_moto_atomic
from tests.storage.dynamodb.moto_quick import make_moto_quick
from tests.storage.dynamodb.moto_tokens import make_moto_keep_tokens
from tests.storage.engines import DYNAMO_ENGINES, ENDPOINT, REGION

pytestmark = [pytest.mark.anyio, pytest.mark.serial]

Outage = Callable[[Endpoint], AbstractAsyncContextManager[None]]

SPARE = 2
"""So many seconds after its time a store that is down is said to be so by a busy machine."""
UNKNOWN = "00000000-0000-7000-8000-000000000000"
"""No artifact's id."""
WRITES = [
    f'mutation {{ registerCode(input: {{ url: "{BERT}" }}) {{ code {{ id }} }} }}',
    f'mutation {{ updateModel(id: "{UNKNOWN}", input: {{ name: "a" }}) {{ model {{ id }} }} }}',
    "mutation { "
    + " ".join(f'd{n}: deleteArtifact(id: "{UNKNOWN}") {{ deletedId }}' for n in range(10))
    + " }",
]
AT_ONCE = 6
"""Of each request; all together are more than there are threads for."""


@pytest.fixture(params=DYNAMO_ENGINES)
async def endpoint(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Endpoint]:
    """An endpoint before each engine."""
    make_moto_atomic(monkeypatch)
    make_moto_quick(monkeypatch)
    make_moto_keep_tokens(monkeypatch)
    upstream = ways.to_moto if request.param == "moto" else ways.to_dynamodb_local
    async with listening(upstream) as made:
        monkeypatch.setenv(ENDPOINT, made.url)
        yield made


@pytest.fixture
async def store(endpoint: Endpoint) -> AsyncIterator[DynamoStore]:
    """A table of the endpoint's."""
    made = DynamoStore(f"outage_{uuid4().hex}", REGION)
    await asyncio.to_thread(made.create)
    yield made
    made.close()
    endpoint.way = ways.answering
    anew = DynamoStore(made.name, REGION)
    await asyncio.to_thread(anew.client.boto.delete_table, TableName=made.name)
    anew.close()


@asynccontextmanager
async def refusing(endpoint: Endpoint) -> AsyncIterator[None]:
    await endpoint.refuse()
    yield
    await endpoint.listen()


def answering(way: ways.Way) -> Outage:
    @asynccontextmanager
    async def outage(endpoint: Endpoint) -> AsyncIterator[None]:
        endpoint.way = way
        yield
        endpoint.way = ways.answering

    return outage


OUTAGES = {
    "refusing": refusing,
    "silent": answering(ways.silent),
    "failing": answering(ways.failing),
    "empty": answering(ways.empty),
}


@pytest.mark.parametrize("seconds", [2.0, pytest.param(4.5, marks=pytest.mark.slow)])
@pytest.mark.parametrize(
    "outage",
    [
        *(pytest.param(outage, id=name) for name, outage in OUTAGES.items()),
        pytest.param(answering(ways.trickling), id="trickling", marks=pytest.mark.slow),
    ],
)
async def test_a_table_that_is_down_is_said_to_be_and_found_when_it_is_back(
    endpoint: Endpoint, store: DynamoStore, outage: Outage, seconds: float
) -> None:
    async with serving(store, Settings(store_seconds=seconds)) as http:
        client = Client(http)
        await register_some(client)
        before = [await client.data(read) for read in READS]
        reset = f'mutation {{ reset(confirm: "{store.name}") {{ deletedCount }} }}'
        asked = [*READS, *WRITES, reset] * AT_ONCE

        async with outage(endpoint):
            began = time.monotonic()
            async with asyncio.TaskGroup() as group:
                sent = [group.create_task(client.send(query)) for query in asked]
                readiness = group.create_task(http.get("/readyz"))
            took = time.monotonic() - began

        assert (await http.get("/readyz")).status_code == 200
        assert [await client.data(read) for read in READS] == before
    answers = [task.result() for task in sent]
    assert [answer for answer in answers if not tells_of_an_outage(answer)] == []
    assert readiness.result().status_code == 503
    assert took < seconds + SPARE
    assert await asyncio.to_thread(lambda: list(store.check())) == []


@pytest.mark.parametrize(
    "way",
    [
        ways.reset_after,
        ways.ended_after,
        ways.half_an_answer,
        ways.damaged_answer,
        ways.last_on_its_connection,
        ways.no_json,
        ways.no_object,
    ],
)
async def test_a_write_whose_answer_does_not_arrive_whole_takes_effect_once_and_succeeds(
    endpoint: Endpoint, store: DynamoStore, way: ways.Way
) -> None:
    async with serving(store, Settings()) as http:
        registry = Registry(Client(http), store.name, {})

        for mutation in ("registerModel", "deleteArtifact"):
            endpoint.next_write = way
            await MUTATIONS[mutation][0](registry, 0)
            assert endpoint.next_write is None

        data = await registry.client.data("{ artifacts { totalCount } }")
    assert data == {"artifacts": {"totalCount": 1}}
    assert await asyncio.to_thread(lambda: list(store.check())) == []


@pytest.mark.slow
async def test_connections_that_are_dead_are_all_given_up_with_the_first(
    endpoint: Endpoint, store: DynamoStore
) -> None:
    async with serving(store, Settings()) as http:
        client = Client(http)
        await register_some(client)
        before = [await client.data(read) for read in READS]
        await asyncio.gather(*(http.get("/readyz") for _ in range(50)))  # connects them all

        endpoint.forget()

        assert (await http.get("/readyz")).status_code == 200
        assert [await client.data(read) for read in READS] == before


def tells_of_an_outage(answer: dict[str, Any]) -> bool:
    codes = {error["extensions"]["code"] for error in answer["errors"]}
    return codes == {"STORE_UNAVAILABLE"} and not any((answer["data"] or {}).values())
