"""The prices of operations."""

from collections.abc import AsyncIterator

import pytest
from graphql import get_introspection_query

from graph.settings import Settings
from tests.graph.clients import Client, serving
from tests.graph.recording_store import RecordingStore

pytestmark = pytest.mark.anyio

MAXIMUM = 50_000


async def cost(client: Client, query: str, /, **variables: object) -> int:
    """Return the price in a response."""
    extension = (await client.send(query, **variables))["extensions"]["cost"]
    assert extension["maximum"] == MAXIMUM
    price: int = extension["requested"]
    return price


@pytest.mark.parametrize(
    ("query", "price"),
    [
        ("{ __typename }", 1),
        ('{ artifact(id: "a") { name url } }', 3),
        ("{ models { nodes { name } } }", 1 + 20 * 2),
        ("{ models(first: 3) { nodes { name } totalCount } }", 1 + 3 * 3),
        ("{ models(first: 2) { nodes { datasets { name } } } }", 1 + 2 * (1 + 1 + 90)),
        ("{ models(first: 2) { nodes { datasets(first: 3) { name } } } }", 1 + 2 * (1 + 1 + 3)),
        ("{ models(first: 2) { nodes { references { kind } } } }", 1 + 2 * (1 + 1 + 5)),
        ("{ models(first: 2) { nodes { history { nodes { kind } } } } }", 1 + 2 * (1 + 41)),
        ("{ models(first: 2) { nodes { history(first: 3) { nodes { kind } } } } }", 17),
        ("{ changes(first: 3) { changes { kind fields { after } } } }", 100 + 3 * (1 + 2 + 5)),
        ("{ recentChanges { nodes { kind } } }", 100 + 20 * 2),
        ("{ changeCursor }", 1),
        ('{ deletionImpact(id: "a") { models { nodes { name } } } }', 1 + 1 + 20 * 2),
        ("{ models(first: 2) { nodes { dataset { models { totalCount } } } } }", 1 + 2 * 23),
        ('{ nodes(ids: ["a", "b", "c"]) { id __typename } }', 1 + 3 * 2),
        ('{ model(by: { id: "a" }) { lineage(first: 7) { nodes { distance } } } }', 16),
        (
            "{ ...f a: id } fragment f on Query { ...g } fragment g on Query { b: id }",
            2,
        ),
        ("{ ... on Query { ... { __typename } } }", 1),
        ('{ __type(name: "Model") { name kind } }', 1 + 3 * 2),
        ("{ __schema { directives { name } } }", 1 + 3 * (1 + 5)),
        ("{ __typename @include(if: true) @skip(if: false) }", 3),
        ("query @a { ...f @b ... @c { __typename } } fragment f on Query @d { __typename }", 6),
        ('mutation { deleteArtifact(id: "a") { deletedId } }', 20 + 1),
        (
            "mutation { registerArtifacts(inputs: [{}, {}]) { results { artifact { id } } } }",
            2 * (20 + 1 + 1 + 1),
        ),
        ("{ models(first: -5) { totalCount } }", 2),
        ("{ models(first: null) { totalCount } }", 1 + 20),
        ("{ models(first: 99999999999999999999) { totalCount } }", 1_001),
        ("{ unknown { unknown(first: 7) { unknown } } }", 3),
        ("{ ...unknown }", 0),
        ("{ ...f } fragment f on Query { ...f __typename }", 1),
        ("query A { __typename } query B { __typename }", 0),
        ("{", 0),
    ],
)
async def test_a_field_costs_1_for_each_repetition(
    client: Client, query: str, price: int
) -> None:
    assert await cost(client, query) == price


async def test_sizes_are_read_from_variables(client: Client) -> None:
    query = """
    query ($n: Int! = 4, $ids: [ID!]!) {
      models(first: $n) { totalCount }
      nodes(ids: $ids) { id }
    }
    """

    assert await cost(client, query, ids=["a", "b"]) == (1 + 4) + (1 + 2) + 2
    assert await cost(client, query, ids=[], n=9) == (1 + 9) + (1 + 1)
    assert await cost(client, query, n={"not": "a number"}) == (1 + 1) + (1 + 1) + 1
    optional = (
        "query ($n: Int) { models(first: $n) { totalCount } changes(first: $n) { cursor } }"
    )
    assert await cost(client, optional) == (1 + 20) + (100 + 100)
    assert await cost(client, optional, n=None) == (1 + 20) + (100 + 100)
    assert await cost(client, optional, n=3) == (1 + 3) + (100 + 3)


async def test_common_queries_cost_much_less_than_the_maximum(client: Client) -> None:
    rating = " ".join(f"f{n}: netScore" for n in range(26))
    link = "{ name url license tags }"
    page = f"""
      {{ models(first: 100) {{ nodes {{
          name url rating {{ {rating} }} dataset {link} code {link} baseModel {link}
      }} }} }}
    """
    nested = f"""
      {{ datasets(first: 20) {{ nodes {{
          name models(first: 20) {{ nodes {{ name dataset {link} code {link} }} }}
      }} }} }}
    """
    introspection = get_introspection_query(
        specified_by_url=True,
        directive_is_repeatable=True,
        schema_description=True,
        input_value_deprecation=True,
    )

    costs = [await cost(client, query) for query in (page, nested, introspection)]

    assert costs == [4_501, 4_861, pytest.approx(30_000, rel=0.05)]


async def test_nested_values_of_variables_are_counted(
    client: Client,
) -> None:
    query = "query ($a: Int, $b: [Int], $c: Unknown) { __typename }"

    assert await cost(client, query, a=1, b=None, c="text") == 1
    assert await cost(client, query, b=[1, 2, 3]) == 1 + 3
    assert await cost(client, query, c={"d": [{"e": 1}, [], [[7]]], "f": {}}) == 1 + 8


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
