"""Update and rate artifacts."""

import pytest

from tests.graph.clients import BERT, RATING, Client, code, dataset, model
from tests.graph.schema.mutations import RATE_MODEL, UPDATE_MODEL

pytestmark = pytest.mark.anyio


async def test_update_changes_only_the_given_fields(client: Client) -> None:
    (bert,) = await client.register(
        model(name="bert", license="mit", tags=["a"], datasets=[{"name": "d"}], rating=RATING)
    )

    data = await client.data(UPDATE_MODEL, id=bert, input={"name": "BERT 2"})

    assert data["updateModel"] == {
        "model": {
            "name": "BERT 2",
            "url": BERT,
            "downloadUrl": None,
            "license": "mit",
            "tags": ["a"],
            "version": 2,
            "rating": {"netScore": 0.5},
            "references": [{"name": "d"}],
        },
        "userErrors": [],
    }


async def test_null_and_empty_list_clear_a_field(client: Client) -> None:
    (bert,) = await client.register(
        model(name="bert", license="mit", tags=["a"], datasets=[{"name": "d"}], rating=RATING)
    )

    cleared: dict[str, object] = {"license": None, "tags": [], "datasets": None, "rating": None}
    found = (await client.data(UPDATE_MODEL, id=bert, input=cleared))["updateModel"]["model"]

    assert [found["license"], found["tags"], found["references"], found["rating"]] == [
        None,
        [],
        [],
        None,
    ]


@pytest.mark.parametrize("field", ["url", "name"])
async def test_url_and_name_cannot_be_cleared(client: Client, field: str) -> None:
    (bert,) = await client.register(model())

    payload = (await client.data(UPDATE_MODEL, id=bert, input={field: None}))["updateModel"]

    assert payload["model"] is None
    assert [(e["code"], e["field"], e["message"]) for e in payload["userErrors"]] == [
        ("INVALID", [field], f"{field} cannot be cleared")
    ]


async def test_datasets_and_code_are_updated(client: Client) -> None:
    books, trainer = await client.register(dataset(), code())
    mutation = """
    mutation ($books: ID!, $trainer: ID!) {
      updateDataset(id: $books, input: { license: "cc0" }) { dataset { license version } }
      updateCode(id: $trainer, input: { tags: ["x"] }) { code { tags version } }
    }
    """

    assert await client.data(mutation, books=books, trainer=trainer) == {
        "updateDataset": {"dataset": {"license": "cc0", "version": 2}},
        "updateCode": {"code": {"tags": ["x"], "version": 2}},
    }


async def test_url_of_another_artifact_is_rejected(client: Client) -> None:
    bert, other = await client.register(model(), model("https://example.org/other"))

    payload = (await client.data(UPDATE_MODEL, id=other, input={"url": BERT}))["updateModel"]

    (error,) = payload["userErrors"]
    assert (error["code"], error["field"]) == ("ALREADY_EXISTS", ["url"])
    assert error["artifact"] == {"id": bert, "version": 1}


async def test_rating_is_returned_as_saved(client: Client) -> None:
    (bert,) = await client.register(model(name="bert"))

    payload = (await client.data(RATE_MODEL, id=bert, rating=RATING))["rateModel"]

    assert payload == {
        "model": {"version": 2, "name": "bert", "rating": RATING},
        "userErrors": [],
    }


async def test_invalid_rating_is_rejected_with_the_path_of_the_field(client: Client) -> None:
    (bert,) = await client.register(model())

    payload = (
        await client.data(RATE_MODEL, id=bert, rating={**RATING, "category": "x" * 513})
    )["rateModel"]

    assert payload["model"] is None
    assert [(e["code"], e["field"]) for e in payload["userErrors"]] == [
        ("INVALID", ["rating", "category"])
    ]
    query = "query ($id: ID!) { artifact(id: $id) { version } }"
    assert await client.data(query, id=bert) == {"artifact": {"version": 1}}
