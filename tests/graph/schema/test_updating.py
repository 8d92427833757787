"""Updating, rating, deleting and resetting."""

from typing import Any

import pytest

from tests.graph.clients import BERT, BOOKS, RATING, TRAINER, Client, code, dataset, model
from tests.graph.recording_store import RecordingStore

pytestmark = pytest.mark.anyio

ERRORS = "userErrors { code message field artifact { id version } }"
UPDATE = f"""
mutation ($id: ID!, $input: UpdateModelInput!, $version: Int) {{
  updateModel(id: $id, input: $input, expectedVersion: $version) {{
    model {{
      name url downloadUrl license tags version rating {{ netScore }} references {{ name }}
    }}
    {ERRORS}
  }}
}}
"""
RATE = f"""
mutation ($id: ID!, $rating: ModelRatingInput!, $version: Int) {{
  rateModel(id: $id, rating: $rating, expectedVersion: $version) {{
    model {{
      version name
      rating {{
        {" ".join(name for name in RATING if name != "sizeScore")}
        sizeScore {{ raspberryPi jetsonNano desktopPc awsServer }}
      }}
    }}
    {ERRORS}
  }}
}}
"""
DELETE = f"""
mutation ($id: ID!, $type: ArtifactType, $version: Int) {{
  deleteArtifact(id: $id, type: $type, expectedVersion: $version) {{ deletedId {ERRORS} }}
}}
"""
RESET = f"""
mutation ($confirm: String!) {{ reset(confirm: $confirm) {{ deletedCount {ERRORS} }} }}
"""


async def test_an_update_changes_what_it_names_and_nothing_else(client: Client) -> None:
    (bert,) = await client.register(
        model(name="bert", license="mit", tags=["a"], datasets=[{"name": "d"}], rating=RATING)
    )

    data = await client.data(UPDATE, id=bert, input={"name": "BERT 2"})

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


async def test_null_and_an_empty_list_clear_a_field(client: Client) -> None:
    (bert,) = await client.register(
        model(name="bert", license="mit", tags=["a"], datasets=[{"name": "d"}], rating=RATING)
    )

    cleared: dict[str, object] = {"license": None, "tags": [], "datasets": None, "rating": None}
    found = (await client.data(UPDATE, id=bert, input=cleared))["updateModel"]["model"]

    assert [found["license"], found["tags"], found["references"], found["rating"]] == [
        None,
        [],
        [],
        None,
    ]


@pytest.mark.parametrize("field", ["url", "name"])
async def test_url_and_name_cannot_be_cleared(client: Client, field: str) -> None:
    (bert,) = await client.register(model())

    payload = (await client.data(UPDATE, id=bert, input={field: None}))["updateModel"]

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


async def test_an_update_cannot_take_the_url_of_another(client: Client) -> None:
    bert, other = await client.register(model(), model("https://example.org/other"))

    payload = (await client.data(UPDATE, id=other, input={"url": BERT}))["updateModel"]

    (error,) = payload["userErrors"]
    assert (error["code"], error["field"]) == ("ALREADY_EXISTS", ["url"])
    assert error["artifact"] == {"id": bert, "version": 1}


async def test_a_rating_is_read_as_it_was_saved(client: Client) -> None:
    (bert,) = await client.register(model(name="bert"))

    payload = (await client.data(RATE, id=bert, rating=RATING))["rateModel"]

    assert payload == {
        "model": {"version": 2, "name": "bert", "rating": RATING},
        "userErrors": [],
    }


async def test_a_wrong_rating_names_the_field_and_changes_nothing(client: Client) -> None:
    (bert,) = await client.register(model())

    payload = (await client.data(RATE, id=bert, rating={**RATING, "category": "x" * 513}))[
        "rateModel"
    ]

    assert payload["model"] is None
    assert [(e["code"], e["field"]) for e in payload["userErrors"]] == [
        ("INVALID", ["rating", "category"])
    ]
    query = "query ($id: ID!) { artifact(id: $id) { version } }"
    assert await client.data(query, id=bert) == {"artifact": {"version": 1}}


@pytest.mark.parametrize("unknown", ["0193-gone", "not an id", "name#model#bert", ""])
@pytest.mark.parametrize(
    ("mutation", "field", "extra"),
    [
        (UPDATE, "updateModel", {"input": {"name": "x"}}),
        (RATE, "rateModel", {"rating": RATING}),
        (DELETE, "deleteArtifact", {}),
    ],
)
async def test_an_unknown_id_is_not_found(
    client: Client, mutation: str, field: str, extra: dict[str, Any], unknown: str
) -> None:
    payload = (await client.data(mutation, id=unknown, **extra))[field]

    assert payload["userErrors"] == [
        {
            "code": "NOT_FOUND",
            "message": f"There is no artifact {unknown}.",
            "field": ["id"],
            "artifact": None,
        }
    ]


@pytest.mark.parametrize(
    ("mutation", "field", "extra"),
    [
        (UPDATE, "updateModel", {"input": {"name": "x"}}),
        (RATE, "rateModel", {"rating": RATING}),
        (DELETE, "deleteArtifact", {"type": "MODEL"}),
    ],
)
async def test_the_wrong_type_is_refused(
    client: Client, mutation: str, field: str, extra: dict[str, Any]
) -> None:
    (books,) = await client.register(dataset())

    payload = (await client.data(mutation, id=books, **extra))[field]

    (error,) = payload["userErrors"]
    assert (error["code"], error["field"]) == ("WRONG_TYPE", ["id"])
    assert error["message"] == f"Artifact {books} is a dataset, not a model."


@pytest.mark.parametrize("stale", [0, 2, -1])
@pytest.mark.parametrize(
    ("mutation", "field", "extra"),
    [
        (UPDATE, "updateModel", {"input": {"name": "x"}}),
        (RATE, "rateModel", {"rating": RATING}),
        (DELETE, "deleteArtifact", {}),
    ],
)
async def test_another_version_than_expected_changes_nothing(
    client: Client, mutation: str, field: str, extra: dict[str, Any], stale: int
) -> None:
    (bert,) = await client.register(model(name="bert"))

    payload = (await client.data(mutation, id=bert, version=stale, **extra))[field]

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


async def test_the_expected_version_is_changed(client: Client) -> None:
    (bert,) = await client.register(model())

    changed = await client.data(UPDATE, id=bert, input={"name": "x"}, version=1)
    deleted = await client.data(DELETE, id=bert, version=2, type="MODEL")

    assert changed["updateModel"]["model"]["version"] == 2
    assert deleted["deleteArtifact"] == {"deletedId": bert, "userErrors": []}


async def test_what_is_deleted_is_gone_and_its_url_is_free(client: Client) -> None:
    (bert,) = await client.register(model(name="bert"))

    first = (await client.data(DELETE, id=bert))["deleteArtifact"]
    again = (await client.data(DELETE, id=bert))["deleteArtifact"]

    assert first == {"deletedId": bert, "userErrors": []}
    assert again["deletedId"] is None
    assert again["userErrors"][0]["code"] == "NOT_FOUND"
    assert await client.register(model(name="bert")) != [bert]


async def test_a_reset_deletes_everything_once_it_is_confirmed(
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
