"""Registering: what is kept, what is refused and how that is said."""

import json
from typing import Any

import pytest

from tests.graph.clients import (
    BERT,
    BOOKS,
    RATING,
    REGISTER,
    TRAINER,
    Client,
    code,
    dataset,
    model,
)
from tests.graph.recording_store import RecordingStore

pytestmark = pytest.mark.anyio

FIELDS = "type name url downloadUrl license tags version"
MODEL = f"""
mutation ($input: RegisterModelInput!, $onConflict: OnConflict! = REJECT) {{
  registerModel(input: $input, onConflict: $onConflict) {{
    model {{ id {FIELDS} createdAt updatedAt rating {{ netScore }} references {{ kind name }} }}
    userErrors {{ code message field artifact {{ id version }} }}
  }}
}}
"""


async def register_model(client: Client, **fields: object) -> tuple[Any, list[dict[str, Any]]]:
    """The model and the errors of a registration."""
    payload = (await client.data(MODEL, input={"url": BERT, **fields}))["registerModel"]
    return payload["model"], payload["userErrors"]


async def test_a_model_is_kept_as_it_was_given(client: Client) -> None:
    found, errors = await register_model(
        client,
        name=" BERT ",
        downloadUrl="https://example.org/bert.bin",
        license="apache-2.0",
        tags=["nlp", "english"],
        datasets=[{"name": "books"}],
        codes=[{"name": "trainer"}],
        baseModels=[{"name": "elmo"}],
        rating=RATING,
    )

    assert errors == []
    assert found.pop("id").count("-") == 4
    assert found.pop("createdAt") == found.pop("updatedAt")
    assert found == {
        "type": "MODEL",
        "name": " BERT ",
        "url": BERT,
        "downloadUrl": "https://example.org/bert.bin",
        "license": "apache-2.0",
        "tags": ["nlp", "english"],
        "version": 1,
        "rating": {"netScore": 0.5},
        "references": [
            {"kind": "DATASET", "name": "books"},
            {"kind": "CODE", "name": "trainer"},
            {"kind": "BASE_MODEL", "name": "elmo"},
        ],
    }


async def test_a_dataset_and_code_are_registered_with_names_from_their_urls(
    client: Client,
) -> None:
    mutation = f"""
    mutation ($dataset: RegisterDatasetInput!, $code: RegisterCodeInput!) {{
      registerDataset(input: $dataset) {{ dataset {{ {FIELDS} }} userErrors {{ code }} }}
      registerCode(input: $code) {{ code {{ {FIELDS} }} userErrors {{ code }} }}
    }}
    """

    data = await client.data(
        mutation, dataset={"url": BOOKS}, code={"url": "https://github.com/org/tool.git"}
    )

    bare: dict[str, object] = {"downloadUrl": None, "license": None, "tags": [], "version": 1}
    assert data["registerDataset"] == {
        "dataset": {"type": "DATASET", "name": "books", "url": BOOKS, **bare},
        "userErrors": [],
    }
    assert data["registerCode"]["code"] == {
        "type": "CODE",
        "name": "org/tool",
        "url": "https://github.com/org/tool.git",
        **bare,
    }


async def test_a_url_that_is_taken_answers_who_has_it(client: Client) -> None:
    first, _ = await register_model(client, name="first")

    found, errors = await register_model(client, name="second")

    assert found is None
    assert errors == [
        {
            "code": "ALREADY_EXISTS",
            "message": f"The model {first['id']} has this url already.",
            "field": ["url"],
            "artifact": {"id": first["id"], "version": 1},
        }
    ]


async def test_a_url_that_is_taken_can_be_updated_instead(client: Client) -> None:
    first, _ = await register_model(client, name="first", license="mit")

    data = await client.data(MODEL, input={"url": BERT, "tags": ["x"]}, onConflict="UPDATE")

    found = data["registerModel"]["model"]
    kept = [found["id"], found["name"], found["license"], found["tags"], found["version"]]
    assert kept == [first["id"], "first", "mit", ["x"], 2]


async def test_one_url_can_be_a_model_and_a_dataset(client: Client) -> None:
    ids = await client.register(model(BOOKS), dataset(BOOKS))

    assert len(set(ids)) == 2


INVALID = "INVALID"
TOO_MANY = "TOO_MANY"
TOO_LONG = "https://example.org/" + "x" * 1_981


@pytest.mark.parametrize(
    ("fields", "code_", "path", "message"),
    [
        ({"url": ""}, INVALID, ["url"], "must be an absolute url with a scheme and a host"),
        ({"url": "a/b"}, INVALID, ["url"], "must be an absolute url with a scheme and a host"),
        ({"url": TOO_LONG}, INVALID, ["url"], "must have at most 2,000 bytes"),
        ({"downloadUrl": "x"}, INVALID, ["downloadUrl"], "must be an absolute url"),
        ({"name": " \t"}, INVALID, ["name"], "must not be blank"),
        ({"name": " * "}, INVALID, ["name"], "must not be '*'"),
        ({"name": "x" * 513}, INVALID, ["name"], "must have at most 512 characters"),
        ({"url": "https://example.org"}, INVALID, ["name"], "name must be given"),
        ({"tags": ["x"] * 101}, TOO_MANY, ["tags"], "at most 100 tags"),
        ({"tags": ["a", ""]}, INVALID, ["tags", "1"], "must not be empty"),
        ({"codes": [{"id": "a#b"}]}, INVALID, ["codes", "0", "id"], "letters, digits"),
        (
            {"datasets": [{"name": "a"}, {"name": ""}]},
            INVALID,
            ["datasets", "1", "name"],
            "blank",
        ),
        ({"rating": {**RATING, "name": "x" * 513}}, INVALID, ["rating", "name"], "at most 512"),
    ],
)
async def test_bad_input_says_which_field_and_registers_nothing(
    client: Client, fields: dict[str, Any], code_: str, path: list[str], message: str
) -> None:
    found, errors = await register_model(client, **fields)

    assert found is None
    assert [(error["code"], error["field"]) for error in errors] == [(code_, path)]
    assert message in errors[0]["message"]
    assert await client.data("{ artifacts { nodes { id } } }") == {"artifacts": {"nodes": []}}


async def test_more_than_ninety_references_are_too_many(client: Client) -> None:
    references = [{"name": f"d{n}"} for n in range(46)]

    found, errors = await register_model(client, datasets=references, codes=references[:45])

    assert found is None
    assert [error["code"] for error in errors] == [TOO_MANY]
    assert "at most 90 references, not 91" in errors[0]["message"]


@pytest.mark.parametrize("score", ["NaN", "Infinity", "-Infinity", "1e400"])
async def test_a_score_that_is_no_finite_number_is_refused(client: Client, score: str) -> None:
    rating = {**RATING, "netScore": 0.987}
    body = json.dumps({"query": MODEL, "variables": {"input": {"url": BERT, "rating": rating}}})

    answer = await client.http.post(
        "/graphql",
        content=body.replace("0.987", score),
        headers={"content-type": "application/json"},
    )

    assert answer.json()["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
    assert await client.data("{ models { nodes { id } } }") == {"models": {"nodes": []}}


async def test_a_rating_with_a_missing_field_is_refused(client: Client) -> None:
    rating = {name: value for name, value in RATING.items() if name != "busFactor"}

    error_code, message = await client.error(MODEL, input={"url": BERT, "rating": rating})

    assert error_code == "BAD_USER_INPUT"
    assert "'busFactor'" in message


async def test_a_reference_must_be_exactly_one_thing(client: Client) -> None:
    both = {"name": "a", "url": BOOKS}

    error_code, message = await client.error(MODEL, input={"url": BERT, "codes": [both]})

    assert error_code == "BAD_USER_INPUT"
    assert "ReferenceInput" in message


@pytest.mark.parametrize(
    "name", ["数据集", "👩‍🔬", "e\u0301", "\u202eevil", "a\x00b", "<script>", "' OR 1=1 --"]
)
async def test_a_name_may_be_any_text(client: Client, name: str) -> None:
    found, errors = await register_model(client, name=name)

    query = "query ($name: String!) { model(by: { name: $name }) { name } }"
    assert errors == []
    assert found["name"] == name
    assert await client.data(query, name=name) == {"model": {"name": name}}


async def test_of_several_inputs_the_good_are_registered_in_one_call(
    client: Client, recorded: RecordingStore
) -> None:
    data = await client.data(
        REGISTER,
        inputs=[
            model(name="bert"),
            dataset("nope"),
            code(),
            model(datasets=[{"name": ""}]),
            model(),
        ],
    )

    results = data["registerArtifacts"]["results"]
    bert, trainer = results[0]["artifact"], results[2]["artifact"]
    assert [result["artifact"] for result in results] == [bert, None, trainer, None, None]
    assert [
        [(error["code"], error["field"]) for error in result["userErrors"]]
        for result in results
    ] == [
        [],
        [("INVALID", ["dataset", "url"])],
        [],
        [("INVALID", ["model", "datasets", "0", "name"])],
        [("ALREADY_EXISTS", ["model", "url"])],
    ]
    assert results[4]["userErrors"][0]["artifact"] == bert
    assert recorded.calls == [("register", 3)]


async def test_nothing_to_register_asks_nothing_of_the_store(
    client: Client, recorded: RecordingStore
) -> None:
    data = await client.data(REGISTER, inputs=[])

    assert data == {"registerArtifacts": {"results": []}}
    assert recorded.calls == []


async def test_more_than_a_hundred_inputs_are_refused_as_a_whole(
    client: Client, recorded: RecordingStore
) -> None:
    inputs = [code(f"{TRAINER}/{n}") for n in range(101)]

    assert await client.error(REGISTER, inputs=inputs) == (
        "BAD_USER_INPUT",
        "inputs: must be at most 100, not 101.",
    )
    assert recorded.calls == []
