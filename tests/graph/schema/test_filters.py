"""Filters of lists."""

from typing import Any

import pytest

from tests.graph.clients import RATING, Client, code, dataset, model
from tests.graph.schema.model_pages import PAGE, URL, read_names, register_models

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("filter_", "expected"),
    [
        ({"is": " BERT "}, ["bert"]),
        ({"is": ""}, []),
        ({"is": "*"}, []),
        ({"in": ["gpt", "BERT", "elmo"]}, ["bert", "GPT"]),
        ({"in": []}, []),
        ({"startsWith": "RO"}, ["roberta"]),
        ({"contains": "bert"}, ["bert", "roberta"]),
        ({"matches": "^[A-Z]+$"}, ["GPT"]),
        ({"matches": "(?i)gpt|^bert"}, ["bert", "GPT"]),
    ],
)
async def test_filter_by_name(
    client: Client, filter_: dict[str, object], expected: list[str]
) -> None:
    await register_models(client, "bert", "roberta", "GPT")

    assert await read_names(client, filter={"name": filter_}) == expected


@pytest.mark.parametrize(
    ("filter_", "expected"),
    [
        ({"tag": "nlp"}, ["a", "b"]),
        ({"tag": "NLP"}, []),
        ({"license": "mit"}, ["b"]),
        ({"rated": True}, ["a"]),
        ({"rated": False}, ["b", "c"]),
        ({"minNetScore": 0.5}, ["a"]),
        ({"minNetScore": 0.51}, []),
        ({"tag": "nlp", "rated": False, "name": {"startsWith": "b"}}, ["b"]),
        ({"tag": None, "name": None}, ["a", "b", "c"]),
        ({}, ["a", "b", "c"]),
        (None, ["a", "b", "c"]),
    ],
)
async def test_filter_of_models(client: Client, filter_: Any, expected: list[str]) -> None:
    await client.register(
        model(f"{URL}a", name="a", tags=["nlp"], rating=RATING),
        model(f"{URL}b", name="b", tags=["x", "nlp"], license="mit"),
        model(f"{URL}c", name="c"),
    )

    assert await read_names(client, filter=filter_) == expected


@pytest.mark.parametrize(
    ("types", "expected"),
    [
        (None, ["code", "dataset", "model"]),
        (["MODEL", "CODE"], ["code", "model"]),
        (["DATASET", "DATASET"], ["dataset"]),
        ([], []),
    ],
)
async def test_filter_by_type(
    client: Client, types: list[str] | None, expected: list[str]
) -> None:
    await client.register(model(name="model"), dataset(name="dataset"), code(name="code"))
    query = """
    query ($types: [ArtifactType!]) {
      artifacts(filter: { types: $types }) { nodes { name } totalCount }
    }
    """

    page = (await client.data(query, types=types))["artifacts"]

    assert page == {"nodes": [{"name": name} for name in expected], "totalCount": len(expected)}


async def test_type_filter_that_excludes_the_listed_type_matches_nothing(
    client: Client,
) -> None:
    await client.register(model(), dataset(name="d"), code(name="c"))
    query = """
    {
      datasets { nodes { name } totalCount }
      codes(filter: { types: [MODEL, CODE] }) { nodes { name } totalCount }
      none: datasets(filter: { types: [MODEL] }) { nodes { name } totalCount }
    }
    """

    assert await client.data(query) == {
        "datasets": {"nodes": [{"name": "d"}], "totalCount": 1},
        "codes": {"nodes": [{"name": "c"}], "totalCount": 1},
        "none": {"nodes": [], "totalCount": 0},
    }


async def test_malformed_pattern_is_rejected(client: Client) -> None:
    assert await client.error(PAGE, filter={"name": {"matches": "a(b"}}) == (
        "BAD_USER_INPUT",
        "`filter.name.matches` must be a valid RE2 pattern: missing ): a(b.",
    )


async def test_pattern_that_needs_backtracking_elsewhere_is_matched(client: Client) -> None:
    await register_models(client, "a" * 500)

    assert await read_names(client, filter={"name": {"matches": "^(a+)+$b"}}) == []
    assert await read_names(client, filter={"name": {"matches": "(.?)" * 50}}) == ["a" * 500]
    assert await client.error(PAGE, filter={"name": {"matches": "(a*)*" * 41}}) == (
        "BAD_USER_INPUT",
        "`filter.name.matches` must have at most 200 characters, not 205.",
    )


async def test_more_than_100_names_are_rejected(client: Client) -> None:
    filter_ = {"name": {"in": [str(n) for n in range(101)]}}

    assert await client.error(PAGE, filter=filter_) == (
        "BAD_USER_INPUT",
        "`filter.name.in` must have at most 100 items, not 101.",
    )
