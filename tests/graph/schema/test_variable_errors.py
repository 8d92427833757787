"""Errors of variables: each says which field of which variable it means."""

from typing import Any

import pytest

from tests.graph.clients import BERT, Client
from tests.graph.schema.mutations import REGISTER_MODEL

pytestmark = pytest.mark.anyio

ONE_FIELD = (
    "exactly one field must be specified, and the value for that field must be non-null."
)
MODEL = "query ($by: ArtifactBy!) { model(by: $by) { id } }"
FRAGMENT = "fragment F on Query { model(by: { name: $name }) { id } }"
REGISTER_MANY = """
mutation ($inputs: [RegisterArtifactInput!]!) {
  registerArtifacts(inputs: $inputs) { results { outcome } }
}
"""


@pytest.mark.parametrize(
    ("query", "variables", "errors"),
    [
        (
            REGISTER_MODEL,
            {"input": {"name": 5}},
            [
                (
                    "of type 'RegisterModelInput' to include required field 'url'.",
                    ["input", "url"],
                ),
                ("String cannot represent a non string value: 5", ["input", "name"]),
            ],
        ),
        (
            REGISTER_MODEL,
            {"input": {"url": BERT, "tags": ["a", None]}},
            [
                (
                    "Expected value of non-null type 'String!' not to be null.",
                    ["input", "tags", "1"],
                )
            ],
        ),
        (
            REGISTER_MODEL,
            {"input": [BERT]},
            [("Expected value of type 'RegisterModelInput' to be an object.", ["input"])],
        ),
        (MODEL, {}, [("of non-null type 'ArtifactBy!' to be provided.", ["by"])]),
        (MODEL, {"by": {"name": None}}, [(ONE_FIELD, ["by", "name"])]),
        (MODEL, {"by": {}}, [(ONE_FIELD, ["by"])]),
        (
            REGISTER_MANY,
            {"inputs": [{"model": {"url": BERT}}, {}]},
            [(ONE_FIELD, ["inputs", "1"])],
        ),
    ],
)
async def test_it_names_the_field(
    client: Client,
    query: str,
    variables: dict[str, Any],
    errors: list[tuple[str, list[str]]],
) -> None:
    found = (await client.send(query, **variables))["errors"]

    assert len(found) == len(errors)
    for error, (message, field) in zip(found, errors, strict=True):
        assert error["message"].endswith(message)
        assert error["extensions"] == {"code": "BAD_USER_INPUT", "field": field}


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("{ model(by: {}) { id } }", ONE_FIELD),
        ("{ model(by: { name: null }) { id } }", ONE_FIELD),
        ('{ model(by: { name: "a", id: "b" }) { id } }', ONE_FIELD),
        ("{ model(by: { name: $name }) { id } }", "Variable '$name' is not defined."),
        (
            "query ($name: String) { model(by: { name: $name }) { id } }",
            "Variable '$name' must not be nullable in the input 'ArtifactBy'.",
        ),
        (
            f"{FRAGMENT} query ($name: String) {{ ...F }}",
            "Variable '$name' must not be nullable in the input 'ArtifactBy'.",
        ),
    ],
)
async def test_a_document_that_gives_not_one_field_is_refused_once(
    client: Client, query: str, message: str
) -> None:
    (error,) = (await client.send(query))["errors"]

    assert error["message"].endswith(message)
    assert error["extensions"] == {"code": "GRAPHQL_VALIDATION_FAILED"}


async def test_a_fragment_before_its_operation_may_use_a_variable(client: Client) -> None:
    query = f"{FRAGMENT} query ($name: String!) {{ ...F }}"

    assert await client.data(query, name="x") == {"model": None}
