"""Delete one artifact, restore it, and delete all artifacts."""

import pytest

from tests.graph.clients import BOOKS, TRAINER, Client, code, dataset, model
from tests.graph.recording_store import RecordingStore
from tests.graph.schema.mutations import DELETE_ARTIFACT, RESET, RESTORE_ARTIFACT

pytestmark = pytest.mark.anyio


async def test_deleted_artifact_is_gone_and_its_url_can_be_registered_again(
    client: Client,
) -> None:
    (bert,) = await client.register(model(name="bert"))

    first = (await client.data(DELETE_ARTIFACT, id=bert))["deleteArtifact"]
    again = (await client.data(DELETE_ARTIFACT, id=bert))["deleteArtifact"]

    assert first == {"deletedId": bert, "successor": None, "userErrors": []}
    assert again["deletedId"] is None
    assert again["userErrors"][0]["code"] == "NOT_FOUND"
    assert await client.register(model(name="bert")) != [bert]


async def test_deletion_names_the_artifact_that_takes_over_the_name(client: Client) -> None:
    owner, successor, last = await client.register(
        *(dataset(f"{BOOKS}/{n}", name="books") for n in range(3))
    )

    of_last = (await client.data(DELETE_ARTIFACT, id=last))["deleteArtifact"]
    of_owner = (await client.data(DELETE_ARTIFACT, id=owner))["deleteArtifact"]

    assert of_last["successor"] is None
    assert of_owner["successor"] == {"id": successor, "name": "books"}


async def test_restored_artifact_has_its_id_and_all_fields(client: Client) -> None:
    fields = {"name": "bert", "tags": ["a"], "properties": [{"key": "a", "value": "b"}]}
    (bert,) = await client.register(model(**fields))
    await client.data(DELETE_ARTIFACT, id=bert)

    payload = (await client.data(RESTORE_ARTIFACT, id=bert))["restoreArtifact"]

    assert payload["userErrors"] == []
    assert (payload["artifact"]["id"], payload["artifact"]["version"]) == (bert, 3)
    assert {name: payload["artifact"][name] for name in fields} == fields


@pytest.mark.parametrize("unknown", ["0193-gone", "not an id"])
async def test_only_deleted_artifacts_can_be_restored(client: Client, unknown: str) -> None:
    (bert,) = await client.register(model())

    for id_ in (bert, unknown):
        payload = (await client.data(RESTORE_ARTIFACT, id=id_))["restoreArtifact"]
        assert payload == {
            "artifact": None,
            "userErrors": [
                {
                    "code": "NOT_FOUND",
                    "message": f"There is no deleted artifact {id_}.",
                    "field": ["id"],
                    "artifact": None,
                }
            ],
        }


async def test_artifact_whose_url_was_taken_is_not_restored(client: Client) -> None:
    (old,) = await client.register(model())
    await client.data(DELETE_ARTIFACT, id=old)
    (new,) = await client.register(model())

    payload = (await client.data(RESTORE_ARTIFACT, id=old))["restoreArtifact"]

    assert payload["artifact"] is None
    (error,) = payload["userErrors"]
    assert (error["code"], error["field"]) == ("ALREADY_EXISTS", ["id"])
    assert error["artifact"] == {"id": new, "version": 1}


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
