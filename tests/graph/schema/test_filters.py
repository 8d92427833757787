"""Filters of lists by the fields of the artifacts themselves."""

from typing import Any

import pytest

from tests.graph.clients import RATING, Client, code, dataset, model
from tests.graph.fixture_data import fill
from tests.graph.recording_store import RecordingStore
from tests.graph.schema.model_pages import URL, read_names, register_models

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
        ({"startsWith": "gpt "}, []),
        ({"contains": "bert"}, ["bert", "roberta"]),
        ({"contains": " "}, []),
        ({"contains": ""}, ["bert", "GPT", "roberta"]),
        ({"matches": "^[A-Z]+$"}, ["GPT"]),
        ({"matches": "(?i)gpt|^bert"}, ["bert", "GPT"]),
        ({"contains": "bert", "startsWith": "b"}, ["bert"]),
        ({"contains": "bert", "is": "gpt"}, []),
        ({"is": "bert", "in": ["BERT", "gpt"]}, ["bert"]),
        ({"is": "bert", "in": ["gpt"]}, []),
        (
            {"is": None, "in": None, "startsWith": None, "contains": None, "matches": "G"},
            ["GPT"],
        ),
    ],
)
async def test_filter_by_name(
    client: Client, filter_: dict[str, object], expected: list[str]
) -> None:
    await register_models(client, "bert", "roberta", "GPT")

    assert await read_names(client, filter={"name": filter_}) == expected


MODELS = (
    model(
        f"{URL}a",
        name="a",
        tags=["NLP", "Größe"],
        rating=RATING,
        properties=[{"key": "Framework", "value": "JAX"}, {"key": "steps", "value": "10"}],
    ),
    model(
        f"{URL}b",
        name="b",
        tags=["x", "nlp"],
        license="MIT",
        properties=[{"key": "framework", "value": "torch"}],
    ),
    model("https://EXAMPLE.org/c", name="c"),
)


@pytest.mark.parametrize(
    ("filter_", "expected"),
    [
        ({"tags": {"all": ["nlp"]}}, ["a", "b"]),
        ({"tags": {"all": ["nlp", "GRÖSSE"]}}, ["a"]),
        ({"tags": {"any": ["x", "größe", "y"]}}, ["a", "b"]),
        ({"tags": {"any": []}}, []),
        ({"tags": {"none": ["X"]}}, ["a", "c"]),
        ({"tags": {"all": [], "none": []}}, ["a", "b", "c"]),
        ({"tags": {"isEmpty": True}}, ["c"]),
        ({"tags": {"isEmpty": False, "none": ["x"]}}, ["a"]),
        ({"license": {"in": ["mit", "none"]}}, ["b"]),
        ({"license": {"in": [None]}}, ["a", "c"]),
        ({"license": {"in": [None, "mit"]}}, ["a", "b", "c"]),
        ({"license": {"in": []}}, []),
        ({"license": {"in": None}}, ["a", "b", "c"]),
        ({"url": {"in": [f"{URL}a", f"{URL}B", "nowhere"]}}, ["a"]),
        ({"url": {"startsWith": "https://example.org/"}}, ["a", "b"]),
        ({"url": {"startsWith": "https://EXAMPLE"}}, ["c"]),
        ({"properties": [{"key": "FRAMEWORK"}]}, ["a", "b"]),
        ({"properties": [{"key": "framework", "value": "jax"}]}, ["a"]),
        ({"properties": [{"key": "framework"}, {"key": "steps", "value": None}]}, ["a"]),
        ({"properties": []}, ["a", "b", "c"]),
        ({"createdBy": {"in": [None]}}, ["a", "b", "c"]),
        ({"createdBy": {"in": ["alice"]}}, []),
        ({"createdAt": {"from": "2020-01-01T00:00:00Z"}}, ["a", "b", "c"]),
        ({"createdAt": {"until": "2020-01-01T02:00:00+02:00"}}, []),
        ({"updatedAt": {"from": None, "until": None}}, ["a", "b", "c"]),
        ({"ids": ["gone", "not an id"]}, []),
        ({"ids": []}, []),
        ({"rated": True}, ["a"]),
        ({"rated": False}, ["b", "c"]),
        ({"netScore": {"atLeast": 0.5}}, ["a"]),
        ({"netScore": {"atLeast": 0.51}}, []),
        ({"netScore": {"atMost": 0.5}}, ["a"]),
        ({"netScore": {"atMost": 0.49}}, []),
        ({"netScore": {}}, ["a", "b", "c"]),
        ({"tags": {"any": ["nlp"]}, "rated": False, "name": {"startsWith": "b"}}, ["b"]),
        ({"tags": None, "name": None, "netScore": None, "references": None}, ["a", "b", "c"]),
        ({}, ["a", "b", "c"]),
        (None, ["a", "b", "c"]),
    ],
)
async def test_filter_of_models(client: Client, filter_: Any, expected: list[str]) -> None:
    await client.register(*MODELS)

    assert await read_names(client, filter=filter_) == expected


async def test_filter_by_id(client: Client) -> None:
    a, _, c = await client.register(*MODELS)

    assert await read_names(client, filter={"ids": [c, a, "gone", a]}) == ["a", "c"]


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


async def test_no_types_match_nothing_whatever_else_is_asked(client: Client) -> None:
    await client.register(model(name="model"), dataset(name="dataset", tags=["nlp"]))
    query = """
    query ($filter: ArtifactFilter, $by: [FacetInput!]!) {
      artifacts(filter: $filter) {
        nodes { name } totalCount facets(by: $by) { values { count } }
      }
    }
    """
    fields = ("TAG", "LICENSE", "CREATED_BY", "PROPERTY_KEY")
    by = [{"field": field} for field in fields]
    filters: list[dict[str, Any]] = [
        {"isEmpty": True}, {"isEmpty": False}, {"any": []}, {"none": ["nlp"]}
    ]  # fmt: skip
    for tags in filters:
        data = await client.data(query, filter={"types": [], "tags": tags}, by=by)

        assert data["artifacts"] == {
            "nodes": [],
            "totalCount": 0,
            "facets": [{"values": []}] * len(fields),
        }


async def test_nested_variables_that_are_left_out_are_no_conditions(client: Client) -> None:
    await client.register(*MODELS)
    query = """
    query (
      $is: String, $startsWith: String, $tags: [String!], $license: [String], $from: DateTime
      $atLeast: Float, $key: String! = "steps", $value: String, $rated: Boolean
    ) {
      models(filter: {
        name: { is: $is, startsWith: $startsWith }, tags: { all: $tags, isEmpty: null }
        license: { in: $license }, createdAt: { from: $from }, netScore: { atLeast: $atLeast }
        properties: [{ key: $key, value: $value }], rated: $rated
      }) { nodes { name } }
    }
    """
    names = ("is", "startsWith", "tags", "license", "from", "atLeast", "value", "rated")

    left_out = await client.data(query)
    nulls = await client.data(query, **dict.fromkeys(names))

    assert left_out == nulls == {"models": {"nodes": [{"name": "a"}]}}


async def test_filters_of_datasets_and_code(client: Client) -> None:
    await client.register(model(), dataset(name="d", tags=["x"]), code(name="c", license="MIT"))
    query = """
    {
      datasets(filter: { tags: { all: ["X"] } }) { nodes { name } totalCount }
      codes(filter: { license: { in: ["mit"] } }) { nodes { name } totalCount }
      none: datasets(filter: { license: { in: ["mit"] } }) { nodes { name } totalCount }
    }
    """

    assert await client.data(query) == {
        "datasets": {"nodes": [{"name": "d"}], "totalCount": 1},
        "codes": {"nodes": [{"name": "c"}], "totalCount": 1},
        "none": {"nodes": [], "totalCount": 0},
    }


async def test_filter_by_the_caller_who_registered(
    client: Client, recorded: RecordingStore
) -> None:
    fill(recorded)
    query = """
    query ($callers: [String]) {
      artifacts(filter: { createdBy: { in: $callers } }) { nodes { id } totalCount }
    }
    """

    by_alice = (await client.data(query, callers=["ALICE"]))["artifacts"]
    by_anybody = (await client.data(query, callers=[None, "alice"]))["artifacts"]

    assert {node["id"] for node in by_alice["nodes"]} == {"m0", "d0"}
    assert by_anybody["totalCount"] == 13
