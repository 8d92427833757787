"""Invalid input of a registration: it is rejected, and nothing is registered."""

import json
from typing import Any

import pytest

from tests.graph.clients import BERT, BOOKS, RATING, Client
from tests.graph.schema.mutations import REGISTER_MODEL, register_model

pytestmark = pytest.mark.anyio

INVALID = "INVALID"
TOO_MANY = "TOO_MANY"
TOO_LONG = "https://example.org/" + "x" * 1_981


@pytest.mark.parametrize(
    ("fields", "code_", "path", "message"),
    [
        ({"url": ""}, INVALID, ["url"], "must be an absolute url with a scheme and a host"),
        ({"url": "a/b"}, INVALID, ["url"], "must be an absolute url with a scheme and a host"),
        (
            {"url": f"{BERT} a"},
            INVALID,
            ["url"],
            "must not contain spaces, tabs or line breaks",
        ),
        ({"url": TOO_LONG}, INVALID, ["url"], "must have at most 2,000 bytes"),
        ({"downloadUrl": "x"}, INVALID, ["downloadUrl"], "must be an absolute url"),
        ({"name": " \t"}, INVALID, ["name"], "must not be blank"),
        ({"name": " * "}, INVALID, ["name"], "must not be '*'"),
        ({"name": "x" * 513}, INVALID, ["name"], "must have at most 512 characters"),
        ({"url": "https://example.org"}, INVALID, ["name"], "must be given"),
        ({"description": "x" * 4_001}, INVALID, ["description"], "at most 4000 characters"),
        ({"tags": ["x"] * 101}, TOO_MANY, ["tags"], "at most 100 tags"),
        ({"tags": ["a", ""]}, INVALID, ["tags", "1"], "must not be empty"),
        (
            {"properties": [{"key": f"{n}", "value": ""} for n in range(33)]},
            TOO_MANY,
            ["properties"],
            "at most 32 properties",
        ),
        (
            {"properties": [{"key": "a", "value": "1"}, {"key": "a", "value": "2"}]},
            INVALID,
            ["properties"],
            "must not have a key twice",
        ),
        (
            {"properties": [{"key": "", "value": "1"}]},
            INVALID,
            ["properties", "0", "key"],
            "must not be empty",
        ),
        ({"codes": [{"id": "a#b"}]}, INVALID, ["codes", "0", "id"], "letters, digits"),
        ({"codes": [{}]}, INVALID, ["codes", "0"], "exactly one of id, url and name"),
        (
            {"codes": [{"name": "a", "url": BOOKS}]},
            INVALID,
            ["codes", "0"],
            "exactly one of id, url and name",
        ),
        (
            {"codes": [{"name": "a", "revision": "x" * 257}]},
            INVALID,
            ["codes", "0", "revision"],
            "at most 256 characters",
        ),
        (
            {"codes": [{"name": "a", "role": "TRAINED_ON"}]},
            INVALID,
            ["codes", "0", "role"],
            "must be one of TRAINING, EVALUATION, INFERENCE",
        ),
        (
            {"datasets": [{"name": "a"}, {"name": ""}]},
            INVALID,
            ["datasets", "1", "name"],
            "blank",
        ),
        ({"rating": {**RATING, "name": "x" * 513}}, INVALID, ["rating", "name"], "at most 512"),
    ],
)
async def test_invalid_input_is_rejected_with_the_path_of_the_field(
    client: Client, fields: dict[str, Any], code_: str, path: list[str], message: str
) -> None:
    registered, errors = await register_model(client, **fields)

    assert registered is None
    assert [(error["code"], error["field"]) for error in errors] == [(code_, ["input", *path])]
    assert message in errors[0]["message"]
    assert await client.data("{ artifacts { nodes { id } } }") == {"artifacts": {"nodes": []}}


async def test_fields_that_are_too_large_together_are_rejected(client: Client) -> None:
    urls = [{"url": f"https://example.org/{n}?{'x' * 1_900}"} for n in range(90)]

    registered, errors = await register_model(client, datasets=urls)

    assert registered is None
    assert [(error["code"], error["field"]) for error in errors] == [(TOO_MANY, ["input"])]
    assert "at most 150,000 bytes" in errors[0]["message"]


async def test_more_than_90_references_are_rejected(client: Client) -> None:
    references = [{"name": f"d{n}"} for n in range(46)]

    registered, errors = await register_model(
        client, datasets=references, codes=references[:45]
    )

    assert registered is None
    assert [error["code"] for error in errors] == [TOO_MANY]
    assert "at most 90 references, not 91" in errors[0]["message"]


@pytest.mark.parametrize("score", ["NaN", "Infinity", "-Infinity", "1e400"])
async def test_score_that_is_not_finite_is_rejected(client: Client, score: str) -> None:
    rating = {**RATING, "netScore": 0.987}
    body = json.dumps(
        {"query": REGISTER_MODEL, "variables": {"input": {"url": BERT, "rating": rating}}}
    )

    response = await client.http.post(
        "/graphql",
        content=body.replace("0.987", score),
        headers={"content-type": "application/json"},
    )

    assert response.json()["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
    assert await client.data("{ models { nodes { id } } }") == {"models": {"nodes": []}}


async def test_rating_without_its_net_score_is_rejected(client: Client) -> None:
    rating = {name: value for name, value in RATING.items() if name != "netScore"}

    error_code, message = await client.error(
        REGISTER_MODEL, input={"url": BERT, "rating": rating}
    )

    assert error_code == "BAD_USER_INPUT"
    assert "'netScore'" in message


async def test_a_conflict_resolution_that_is_null_is_rejected(client: Client) -> None:
    mutation = """
    mutation ($input: RegisterModelInput!) {
      registerModel(input: $input, onConflict: null) { model { id } }
    }
    """

    error_code, _ = await client.error(mutation, input={"url": BERT})

    assert error_code == "GRAPHQL_VALIDATION_FAILED"
