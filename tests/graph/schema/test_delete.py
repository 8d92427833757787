"""Delete one artifact, and all of them."""

import pytest

from tests.graph.clients import BOOKS, TRAINER, Client, code, dataset, model
from tests.graph.recording_store import RecordingStore
from tests.graph.schema.mutations import DELETE_ARTIFACT, RESET

pytestmark = pytest.mark.anyio


async def test_deleted_artifact_is_gone_and_its_url_can_be_registered_again(
    client: Client,
) -> None:
    (bert,) = await client.register(model(name="bert"))

    first = (await client.data(DELETE_ARTIFACT, id=bert))["deleteArtifact"]
    again = (await client.data(DELETE_ARTIFACT, id=bert))["deleteArtifact"]

    assert first == {"deletedId": bert, "userErrors": []}
    assert again["deletedId"] is None
    assert again["userErrors"][0]["code"] == "NOT_FOUND"
    assert await client.register(model(name="bert")) != [bert]


async def test_reset_deletes_everything_if_it_is_confirmed(
    client: Client, recorded: RecordingStore
) -> None:
    await client.register(model(), dataset(), code())

    refused = (await client.data(RESET, confirm="registry"))["reset"]
    done = (await client.data(RESET, confirm=recorded.name))["reset"]
    empty = (await client.data(RESET, confirm="registry.db"))["reset"]

    assert (
        refused["deletedCount"],
        [e["field"] for e in refused["userErrors"]],
    ) == (
        0,
        [["confirm"]],
    )
    assert refused["userErrors"][0]["code"] == "INVALID"
    assert done == {"deletedCount": 3, "userErrors": []}
    assert empty == {"deletedCount": 0, "userErrors": []}
    assert len(await client.register(model(), dataset(BOOKS), code(TRAINER))) == 3
