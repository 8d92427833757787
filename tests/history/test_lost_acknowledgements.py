"""Writes that take effect while nobody hears of it: they do so once, and are a success."""

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
from storage.artifacts.records import Artifact, ArtifactType, OnConflict, Registered
from storage.dynamodb.store import DynamoStore
from tests.graph.clients import Client, code, dataset, model, serving
from tests.history.faults import Answer, Fault, Faults, Send
from tests.history.mutations import MUTATIONS, URL, Registry
from tests.storage.engines import DYNAMO_ENGINES, table

pytestmark = pytest.mark.anyio


async def lose_all_answers(store: DynamoStore, name: str, times: int) -> None:
    mutate, added, transactions = MUTATIONS[name]
    async with serving(store, Settings()) as http:
        client = Client(http)
        ids = await client.register(
            model(f"{URL}model", name="the same"),
            dataset(f"{URL}dataset", name="the same"),
            code(f"{URL}code", name="the same"),
        )
        of = "Model", "Dataset", "Code"
        registry = Registry(client, store.name, dict(zip(of, ids, strict=True)))
        lost = Faults(store.client)
        lost.lose_answers()

        for n in range(times):
            await mutate(registry, n)

        lost.stop()
        data = await client.data("{ artifacts { totalCount } }")
    assert lost.count >= transactions * times
    assert data["artifacts"]["totalCount"] == added * times + 3 * (name != "reset")
    assert await asyncio.to_thread(lambda: list(store.check())) == []


@pytest.mark.parametrize("name", MUTATIONS)
async def test_a_mutation_that_nobody_hears_of_takes_effect_once_and_succeeds(
    dynamo: DynamoStore, name: str
) -> None:
    await lose_all_answers(dynamo, name, 2)


@pytest.mark.slow
@pytest.mark.parametrize("dynamo", DYNAMO_ENGINES[-1:], indirect=True)
@pytest.mark.usefixtures("dynamo")
async def test_every_mutation_takes_effect_once_200_times() -> None:
    with ExitStack() as stack:
        async with asyncio.TaskGroup() as group:
            for name in MUTATIONS:
                store = stack.enter_context(table())
                group.create_task(lose_all_answers(store, name, 200))


def test_every_mutation_of_the_schema_is_tried() -> None:
    of = core_schema(create_schema()).mutation_type

    assert of is not None
    assert MUTATIONS.keys() == of.fields.keys()


def overtaken_by(do: Callable[[], object]) -> Fault:
    """A write takes effect, its answer is lost, and others write before it is sent again."""

    def cut(request: AWSPreparedRequest, send: Send, _: random.Random) -> Answer:
        send()
        do()
        raise ConnectionClosedError(endpoint_url=str(request.url))

    return cut


def test_a_write_that_is_overtaken_before_it_is_sent_again_is_a_success(
    dynamo: DynamoStore,
) -> None:
    lost = Faults(dynamo.client)
    draft = inputs.parse_new_artifact(
        ArtifactType.DATASET, {"url": f"{URL}books", "name": "books"}
    )
    (made,) = dynamo.register([draft], OnConflict.REJECT)
    assert isinstance(made, Registered)
    id_ = made.artifact.id

    lost.next_write(overtaken_by(lambda: dynamo.update(id_, None, {"license": "MIT"})))
    renamed = dynamo.update(id_, None, {"name": "all books"})
    lost.next_write(overtaken_by(lambda: dynamo.register([draft], OnConflict.REJECT)))
    deleted = dynamo.delete(id_, None)

    assert isinstance(renamed, Artifact)
    assert (renamed.version, renamed.name, renamed.license) == (2, "all books", None)
    assert isinstance(deleted, Artifact)
    assert (deleted.version, deleted.name, deleted.license) == (3, "all books", "MIT")
    (left,) = dynamo.scan()
    assert (left.version, left.name, left.id == id_) == (1, "books", False)
    assert list(dynamo.check()) == []
    assert lost.count == 2


def test_a_transaction_with_a_known_token_does_nothing_more(dynamo: DynamoStore) -> None:
    """What the other tests build on where moto answers."""
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
        dynamo.client.boto.transact_write_items(
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
