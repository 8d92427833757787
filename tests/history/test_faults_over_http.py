"""If calls to DynamoDB fail, answers over HTTP are right or report STORE_UNAVAILABLE."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from graph.settings import Settings
from storage.dynamodb.store import DynamoStore
from tests.graph.clients import REGISTER, Client, dataset, model, serving
from tests.history.checker import find_contradictions
from tests.history.concurrent_clients import run_clients
from tests.history.faults import Faults
from tests.history.read_queries import READS, find_wrong_values, register_linked_models
from tests.history.served_registry import serve_in_thread

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
"""Shares of calls that fail: retries make up for the first, but often not for the second."""


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("share", "times"),
    [
        (A_FIFTH, 1),
        pytest.param(A_FIFTH, 30, marks=pytest.mark.slow),
        pytest.param(MOST, 4, marks=pytest.mark.slow),
    ],
)
async def test_reads_are_right_or_unavailable(
    dynamo: DynamoStore, share: float, times: int
) -> None:
    async with serving(dynamo, Settings()) as http:
        client = Client(http)
        await register_linked_models(client)
        queries = [*READS, *ABSENT]
        expected = [await client.data(query) for query in queries]
        injected = Faults(dynamo.client, share, seed=times)

        answers: list[dict[str, Any]] = []
        for _ in range(times):
            answers += await asyncio.gather(*map(client.send, queries))

    injected.stop()
    assert injected.count > times
    pairs = zip(answers, expected * times, strict=True)
    assert [text for pair in pairs for text in find_wrong_values(*pair)] == []
    complete = sum("errors" not in answer for answer in answers)
    if share == A_FIFTH:
        assert complete > 0.9 * len(answers)
    else:
        assert 0 < complete < len(answers)


@pytest.mark.parametrize(
    ("share", "operations"),
    [
        (A_FIFTH, 15),
        pytest.param(A_FIFTH, 150, marks=pytest.mark.slow),
        pytest.param(MOST, 40, marks=pytest.mark.slow),
    ],
)
def test_acknowledged_writes_are_stored_and_none_in_part(
    dynamo: DynamoStore, share: float, operations: int
) -> None:
    injected = Faults(dynamo.client, share, seed=operations)

    with serve_in_thread(dynamo) as registry:
        history = run_clients(registry, seed=operations, operations=operations)

    injected.stop()
    assert injected.count > operations
    assert list(find_contradictions(dynamo, history)) == []
    unknown = sum(entry["answer"] == "unknown" for entry in history)
    if share == A_FIFTH:
        assert unknown < 0.1 * len(history)
    else:
        assert 0 < unknown < len(history)


@pytest.mark.anyio
@pytest.mark.parametrize("times", [1, pytest.param(3, marks=pytest.mark.slow)])
async def test_registering_many_and_resetting_report_what_is_stored(
    dynamo: DynamoStore, times: int
) -> None:
    async with serving(dynamo, Settings()) as http:
        client = Client(http)
        for seed in range(times):
            injected = Faults(dynamo.client, share=MOST, seed=seed)
            registered = await client.send(REGISTER, inputs=MANY)
            injected.stop()
            stored = await read_urls(client)

            injected = Faults(dynamo.client, share=MOST, seed=seed)
            reset = await client.send(RESET, name=dynamo.name)
            injected.stop()
            after_reset = await read_urls(client)
            await client.data(RESET, name=dynamo.name)

            assert list(find_wrong_results(registered, stored)) == []
            if "errors" not in reset:
                assert reset["data"] == {"reset": {"deletedCount": len(stored)}}
                assert after_reset == {}
            else:
                assert {e["extensions"]["code"] for e in reset["errors"]} == UNAVAILABLE
            assert after_reset.items() <= stored.items()
    assert await asyncio.to_thread(lambda: list(dynamo.check())) == []


async def read_urls(client: Client) -> dict[str, str]:
    """Return the urls of all artifacts by id."""
    data = await client.data("{ artifacts(first: 100) { nodes { id url } } }")
    return {node["id"]: node["url"] for node in data["artifacts"]["nodes"]}


def find_wrong_results(answer: dict[str, Any], stored: dict[str, str]) -> Iterator[str]:
    """Yield a message for each input whose result differs from what is stored."""
    errors = answer.get("errors", [])
    if {error["extensions"]["code"] for error in errors} - UNAVAILABLE:
        yield str(errors)
    failed_paths = {tuple(error["path"][:3]) for error in errors}
    if answer["data"] is None:
        return
    for index, result in enumerate(answer["data"]["registerArtifacts"]["results"]):
        ((url,),) = ([fields["url"]] for fields in MANY[index].values())
        if result["artifact"] is None:
            if ("registerArtifacts", "results", index) not in failed_paths:
                yield f"{url} has neither an artifact nor an error"
        elif stored.get(result["artifact"]["id"]) != url:
            yield f"{url} is not stored"
