"""A detail that the store did not read is an error, and never served as if it were a value."""

from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from graph.settings import Settings
from storage.artifacts.projection import CORE_PROJECTION
from storage.artifacts.records import Target
from storage.search.listing import Listing
from storage.search.pages import Page, Window
from storage.sqlite.store import SqliteStore
from tests.graph.clients import BERT, Client, model, serving

pytestmark = pytest.mark.anyio

FIELDS = {
    "license": "license",
    "name license": "license",
    "tags": "tags",
    "description": "description",
    "properties { key }": "properties",
    'property(key: "a")': "property",
    "createdBy { name }": "createdBy",
    "updatedBy { name }": "updatedBy",
    "createdAt": "createdAt",
    "version updatedAt": "updatedAt",
    "rating { netScore }": "rating",
    "references { kind }": "references",
    "references { id }": "references",
    "dataset { id }": "dataset",
    "codes { id }": "codes",
    "codes(first: 1) { id }": "codes",
    "lineage(direction: UPSTREAM) { complete nodes { artifact { id } } }": "lineage",
}
"""Selections, and the field of each that needs a detail."""


class ForgetfulStore(SqliteStore):
    """A store that never reads details."""

    def resolve(self, targets: Sequence[Target], _: object = None) -> Mapping[Target, Any]:
        return super().resolve(targets, CORE_PROJECTION)

    def page(self, listing: Listing, window: Window, _: object = None) -> Page[Any]:
        return super().page(listing, window, CORE_PROJECTION)


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[Client]:
    store = ForgetfulStore(tmp_path / "registry.db")
    async with serving(store, Settings()) as http:
        client = Client(http)
        await client.register(model(BERT, license="mit", tags=["nlp"]))
        yield client
    store.close()


@pytest.mark.parametrize("selected", FIELDS)
async def test_a_detail_that_was_not_read_is_an_internal_error(
    client: Client, selected: str
) -> None:
    field = FIELDS[selected]

    one = await client.send(f'{{ model(by: {{ url: "{BERT}" }}) {{ {selected} }} }}')
    many = await client.send(f"{{ models {{ nodes {{ {selected} }} }} }}")

    for answer, path in ((one, ["model", field]), (many, ["models", "nodes", 0, field])):
        (error,) = answer["errors"]
        assert error["path"] == path
        assert error["extensions"]["code"] == "INTERNAL"
        assert "read" not in str(answer["data"]).lower()


async def test_what_is_always_read_needs_no_details(client: Client) -> None:
    data = await client.data("{ models { nodes { id type name url downloadUrl version } } }")

    assert [node["url"] for node in data["models"]["nodes"]] == [BERT]
