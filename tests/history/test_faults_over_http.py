"""Where calls to the table fail, answers over HTTP are right or say that the store failed."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from graph.settings import Settings
from storage.dynamodb.store import DynamoStore
from tests.graph.clients import REGISTER, Client, dataset, model, serving
from tests.history.checker import contradictions
from tests.history.faults import Faults
from tests.history.mix import run_clients
from tests.history.over_http import served
from tests.history.reads import READS, register_some, wrong

ABSENT = [
    '{ model(by: { name: "none" }) { id } }',
    '{ artifactExists(type: DATASET, url: "https://example.org/none") }',
]
RESET = "mutation ($name: String!) { reset(confirm: $name) { deletedCount } }"
UNAVAILABLE = {"STORE_UNAVAILABLE"}
MANY = [
    *(dataset(f"https://example.org/{n}", name=f"books {n % 3}") for n in range(30)),
    *(model(f"https://example.org/{n}", datasets=[{"name": "books 1"}]) for n in range(60)),
]
A_FIFTH, MOST = 0.2, 0.75
"""Of all calls fail; of the first nearly all tries end well, of the other many do not."""


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("share", "times"),
    [
        (A_FIFTH, 1),
        pytest.param(A_FIFTH, 30, marks=pytest.mark.slow),
        pytest.param(MOST, 4, marks=pytest.mark.slow),
    ],
)
async def test_reads_give_the_right_answer_or_say_that_the_store_failed(
    dynamo: DynamoStore, share: float, times: int
) -> None:
    async with serving(dynamo, Settings()) as http:
        client = Client(http)
        await register_some(client)
        asked = [*READS, *ABSENT]
        right = [await client.data(read) for read in asked]
        injected = Faults(dynamo.client, share, seed=times)

        answers: list[dict[str, Any]] = []
        for _ in range(times):
            answers += await asyncio.gather(*map(client.send, asked))

    injected.stop()
    assert injected.count > times
    found = zip(answers, right * times, strict=True)
    assert [text for pair in found for text in wrong(*pair)] == []
    whole = sum("errors" not in answer for answer in answers)
    if share == A_FIFTH:
        assert whole > 0.9 * len(answers)
    else:
        assert 0 < whole < len(answers)


@pytest.mark.parametrize(
    ("share", "operations"),
    [
        (A_FIFTH, 15),
        pytest.param(A_FIFTH, 150, marks=pytest.mark.slow),
        pytest.param(MOST, 40, marks=pytest.mark.slow),
    ],
)
def test_writes_that_are_acknowledged_are_there_and_none_is_half_done(
    dynamo: DynamoStore, share: float, operations: int
) -> None:
    injected = Faults(dynamo.client, share, seed=operations)

    with served(dynamo) as registry:
        history = run_clients(registry, seed=operations, operations=operations)

    injected.stop()
    assert injected.count > operations
    assert list(contradictions(dynamo, history)) == []
    unknown = sum(told["answer"] == "unknown" for told in history)
    if share == A_FIFTH:
        assert unknown < 0.1 * len(history)
    else:
        assert 0 < unknown < len(history)


@pytest.mark.anyio
@pytest.mark.parametrize("times", [1, pytest.param(3, marks=pytest.mark.slow)])
async def test_of_many_registered_and_reset_each_is_told_as_it_is(
    dynamo: DynamoStore, times: int
) -> None:
    async with serving(dynamo, Settings()) as http:
        client = Client(http)
        for seed in range(times):
            injected = Faults(dynamo.client, share=MOST, seed=seed)
            registered = await client.send(REGISTER, inputs=MANY)
            injected.stop()
            there = await urls(client)

            injected = Faults(dynamo.client, share=MOST, seed=seed)
            emptied = await client.send(RESET, name=dynamo.name)
            injected.stop()
            left = await urls(client)
            await client.data(RESET, name=dynamo.name)

            assert list(wrongly_told(registered, there)) == []
            if "errors" not in emptied:
                assert emptied["data"] == {"reset": {"deletedCount": len(there)}}
                assert left == {}
            else:
                assert {e["extensions"]["code"] for e in emptied["errors"]} == UNAVAILABLE
            assert left.items() <= there.items()
    assert await asyncio.to_thread(lambda: list(dynamo.check())) == []


async def urls(client: Client) -> dict[str, str]:
    """The urls of what is there, by id."""
    data = await client.data("{ artifacts(first: 100) { nodes { id url } } }")
    return {node["id"]: node["url"] for node in data["artifacts"]["nodes"]}


def wrongly_told(answer: dict[str, Any], there: dict[str, str]) -> Iterator[str]:
    """Of which inputs the answer says something else than what is there."""
    errors = answer.get("errors", [])
    if {error["extensions"]["code"] for error in errors} - UNAVAILABLE:
        yield str(errors)
    failed = {tuple(error["path"][:3]) for error in errors}
    if answer["data"] is None:
        return
    for at, result in enumerate(answer["data"]["registerArtifacts"]["results"]):
        ((url,),) = ([of["url"]] for of in MANY[at].values())
        if result["artifact"] is None:
            if ("registerArtifacts", "results", at) not in failed:
                yield f"{url} has neither an artifact nor an error"
        elif there.get(result["artifact"]["id"]) != url:
            yield f"{url} is not there"
