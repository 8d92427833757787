"""Writes to an artifact whose stored form cannot be read, and to its url."""

import sqlite3
from pathlib import Path

import pytest

from tests.graph.clients import BOOKS, REGISTER, Client, code, dataset
from tests.graph.schema.mutations import DELETE_ARTIFACT, RESET

pytestmark = pytest.mark.anyio

UPDATE = """
mutation ($id: ID!) {
  updateDataset(id: $id, input: { license: "mit" }) { dataset { id } userErrors { code } }
}
"""
PREDICT = REGISTER.replace(
    "onConflict: $onConflict", "onConflict: $onConflict, validateOnly: true"
)


@pytest.fixture
async def books(client: Client, tmp_path: Path) -> str:
    """The id of a dataset that cannot be read."""
    (id_,) = await client.register(dataset(name="books"))
    database = sqlite3.connect(tmp_path / "registry.db")
    with database:
        database.execute("UPDATE artifact SET tags = 'none'")
    database.close()
    return id_


async def test_update_is_an_error_and_changes_nothing(client: Client, books: str) -> None:
    error = await client.error(UPDATE, id=books)

    assert error == ("INTERNAL", "The stored data of this object cannot be read.")


@pytest.mark.parametrize("on_conflict", ["REJECT", "UPDATE"])
@pytest.mark.parametrize("mutation", [REGISTER, PREDICT], ids=["registered", "predicted"])
async def test_its_url_is_taken_and_others_are_registered(
    client: Client, books: str, mutation: str, on_conflict: str
) -> None:
    inputs = [dataset(BOOKS), code()]

    data = await client.data(mutation, inputs=inputs, onConflict=on_conflict)

    taken, other = data["registerArtifacts"]["results"]
    assert books
    assert [(e["code"], e["field"], e["artifact"]) for e in taken["userErrors"]] == [
        ("ALREADY_EXISTS", ["inputs", "0", "dataset", "url"], None)
    ]
    assert other["userErrors"] == []


async def test_it_can_be_deleted_and_its_url_registered_again(
    client: Client, books: str
) -> None:
    payload = (await client.data(DELETE_ARTIFACT, id=books))["deleteArtifact"]

    assert payload == {"deletedId": books, "successor": None, "userErrors": []}
    assert await client.register(dataset(BOOKS)) != [books]


async def test_reset_deletes_it(client: Client, books: str) -> None:
    payload = (await client.data(RESET, confirm="registry.db"))["reset"]

    assert books
    assert payload == {"deletedCount": 1, "userErrors": []}
