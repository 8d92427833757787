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
        ("{ models { nodes { name } } }", 100 + 20 * 2),
        ("{ models(first: 3) { nodes { name } } }", 100 + 3 * 2),
        ("{ models(last: 3) { nodes { name } } }", 100 + 3 * 2),
        ("{ models(first: null, last: 4) { nodes { name } } }", 100 + 4 * 2),
        ("{ models(first: 2) { nodes { datasets { name } } } }", 100 + 2 * (1 + 1 + 90)),
        (
            "{ models(first: 2) { nodes { datasets(first: 3) { name } } } }",
            100 + 2 * (1 + 1 + 3),
        ),
        ("{ models(first: 2) { nodes { references { kind } } } }", 100 + 2 * (1 + 1 + 5)),
        ("{ models(first: 2) { nodes { history { nodes { kind } } } } }", 100 + 2 * (1 + 41)),
        ("{ models(first: 2) { nodes { history(first: 3) { nodes { kind } } } } }", 116),
        ("{ changes(first: 3) { changes { kind fields { after } } } }", 500 + 3 * (1 + 2 + 5)),
        ("{ recentChanges { nodes { kind } } }", 500 + 20 * 2),
        ("{ changeCursor }", 1),
        (
            """{ lineagePaths(from: "a", to: "b", first: 3) {
              complete paths { edges { kind } }
            } }""",
            10_000 + 1 + 3 * (1 + 1 + 10),
        ),
        ('{ deletionImpact(id: "a") { models { nodes { name } } } }', 1 + 1 + 20 * 2),
        ("{ models(first: 2) { nodes { dataset { models { totalCount } } } } }", 100 + 2 * 23),
        ('{ nodes(ids: ["a", "b", "c"]) { id __typename } }', 1 + 3 * 2),
        (
            '{ model(by: { id: "a" }) { lineage(first: 7) { nodes { artifact { id } } } } }',
            1 + 50 + 7 * 5 + 7 * 3,
        ),
        (
            """{ model(by: { id: "a" }) {
              lineage(direction: BOTH, first: 7) { complete root { id } mermaid edges { kind } }
            } }""",
            1 + 50 + 7 * 10 + 3 + 7 + 7 * 3 * 2,
        ),
        (
            """{ model(by: { id: "a" }) { provenance {
              complete references { kind } licenses { license artifacts { id } }
            } } }""",
            1 + 50 + 100 * 10 + 1 + 100 * 10 * 2 + 100 * 4,
        ),
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
        ("{ models(first: -5) { nodes { id } } }", 100 + 2),
        ("{ models(first: null) { nodes { id } } }", 100 + 20 * 2),
        ("{ models(first: 99999999999999999999) { nodes { id } } }", 100 + 1_000 * 2),
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
      models(first: $n) { __typename }
      nodes(ids: $ids) { id }
    }
    """

    assert await cost(client, query, ids=["a", "b"]) == (100 + 4) + (1 + 2) + 2
    assert await cost(client, query, ids=[], n=9) == (100 + 9) + (1 + 1)
    assert await cost(client, query, n={"not": "a number"}) == (100 + 1) + (1 + 1) + 1
    optional = (
        "query ($n: Int) { models(first: $n) { __typename } changes(first: $n) { cursor } }"
    )
    assert await cost(client, optional) == (100 + 20) + (500 + 100)
    assert await cost(client, optional, n=None) == (100 + 20) + (500 + 100)
    assert await cost(client, optional, n=3) == (100 + 3) + (500 + 3)


PAGE, FILTER, COUNT, SEARCH, SCAN = 100, 400, 800, 1_000, 5_000


@pytest.mark.parametrize(
    ("arguments", "selections", "price"),
    [
        ("", "totalCount", PAGE + COUNT + 1),
        ("", "totalCount again: totalCount", PAGE + COUNT + 2),
        ("", "facets(by: []) { field }", PAGE + 1),
        ("", "facets(by: { field: TAG }) { field }", PAGE + COUNT + 1 + 20),
        (
            "",
            "facets(by: [{ field: TAG, first: 3 }, { field: TYPE }]) { values { count } }",
            PAGE + 2 * COUNT + 1 + 23 * 2,
        ),
        ('search: "bert"', "", PAGE + SEARCH),
        ('search: " "', "", PAGE),
        ("search: null, filter: null", "", PAGE),
        ('search: "bert v2"', "", PAGE + SCAN),
        ('search: "e\u0301e\u0301"', "", PAGE + SCAN),
        ('search: "bert"', "totalCount", PAGE + 2 * SEARCH + COUNT + 1),
        (
            'search: "bert"',
            "totalCount facets(by: [{ field: TAG }, { field: TYPE }]) { field }",
            PAGE + 2 * SEARCH + COUNT + 2 * (COUNT + SEARCH // 4) + 2 + 40,
        ),
        (
            'filter: { name: { is: "a", startsWith: "a" }, tags: { any: ["a"] } }',
            "",
            PAGE + FILTER,
        ),
        ('filter: { name: { contains: "a" } }', "", PAGE + FILTER + SCAN),
        ('filter: { name: { contains: "a", matches: "b" } }', "", PAGE + FILTER + 2 * SCAN),
        ("filter: { references: { states: LOST } }", "", PAGE + FILTER + SCAN),
        (
            "filter: { references: [{ kind: CODE }, { states: [LOST] }] }",
            "",
            PAGE + FILTER + SCAN,
        ),
        ("filter: { references: [{ kind: CODE }] }", "", PAGE + FILTER),
        ("filter: { types: null }", "", PAGE),
        ('filter: [{ name: 7 }], search: { a: "b" }', "", PAGE),
    ],
)
async def test_listings_cost_what_the_store_does(
    client: Client, arguments: str, selections: str, price: int
) -> None:
    given = f"({arguments})" if arguments else ""
    query = f"{{ models{given} {{ pageInfo {{ __typename }} {selections} }} }}"

    assert await cost(client, query) == price + 20 * 2


async def test_what_a_listing_costs_follows_the_variables(client: Client) -> None:
    query = """
    query (
      $search: String, $text: String, $filter: ModelFilter, $by: [FacetInput!]! = { field: TAG }
    ) {
      models(search: $search, filter: { name: { contains: $text } }, first: 1) {
        facets(by: $by) { field }
      }
      other: models(filter: $filter, first: 1) { __typename }
    }
    """
    plain = await cost(client, query)

    assert plain == PAGE + COUNT + 2 * FILTER + FILTER // 4 + 1 + 20 + PAGE + 1
    assert await cost(client, query, search="bert") == plain + 2 * SEARCH + SEARCH // 4
    assert await cost(client, query, text="a") == plain + 2 * SCAN + SCAN // 4
    without_facets = plain - COUNT - FILTER - FILTER // 4 - 20
    assert await cost(client, query, by=[]) == without_facets
    filter_ = {"name": {"matches": "a"}}
    assert await cost(client, query, filter=filter_) == plain + FILTER + SCAN + 2
    assert await cost(client, query, filter="none", search=7, by=7) == without_facets
    assert await cost(client, query) == plain


async def test_a_catalogue_page_costs_less_than_a_quarter_of_the_maximum(
    client: Client,
) -> None:
    link = "{ id name url }"
    query = f"""
      query ($search: String) {{
        models(search: $search) {{
          nodes {{
            id name description license tags updatedAt rating {{ netScore }}
            dataset {link} code {link} baseModel {link}
          }}
          totalCount
          facets(by: [{{ field: TAG }}, {{ field: LICENSE }}]) {{
            field values {{ value count }}
          }}
          pageInfo {{ hasNextPage endCursor }}
        }}
      }}
    """

    assert await cost(client, query, search="bert large") < MAXIMUM / 4


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

    assert costs == [4_600, 4_960, pytest.approx(34_500, rel=0.05)]


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
