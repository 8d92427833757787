"""The conditions of an update, a rating and a deletion: id, type and version."""

from typing import Any

import pytest

from tests.graph.clients import RATING, Client, dataset, model
from tests.graph.schema.mutations import DELETE_ARTIFACT, RATE_MODEL, UPDATE_MODEL

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("unknown", ["0193-gone", "not an id", "name#model#bert", ""])
@pytest.mark.parametrize(
    ("mutation", "field", "variables"),
    [
        (UPDATE_MODEL, "updateModel", {"input": {"name": "x"}}),
        (RATE_MODEL, "rateModel", {"rating": RATING}),
        (DELETE_ARTIFACT, "deleteArtifact", {}),
    ],
)
async def test_unknown_id_is_not_found(
    client: Client, mutation: str, field: str, variables: dict[str, Any], unknown: str
) -> None:
    payload = (await client.data(mutation, id=unknown, **variables))[field]

    assert payload["userErrors"] == [
        {
            "code": "NOT_FOUND",
            "message": f"There is no artifact {unknown}.",
            "field": ["id"],
            "artifact": None,
        }
    ]


@pytest.mark.parametrize(
    ("mutation", "field", "variables"),
    [
        (UPDATE_MODEL, "updateModel", {"input": {"name": "x"}}),
        (RATE_MODEL, "rateModel", {"rating": RATING}),
        (DELETE_ARTIFACT, "deleteArtifact", {"type": "MODEL"}),
    ],
)
async def test_artifact_of_another_type_is_rejected(
    client: Client, mutation: str, field: str, variables: dict[str, Any]
) -> None:
    (books,) = await client.register(dataset())

    payload = (await client.data(mutation, id=books, **variables))[field]

    (error,) = payload["userErrors"]
    assert (error["code"], error["field"]) == ("WRONG_TYPE", ["id"])
    assert error["message"] == f"Artifact {books} is a dataset, not a model."


@pytest.mark.parametrize("stale", [0, 2, -1])
@pytest.mark.parametrize(
    ("mutation", "field", "variables"),
    [
        (UPDATE_MODEL, "updateModel", {"input": {"name": "x"}}),
        (RATE_MODEL, "rateModel", {"rating": RATING}),
        (DELETE_ARTIFACT, "deleteArtifact", {}),
    ],
)
async def test_unexpected_version_is_rejected_and_nothing_is_changed(
    client: Client, mutation: str, field: str, variables: dict[str, Any], stale: int
) -> None:
    (bert,) = await client.register(model(name="bert"))

    payload = (await client.data(mutation, id=bert, version=stale, **variables))[field]

    assert payload["userErrors"] == [
        {
            "code": "VERSION_CONFLICT",
            "message": f"Expected version {stale}, found 1.",
            "field": ["expectedVersion"],
            "artifact": {"id": bert, "version": 1},
        }
    ]
    query = "query ($id: ID!) { artifact(id: $id) { name version } }"
    assert await client.data(query, id=bert) == {"artifact": {"name": "bert", "version": 1}}


async def test_expected_version_is_changed(client: Client) -> None:
    (bert,) = await client.register(model())

    changed = await client.data(UPDATE_MODEL, id=bert, input={"name": "x"}, version=1)
    deleted = await client.data(DELETE_ARTIFACT, id=bert, version=2, type="MODEL")

    assert changed["updateModel"]["model"]["version"] == 2
    assert deleted["deleteArtifact"]["deletedId"] == bert
