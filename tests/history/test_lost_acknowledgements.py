"""Writes whose answers are lost take effect once and succeed."""

import asyncio
import random
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import pytest
from botocore.awsrequest import AWSPreparedRequest
from botocore.exceptions import ClientError, ConnectionClosedError

from graph.schema.build import core_schema, create_schema
from graph.settings import Settings
from storage.artifacts import inputs
from storage.artifacts.records import ArtifactType
from storage.artifacts.writes import Deleted, OnConflict, Written
from storage.dynamodb.store import DynamoStore
from tests.graph.clients import Client, code, dataset, model, serving
from tests.history.faults import Answer, Fault, Faults, Send
from tests.history.mutations import MUTATIONS, URL, Registry
from tests.storage.engines import DYNAMO_ENGINES, table

pytestmark = pytest.mark.anyio


async def lose_all_answers(store: DynamoStore, name: str, times: int) -> None:
    mutate, added, min_transactions = MUTATIONS[name]
    # Many answers are lost at once: a busy machine needs more time to repeat the calls.
    settings = Settings(store_seconds=20, request_seconds=30)
    async with serving(store, settings) as http:
        client = Client(http)
        ids = await client.register(
            model(f"{URL}model", name="the same"),
            dataset(f"{URL}dataset", name="the same"),
            code(f"{URL}code", name="the same"),
        )
        types = "Model", "Dataset", "Code"
        registry = Registry(client, store.name, dict(zip(types, ids, strict=True)))
        faults = Faults(store.client)
        faults.lose_answers()

        for n in range(times):
            await mutate(registry, n)

        faults.stop()
        data = await client.data("{ artifacts { totalCount } }")
    assert faults.count >= min_transactions * times
    assert data["artifacts"]["totalCount"] == added * times + 3 * (name != "reset")
    assert await asyncio.to_thread(lambda: list(store.check())) == []


@pytest.mark.parametrize("name", MUTATIONS)
async def test_a_mutation_whose_answer_is_lost_takes_effect_once_and_succeeds(
    dynamo: DynamoStore, name: str
) -> None:
    await lose_all_answers(dynamo, name, 2)


@pytest.mark.slow
@pytest.mark.parametrize("dynamo", DYNAMO_ENGINES[-1:], indirect=True)
@pytest.mark.usefixtures("dynamo")
async def test_200_of_every_mutation_take_effect_once() -> None:
    with ExitStack() as stack:
        async with asyncio.TaskGroup() as group:
            for name in MUTATIONS:
                store = stack.enter_context(table())
                group.create_task(lose_all_answers(store, name, 200))


def test_every_mutation_of_the_schema_is_tested() -> None:
    mutation_type = core_schema(create_schema()).mutation_type

    assert mutation_type is not None
    assert MUTATIONS.keys() == mutation_type.fields.keys()


def run_before_retry(write: Callable[[], object]) -> Fault:
    """Lose the answer to a write, and run another one before it is sent again."""

    def close_connection(request: AWSPreparedRequest, send: Send, _: random.Random) -> Answer:
        send()
        write()
        raise ConnectionClosedError(endpoint_url=str(request.url))

    return close_connection


def test_a_write_that_another_follows_before_its_retry_succeeds(
    dynamo: DynamoStore,
) -> None:
    faults = Faults(dynamo.client)
    draft = inputs.parse_new_artifact(
        ArtifactType.DATASET, {"url": f"{URL}books", "name": "books"}
    )
    (outcome,) = dynamo.register([draft], OnConflict.REJECT)
    assert isinstance(outcome, Written)
    id_ = outcome.artifact.id

    faults.fail_next_write(
        run_before_retry(lambda: dynamo.update(id_, None, {"license": "MIT"}))
    )
    renamed = dynamo.update(id_, None, {"name": "all books"})
    faults.fail_next_write(
        run_before_retry(lambda: dynamo.register([draft], OnConflict.REJECT))
    )
    deleted = dynamo.delete(id_, None)

    assert isinstance(renamed, Written)
    written = renamed.artifact
    assert (written.version, written.name, written.license) == (2, "all books", None)
    assert isinstance(deleted, Deleted)
    last = deleted.artifact
    assert last is not None
    assert (last.version, last.name, last.license) == (3, "all books", "MIT")
    (again,) = dynamo.scan()
    assert (again.version, again.name, again.id == id_) == (1, "books", False)
    assert list(dynamo.check()) == []
    assert faults.count == 2


def test_a_transaction_with_a_known_token_has_no_effect(dynamo: DynamoStore) -> None:
    """The other tests depend on this behavior of moto."""
    key = {"artifact_id": {"S": "counter"}}
    add = {
        "TableName": dynamo.name,
        "Key": key,
        "UpdateExpression": "ADD written :one",
        "ExpressionAttributeValues": {":one": {"N": "1"}},
    }
    elsewhere = {**add, "Key": {"artifact_id": {"S": "another"}}}
    never = {**elsewhere, "ConditionExpression": "attribute_exists(written)"}

    def transact(token: str, update: dict[str, Any]) -> None:
        dynamo.client.control.transact_write_items(
            TransactItems=[{"Update": update}],  # type: ignore[typeddict-item] # it is one
            ClientRequestToken=f"{dynamo.name[-30:]} {token}",
        )

    for _ in range(3):
        transact("a", add)
        with pytest.raises(ClientError, match="IdempotentParameterMismatchException"):
            transact("a", elsewhere)
        with pytest.raises(ClientError, match="TransactionCanceledException"):
            transact("b", never)

    items = dynamo.client.get_items(["counter", "another"])
    assert items == {"counter": {**key, "written": {"N": "1"}}}
