"""The prices of operations."""

from collections.abc import AsyncIterator

import pytest

from graph.settings import Settings
from tests.graph.clients import Client, serving
from tests.graph.recording_store import RecordingStore

pytestmark = pytest.mark.anyio

MAXIMUM = 50_000
PAGE, ITEM, LOAD, MUTATION, INPUT = 100, 5, 10, 200, 20


async def cost(client: Client, query: str, /, **variables: object) -> int:
    """Return the price in a response."""
    extension = (await client.send(query, **variables))["extensions"]["cost"]
    assert extension["maximum"] == MAXIMUM
    price: int = extension["requested"]
    return price


def models(selections: str, size: int = 2) -> str:
    return f"{{ models(first: {size}) {{ nodes {{ {selections} }} }} }}"


def model(selections: str) -> str:
    return f'{{ model(by: {{ id: "a" }}) {{ {selections} }} }}'


MODEL = 1 + LOAD + 1
"""Of a model by its id, whose argument has one value."""


@pytest.mark.parametrize(
    ("query", "price"),
    [
        ("{ __typename }", 1),
        ('{ artifact(id: "a") { name url } }', 1 + LOAD + 2),
        ("{ models { nodes { name } } }", PAGE + 20 * (ITEM + 2)),
        ("{ models { edges { node { name } } } }", PAGE + 20 * (ITEM + 3)),
        ("{ models { pageInfo { hasNextPage } } }", PAGE + 20 * ITEM + 2),
        ("{ models(first: 3) { nodes { name } } }", PAGE + 3 * (ITEM + 2)),
        ("{ models(last: 3) { nodes { name } } }", PAGE + 3 * (ITEM + 2)),
        ("{ models(first: null, last: 4) { nodes { id } } }", PAGE + 4 * (ITEM + 2)),
        ("{ models(first: -5) { nodes { id } } }", PAGE + ITEM + 2),
        (models("name name"), PAGE + 2 * (ITEM + 3)),
        (models("tags"), PAGE + 2 * (ITEM + 1 + 1 + 10)),
        (models("properties { key }"), PAGE + 2 * (ITEM + 1 + 1 + 32 * 1.5)),
        (models("dataset { name }"), PAGE + 2 * (ITEM + 1 + 1 + LOAD + 1)),
        (models("references { kind }"), PAGE + 2 * (ITEM + 1 + 1 + 90 * 2)),
        (models("references { state }"), PAGE + 2 * (ITEM + 1 + 1 + 90 * 6)),
        (models("history { nodes { kind } }"), PAGE + 2 * (ITEM + 1 + 20 + 20 * 7)),
        (models("history(first: 3) { nodes { kind } }"), PAGE + 2 * (ITEM + 1 + 20 + 3 * 7)),
        ("{ recentChanges { nodes { kind } } }", 500 + 20 * (5 + 2)),
        (
            "{ changes(first: 3) { changes { kind fields { after } } } }",
            500 + 3 * (5 + 1 + 1 + 1 + 12 * 2),
        ),
        ("{ changeCursor }", 51),
        (
            """{ lineagePaths(from: "a", to: "b", first: 3) {
              complete paths { edges { kind } }
            } }""",
            10_000 + 1 + 3 * (1 + 1 + 20 * 1.5),
        ),
        (
            '{ deletionImpact(id: "a") { models { nodes { name } } } }',
            1 + LOAD + 20 + 20 * (LOAD + 2),
        ),
        (
            models("dataset { models { totalCount } }"),
            PAGE + 2 * (ITEM + 1 + 1 + LOAD + 20 + 20 * LOAD + 301),
        ),
        ('{ nodes(ids: ["a", "b", "c"]) { id __typename } }', 3 + 3 * (LOAD + 1 + 2)),
        ('{ nodes(ids: "a") { id } }', 1 + LOAD + 1 + 1),
        (
            model("lineage(direction: UPSTREAM, first: 7) { nodes { artifact { id } } }"),
            MODEL + 50 + 7 * 9 + 7 * 3,
        ),
        (
            model("""lineage(direction: BOTH, first: 7) {
              complete root { id } mermaid edges { kind }
            }"""),
            MODEL + 50 + 7 * 18 + 3 + 170 * (0.5 + 0.5 + 0.5),
        ),
        (
            model("""provenance {
              complete references { kind } licenses { license artifacts { id } }
            }"""),
            MODEL + 50 + 1_400 + 1 + 1_100 * 1.5 + 100 * (1 + 0.5 + 0.5 + 2),
        ),
        ("{ ...f } fragment f on Query { ...g } fragment g on Query { __typename }", 1),
        ("{ ... on Query { ... { __typename } } }", 1),
        ("{ __typename @include(if: true) @skip(if: false) }", 3),
        ("{ __schema { directives { name } } }", 3 * (1 + 1 + 5)),
        (
            'mutation { deleteArtifact(id: "a") { deletedId userErrors { code } } }',
            MUTATION + INPUT + 1 + 1 + 2,
        ),
        (
            """mutation { registerArtifacts(inputs: [
              { code: { url: "https://a" } }, { code: { url: "https://b" } }
            ], validateOnly: true) { results { artifact { id } userErrors { code } } } }""",
            MUTATION + 2 * (INPUT + 1 + 2) + 6 + 4 * 3,
        ),
        ("query A { __typename } query B { __typename }", 0),
        ("{ unknown }", 0),
        ("{", 0),
    ],
)
async def test_a_field_costs_1_for_each_repetition(
    client: Client, query: str, price: float
) -> None:
    assert await cost(client, query) == int(price)


LINK = LOAD + 2


@pytest.mark.parametrize(
    ("selections", "price"),
    [
        ("datasets { name }", 90 * LINK),
        ("datasets(first: 3) { name }", 3 * LINK),
        ("datasets(first: 91) { name }", 90 * LINK),
        ("datasets { name } codes { name } baseModels { name }", 90 * LINK),
        ("datasets(first: 80) { name } codes { name url }", 90 * (LINK + 1)),
        ("datasets { name } codes(first: 80) { name url }", 80 * (LINK + 1) + 10 * LINK),
        ("a: datasets { name } b: datasets { name }", 180 * LINK),
        ("datasets(first: 3) { name } ... on Model { codes(first: 2) { name } }", 5 * LINK),
        ("baseModels { baseModels { name } }", 90 * (LOAD + 1 + 90 * LINK)),
    ],
)
async def test_the_links_of_a_model_share_its_90_references(
    client: Client, selections: str, price: int
) -> None:
    assert await cost(client, models(selections, 1)) == PAGE + ITEM + 1 + price


async def test_an_interface_costs_as_much_as_its_dearest_type(client: Client) -> None:
    query = """{ artifacts(first: 1) { nodes {
      name ... on Dataset { url models { totalCount } } ... on Model { dataset { id } id }
    } } }"""

    assert await cost(client, query) == PAGE + ITEM + 2 + 1 + 20 + 20 * LOAD + 301


async def test_only_the_chosen_operation_is_priced(client: Client) -> None:
    query = "query A { __typename } query B { models(first: 3) { nodes { name } } }"

    body = {"query": query, "operationName": "A"}
    content = (await client.http.post("/graphql", json=body)).json()

    assert content["extensions"]["cost"]["requested"] == 1


async def test_sizes_are_read_from_coerced_variables(client: Client) -> None:
    query = """
    query ($n: Int! = 4, $ids: [ID!]!) {
      models(first: $n) { __typename }
      nodes(ids: $ids) { id }
    }
    """
    node, rest = LOAD + 2 + 1, PAGE + 1

    assert await cost(client, query, ids=["a", "b"]) == rest + 4 * ITEM + 2 * node
    assert await cost(client, query, ids="a", n=9) == rest + 9 * ITEM + node
    assert await cost(client, query, ids=[], n=9.0) == rest + 9 * ITEM
    assert await cost(client, query, ids=[], n={"not": "a number"}) == 0
    optional = (
        "query ($n: Int) { models(first: $n) { __typename } changes(first: $n) { cursor } }"
    )
    rest = PAGE + 1 + 500 + 1
    assert await cost(client, optional) == rest + 20 * ITEM + 100 * 5
    assert await cost(client, optional, n=None) == rest + 20 * ITEM + 100 * 5
    assert await cost(client, optional, n=3) == rest + 3 * ITEM + 3 * 5


async def test_a_default_of_an_argument_counts_for_a_variable_without_a_value(
    client: Client,
) -> None:
    query = (
        'query ($n: Int) { dataset(by: { id: "a" }) { models(first: $n) { nodes { id } } } }'
    )

    assert await cost(client, query) == MODEL + 20 + 20 * (LOAD + 2)
    assert await cost(client, query, n=100) == MODEL + 20 + 100 * (LOAD + 2)


async def test_long_texts_and_many_values_cost(client: Client) -> None:
    query = "query ($by: ArtifactBy!) { a: model(by: $by) { id } b: code(by: $by) { id } }"
    short = await cost(client, query, by={"name": "a"})

    assert short == 2 * (1 + LOAD + 1 + 1)
    assert await cost(client, query, by={"name": "a" * 5_000}) == short + 2 * 10
    assert await cost(client, query, by={"name": "\u0130" * 5_000}) == short + 2 * 200


@pytest.fixture
async def limited_client(recorded: RecordingStore) -> AsyncIterator[Client]:
    """A client of a server with a very low maximum."""
    async with serving(recorded, Settings(max_query_cost=2)) as http:
        yield Client(http)


async def test_the_maximum_is_a_setting(limited_client: Client) -> None:
    content = await limited_client.send("{ a: __typename b: __typename c: __typename }")

    assert content["extensions"] == {"cost": {"requested": 3, "maximum": 2}}
    assert content["errors"][0]["extensions"]["code"] == "QUERY_TOO_COMPLEX"
    assert (await limited_client.send("{ a: __typename b: __typename }"))["data"] == {
        "a": "Query",
        "b": "Query",
    }
