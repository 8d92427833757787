"""A load that fails is the error of the fields that need it, and of no others."""

from typing import Any

import pytest

from storage.errors import StoreUnavailableError
from tests.graph.clients import BOOKS, TRAINER, Client, code, dataset, model
from tests.graph.recording_store import RecordingStore

pytestmark = pytest.mark.anyio

URL = "https://example.org/m/"


@pytest.fixture(autouse=True)
async def failing(client: Client, recorded: RecordingStore) -> None:
    """Register three models with links, and let links fail from then on."""
    links = {"datasets": [{"url": BOOKS}], "codes": [{"url": TRAINER}]}
    await client.register(
        dataset(), code(), *(model(f"{URL}{n}", name=f"m{n}", **links) for n in range(3))
    )
    recorded.failure, recorded.failing_method = StoreUnavailableError("gone"), "resolve"


def list_errors(errors: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """Return the path and the code of each error."""
    return [
        (".".join(map(str, error["path"])), error["extensions"]["code"]) for error in errors
    ]


async def test_a_page_whose_links_cannot_be_read_still_has_its_models(
    client: Client,
) -> None:
    content = await client.send("""
      { models { nodes {
          name dataset { name } codes { name } references { kind artifact { name } }
          history { nodes { kind } }
      } totalCount } }
    """)

    references = [{"kind": "DATASET", "artifact": None}, {"kind": "CODE", "artifact": None}]
    assert content["data"]["models"] == {
        "nodes": [
            {
                "name": f"m{n}",
                "dataset": None,
                "codes": None,
                "references": references,
                "history": {"nodes": [{"kind": "REGISTERED"}]},
            }
            for n in range(3)
        ],
        "totalCount": 3,
    }
    fields = "dataset", "codes", "references.0.artifact", "references.1.artifact"
    assert list_errors(content["errors"]) == [
        (f"models.nodes.{n}.{field}", "STORE_UNAVAILABLE") for n in range(3) for field in fields
    ]


async def test_a_root_field_that_cannot_be_read_leaves_the_others(
    client: Client,
) -> None:
    content = await client.send("""
      {
        dataset(by: { name: "books" }) { name }
        models { nodes { name } }
        code(by: { name: "x" }) { id }
      }
    """)

    assert content["data"] == {
        "dataset": None,
        "models": {"nodes": [{"name": f"m{n}"} for n in range(3)]},
        "code": None,
    }
    assert list_errors(content["errors"]) == [
        ("dataset", "STORE_UNAVAILABLE"),
        ("code", "STORE_UNAVAILABLE"),
    ]


async def test_a_write_is_reported_although_its_links_cannot_be_read(
    client: Client,
) -> None:
    content = await client.send(
        """
        mutation ($input: RegisterModelInput!) {
          registerModel(input: $input) { model { name dataset { name } } outcome }
        }
        """,
        input={"url": f"{URL}new", "name": "new", "datasets": [{"url": BOOKS}]},
    )

    assert content["data"]["registerModel"] == {
        "model": {"name": "new", "dataset": None},
        "outcome": "CREATED",
    }
    assert list_errors(content["errors"]) == [
        ("registerModel.model.dataset", "STORE_UNAVAILABLE")
    ]
