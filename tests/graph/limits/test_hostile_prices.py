"""Requests that were once too cheap for the work that they cause are refused."""

import json
from typing import Any

import pytest
from graphql import get_named_type, get_nullable_type, is_composite_type, is_list_type

from graph.schema.build import core_schema, create_schema
from tests.graph.clients import Client
from tests.graph.recording_store import RecordingStore

pytestmark = pytest.mark.anyio

NAMES = json.dumps([f"name {n}" for n in range(100)])
LONG = "\u0130" * 15_000
"""A text that takes milliseconds to normalise."""


def alias_field(count: int, field: str) -> str:
    return " ".join(f"a{n}: {field}" for n in range(count))


HOSTILE: dict[str, tuple[str, dict[str, Any]]] = {
    "a float as a size": (
        """query ($n: Int!) { models(first: $n) { nodes { derivedModels(first: $n) { nodes {
          derivedModels(first: $n) { nodes { id } } } } } } }""",
        {"n": 100.0},
    ),
    "a variable without a value": (
        """query ($n: Int) { models(first: 100) { nodes { baseModels(first: $n) {
          baseModels(first: $n) { id } } } } }""",
        {},
    ),
    "a default of a variable": (
        "query ($n: Int = 100) { models(first: $n) { nodes { codes(first: $n) { id } } } }",
        {},
    ),
    "nested base models": (
        '{ model(by: { name: "a" }) { baseModels { baseModels { name } } } }',
        {},
    ),
    "counting the matches of patterns": (
        "{"
        + alias_field(
            40, 'artifacts(first: 1, filter: { name: { contains: "zzz" } }) { totalCount }'
        )
        + "}",
        {},
    ),
    "names": (
        f"query ($in: [String!] = {NAMES})"
        "{"
        + alias_field(100, "artifacts(first: 1, filter: { name: { in: $in } }) { __typename }")
        + "}",
        {},
    ),
    "changes that a filter passes over": (
        "{"
        + alias_field(8, "changes(first: 1, filter: { kinds: [DELETED] }) { cursor }")
        + "}",
        {},
    ),
    "tags that are excluded": (
        """query ($none: [String!]) {
          a: models(first: 1, filter: { tags: { none: $none } }) { totalCount }
          b: codes(first: 1, filter: { tags: { none: $none } }) { totalCount } }""",
        {"none": [f"tag {n}" for n in range(100)]},
    ),
    "texts that take long to normalise": (
        "query ($text: String!) {" + alias_field(99, "model(by: { name: $text }) { id }") + "}",
        {"text": LONG},
    ),
    "a text for each object": (
        "query ($text: String) { models(first: 100) { nodes {"
        + alias_field(2, "history(after: $text) { pageInfo { hasNextPage } }")
        + "} } }",
        {"text": LONG},
    ),
    "a field that is written 100 times": (
        "{ changes(first: 1000) { changes { artifact { ...f } } } }"
        " fragment f on Artifact { " + "name " * 100 + "}",
        {},
    ),
    "counts of references": (
        "{ datasets(first: 100) { nodes {"
        + alias_field(2, "models(first: 1) { totalCount }")
        + "} } }",
        {},
    ),
    "a selection of many writes": (
        """mutation ($inputs: [RegisterArtifactInput!]!) { registerArtifacts(inputs: $inputs) {
          results { artifact { ... on Model { baseModels { name } } } } } }""",
        {"inputs": [{"model": {"url": f"https://example.org/{n}"}} for n in range(100)]},
    ),
    "introspection": (
        "{"
        + alias_field(
            99, '__type(name: "Model") { fields { type { fields { args { name } } } } }'
        )
        + "}",
        {},
    ),
    "an interface with a dear type": (
        """{ artifacts(first: 100) { nodes {
          ... on Code { id } ... on Model { datasets { name } } } } }""",
        {},
    ),
    "25,000 inputs": (
        """mutation ($inputs: [RegisterArtifactInput!]!) {
          registerArtifacts(inputs: $inputs) { userErrors { code } } }""",
        {"inputs": [{}] * 25_000},
    ),
    "many values": (
        "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }",
        {"ids": [["a"] * 1_000] * 25},
    ),
    "a long text": ("query ($id: ID!) { artifact(id: $id) { id } }", {"id": "a" * 20_001}),
    "480 small selections": (
        "{ models(first: 1) { nodes {" + "baseModel { id }" * 480 + "} } }",
        {},
    ),
    "many lines": ("\n" * 5_001 + "{ __typename }", {}),
    "a long alias": ("{" + "a" * 257 + ": __typename }", {}),
}


@pytest.mark.parametrize("name", HOSTILE)
async def test_hostile_requests_are_refused_before_the_store_is_called(
    client: Client, recorded: RecordingStore, name: str
) -> None:
    query, variables = HOSTILE[name]

    content = await client.send(query, **variables)

    assert [e["extensions"]["code"] for e in content["errors"]] == ["QUERY_TOO_COMPLEX"]
    assert "data" not in content
    assert recorded.calls == []


def test_all_lists_of_objects_have_a_size_in_the_price() -> None:
    schema = core_schema(create_schema())
    lists = {
        f"{type_.name}.{name}"
        for type_ in schema.type_map.values()
        if is_composite_type(type_) and not type_.name.startswith("__")
        for name, field in getattr(type_, "fields", {}).items()
        if is_list_type(get_nullable_type(field.type))
        and is_composite_type(get_named_type(field.type))
        and not type_.name.endswith("Connection")
        and name != "userErrors"
    }

    # A new list needs a size in graph/limits/field_costs.py, and a place here.
    assert lists == LISTS


LISTS = {
    "Artifact.properties",
    "Change.fields",
    "ChangeFeed.changes",
    "Code.properties",
    "Dataset.properties",
    "Facet.values",
    "LicenseUse.artifacts",
    "LineageGraph.edges",
    "LineageGraph.nodes",
    "LineagePath.artifacts",
    "LineagePath.edges",
    "LineagePaths.paths",
    "Model.baseModels",
    "Model.codes",
    "Model.datasets",
    "Model.properties",
    "Model.references",
    "Provenance.licenses",
    "Provenance.references",
    "Query.nodes",
    "RegisterArtifactsPayload.results",
}
