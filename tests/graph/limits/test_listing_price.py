"""The prices of listings: what the store does to find, sort and count artifacts."""

import pytest

from graph.limits.listing_price import (
    CHARACTER_COST,
    CONDITION_COST,
    COUNT_COST,
    EXCLUSION_COST,
    FACET_SHARE,
    FILTER_COST,
    ITEM_COST,
    LICENSE_COST,
    PAGE_COST,
    PATTERN_COST,
    SCAN_COST,
    SEARCH_COST,
    STATES_COST,
    TARGET_COST,
    VALUE_COST,
)
from tests.graph.clients import Client

pytestmark = pytest.mark.anyio

PAGE = PAGE_COST + ITEM_COST
"""Of a page with one artifact."""


async def cost(client: Client, query: str, /, **variables: object) -> int:
    """Return the price in a response."""
    content = await client.send(query, **variables)
    price: int = content["extensions"]["cost"]["requested"]
    return price


def one_of(*names: str) -> str:
    return "[" + ", ".join(f'"{name}"' for name in names) + "]"


@pytest.mark.parametrize(
    ("selections", "price"),
    [
        ("totalCount", COUNT_COST + 1),
        ("totalCount again: totalCount", COUNT_COST + 2),
        ("facets(by: []) { field }", 1),
        # An argument costs 1 for each value inside it, a facet 1 besides its fields.
        ("facets(by: { field: TAG }) { field }", COUNT_COST + 3 + 1 + 2),
        (
            "facets(by: [{ field: TAG, first: 3 }, { field: TYPE }]) { values { count } }",
            2 * COUNT_COST + 8 + 1 + 2 * 1 + 23 * 1.5,
        ),
    ],
)
async def test_counts_and_facets_cost_what_the_store_does(
    client: Client, selections: str, price: float
) -> None:
    query = f"{{ models(first: 1) {{ {selections} }} }}"

    # The defaults of a facet's input are values, too.
    assert await cost(client, query) == pytest.approx(PAGE + price, abs=4)


@pytest.mark.parametrize(
    ("search", "price"),
    [
        ("bert", SEARCH_COST),
        ("bert large", SEARCH_COST),
        ("bert large cased", SEARCH_COST + 4 * CHARACTER_COST),
        (" ".join(["transformer"] * 10), SEARCH_COST + 100 * CHARACTER_COST),
        ("bert large v2", SCAN_COST + 1 * CHARACTER_COST),
        (" ", 0),
        (None, 0),
        ("bert v2", SCAN_COST),
        ("e\u0301e\u0301", SCAN_COST),
    ],
)
async def test_a_search_costs_more_if_the_index_does_not_have_its_words(
    client: Client, search: str | None, price: int
) -> None:
    query = "query ($search: String) { models(search: $search, first: 1) { __typename COUNT } }"
    plain = query.replace("COUNT", "")
    counted = query.replace("COUNT", "totalCount")

    assert await cost(client, plain, search=search) == PAGE + 1 + price
    assert await cost(client, counted, search=search) == PAGE + 2 + 2 * price + COUNT_COST


@pytest.mark.parametrize(
    ("filter_", "price"),
    [
        ("{}", 0),
        ("{ rated: null }", 0),
        ("{ rated: true }", FILTER_COST),
        ('{ name: { is: "a", startsWith: "a" } }', FILTER_COST),
        ('{ name: { contains: "a" } }', FILTER_COST + SCAN_COST),
        ('{ name: { matches: "a" } }', FILTER_COST + PATTERN_COST),
        (f"{{ name: {{ in: {one_of('a', 'b', 'c')} }} }}", FILTER_COST + 3 * VALUE_COST),
        ('{ name: { in: "a" }, ids: ["a", "b"] }', FILTER_COST + 3 * VALUE_COST),
        ("{ references: { states: LOST } }", FILTER_COST + STATES_COST),
        (
            '{ references: [{ target: { id: "a" } }, { kind: CODE }] }',
            FILTER_COST + TARGET_COST + CONDITION_COST,
        ),
        ('{ license: { in: ["mit", "a"] } }', FILTER_COST + 2 * VALUE_COST),
        (
            '{ license: { in: ["mit or a", "(mit)"] } }',
            FILTER_COST + 2 * (VALUE_COST + LICENSE_COST),
        ),
        (
            f"{{ tags: {{ all: {one_of('a', 'b', 'c')}, any: {one_of('d', 'e')} }} }}",
            FILTER_COST + 2 * CONDITION_COST + 2 * VALUE_COST,
        ),
    ],
)
async def test_conditions_cost_what_the_store_does(
    client: Client, filter_: str, price: int
) -> None:
    query = f"{{ models(first: 1, filter: {filter_}) {{ __typename }} }}"
    values = (
        filter_.replace("tags: { all", "").count(":")
        + filter_.count('", "')
        + filter_.count("}, {")
    )

    assert price <= await cost(client, query) - PAGE - 1 <= price + values + 4


async def test_counting_what_lacks_tags_costs_for_each_tag(client: Client) -> None:
    query = """query ($none: [String!]) {
      models(first: 1, filter: { tags: { none: $none } }) { totalCount }
    }"""

    one, three = [await cost(client, query, none=tags) for tags in (["a"], ["a", "b", "c"])]

    assert three - one == 2 * (EXCLUSION_COST + 2 * VALUE_COST + 1)


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

    expected = 2 * PAGE + COUNT_COST + 2 * FILTER_COST + FILTER_COST / FACET_SHARE
    assert expected < plain < expected + 20
    with_search = 2 * SEARCH_COST + SEARCH_COST // FACET_SHARE
    assert await cost(client, query, search="bert") == plain + with_search
    with_scan = 2 * SCAN_COST + SCAN_COST // FACET_SHARE
    assert await cost(client, query, text="a") == plain + with_scan + 1
    filtered = await cost(client, query, filter={"name": {"matches": "a"}})
    assert filtered == plain + FILTER_COST + PATTERN_COST + 2
    assert await cost(client, query) == plain
