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
            "type": "MODEL",
            "downloadUrl": None,
            "description": None,
            "license": "mit",
            "tags": ["a"],
            "properties": [],
            "version": 2,
            "rating": {"netScore": 0.5},
            "references": [{"targetName": "d"}],
        },
        "outcome": "UPDATED",
        "userErrors": [],
    }


async def test_null_and_empty_list_clear_a_field(client: Client) -> None:
    (bert,) = await client.register(
        model(
            name="bert",
            description="x",
            license="mit",
            tags=["a"],
            properties=[{"key": "a", "value": "b"}],
            datasets=[{"name": "d"}],
            rating=RATING,
        )
    )

    cleared: dict[str, object] = {
        "description": None,
        "license": None,
        "tags": [],
        "properties": None,
        "datasets": None,
        "rating": None,
    }
    found = (await client.data(UPDATE_MODEL, id=bert, input=cleared))["updateModel"]["model"]

    assert {name: found[name] for name in ("description", "license", "rating")} == {
        "description": None,
        "license": None,
        "rating": None,
    }
    assert (found["tags"], found["properties"], found["references"]) == ([], [], [])


async def test_update_with_what_is_there_changes_nothing(client: Client) -> None:
    fields = {"name": "bert", "tags": ["a"], "datasets": [{"name": "d"}], "rating": RATING}
    (bert,) = await client.register(model(**fields))

    payload = (await client.data(UPDATE_MODEL, id=bert, input=fields))["updateModel"]
    rated = (await client.data(RATE_MODEL, id=bert, rating=RATING))["rateModel"]

    assert (payload["outcome"], payload["model"]["version"]) == ("UNCHANGED", 1)
    assert (rated["outcome"], rated["model"]["version"]) == ("UNCHANGED", 1)


@pytest.mark.parametrize("field", ["url", "name"])
async def test_url_and_name_cannot_be_cleared(client: Client, field: str) -> None:
    (bert,) = await client.register(model())

    payload = (await client.data(UPDATE_MODEL, id=bert, input={field: None}))["updateModel"]

    assert payload["model"] is None
    assert [(e["code"], e["field"], e["message"]) for e in payload["userErrors"]] == [
        ("INVALID", ["input", field], "cannot be cleared")
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
    assert (error["code"], error["field"]) == ("ALREADY_EXISTS", ["input", "url"])
    assert error["artifact"] == {"id": bert, "version": 1}


async def test_rating_is_returned_as_saved(client: Client) -> None:
    (bert,) = await client.register(model(name="bert"))

    payload = (await client.data(RATE_MODEL, id=bert, rating=RATING))["rateModel"]

    assert payload == {
        "model": {"version": 2, "name": "bert", "rating": RATING},
        "outcome": "UPDATED",
        "userErrors": [],
    }


async def test_only_the_net_score_of_a_rating_is_required(client: Client) -> None:
    (bert,) = await client.register(model(name="bert"))

    rating = {"netScore": 0.5, "sizeScore": {"desktopPc": 1}, "busFactor": None}
    payload = (await client.data(RATE_MODEL, id=bert, rating=rating))["rateModel"]

    sizes = {**dict.fromkeys(RATING["sizeScore"]), "desktopPc": 1.0}
    unrated = {**dict.fromkeys(RATING), "netScore": 0.5, "sizeScore": sizes}
    assert payload["model"]["rating"] == unrated


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
