"""Listings: pages, cursors, filters and orders."""

from typing import Any

import pytest

from tests.graph.clients import RATING, Client, code, dataset, model

pytestmark = pytest.mark.anyio

PAGE = """
query ($filter: ModelFilter, $order: ArtifactOrder, $first: Int! = 20, $after: String) {
  models(filter: $filter, orderBy: $order, first: $first, after: $after) {
    edges { cursor node { name } }
    nodes { name }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    totalCount
  }
}
"""
URL = "https://example.org/m/"


async def named(client: Client, *names: str) -> None:
    """Register models of these names, in this order."""
    await client.register(*(model(f"{URL}{n}", name=name) for n, name in enumerate(names)))


async def names(client: Client, **variables: object) -> list[str]:
    """The names of a page."""
    page = (await client.data(PAGE, **variables))["models"]
    return [node["name"] for node in page["nodes"]]


async def walk(client: Client, **variables: object) -> list[list[str]]:
    """The names of every page."""
    pages, after = [], None
    while True:
        page = (await client.data(PAGE, **variables, after=after))["models"]
        pages.append([edge["node"]["name"] for edge in page["edges"]])
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            return pages


async def test_pages_tell_where_they_are(client: Client) -> None:
    await named(client, "b", "A", "c")

    first = (await client.data(PAGE, first=2))["models"]
    end = first["pageInfo"]["endCursor"]
    last = (await client.data(PAGE, first=2, after=end))["models"]

    assert [edge["node"] for edge in first["edges"]] == first["nodes"]
    assert first["nodes"] == [{"name": "A"}, {"name": "b"}]
    assert first["pageInfo"] == {
        "hasNextPage": True,
        "hasPreviousPage": False,
        "startCursor": first["edges"][0]["cursor"],
        "endCursor": first["edges"][1]["cursor"],
    }
    assert last["nodes"] == [{"name": "c"}]
    assert last["pageInfo"]["hasNextPage"] is False
    assert last["pageInfo"]["hasPreviousPage"] is True
    assert [first["totalCount"], last["totalCount"]] == [3, 3]


async def test_an_empty_listing_is_a_page(client: Client) -> None:
    assert (await client.data(PAGE))["models"] == {
        "edges": [],
        "nodes": [],
        "pageInfo": {
            "hasNextPage": False,
            "hasPreviousPage": False,
            "startCursor": None,
            "endCursor": None,
        },
        "totalCount": 0,
    }


async def test_every_order_is_walked_without_gap_or_repetition(client: Client) -> None:
    await named(client, "d", "a", "c", "b", "A")

    by_name = await walk(client, first=2)
    newest = {"field": "CREATED_AT", "direction": "DESC"}
    by_age = await walk(client, first=2, order=newest)
    backwards = await walk(client, first=3, order={"direction": "DESC"})

    assert by_name == [["a", "A"], ["b", "c"], ["d"]]
    assert by_age == [["A", "b"], ["c", "a"], ["d"]]
    assert backwards == [["d", "c", "b"], ["A", "a"]]


@pytest.mark.parametrize(
    ("wanted", "found"),
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
async def test_names_are_filtered(
    client: Client, wanted: dict[str, object], found: list[str]
) -> None:
    await named(client, "bert", "roberta", "GPT")

    assert await names(client, filter={"name": wanted}) == found


@pytest.mark.parametrize(
    ("wanted", "found"),
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
async def test_models_are_filtered(client: Client, wanted: Any, found: list[str]) -> None:
    await client.register(
        model(f"{URL}a", name="a", tags=["nlp"], rating=RATING),
        model(f"{URL}b", name="b", tags=["x", "nlp"], license="mit"),
        model(f"{URL}c", name="c"),
    )

    assert await names(client, filter=wanted) == found


@pytest.mark.parametrize(
    ("types", "found"),
    [
        (None, ["code", "dataset", "model"]),
        (["MODEL", "CODE"], ["code", "model"]),
        (["DATASET", "DATASET"], ["dataset"]),
        ([], []),
    ],
)
async def test_artifacts_are_of_the_types_asked_for(
    client: Client, types: list[str] | None, found: list[str]
) -> None:
    await client.register(model(name="model"), dataset(name="dataset"), code(name="code"))
    query = """
    query ($types: [ArtifactType!]) {
      artifacts(filter: { types: $types }) { nodes { name } totalCount }
    }
    """

    data = (await client.data(query, types=types))["artifacts"]

    assert data == {"nodes": [{"name": name} for name in found], "totalCount": len(found)}


async def test_datasets_and_codes_are_listed_unless_their_type_is_filtered_out(
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


@pytest.mark.parametrize("first", [0, -1, 101])
async def test_a_page_size_outside_its_bounds_is_refused(client: Client, first: int) -> None:
    assert await client.error(PAGE, first=first) == (
        "BAD_USER_INPUT",
        f"first: must be 1 to 100, not {first}.",
    )


@pytest.mark.parametrize("after", ["", "garbage", "AAAAAAAAAAAA", "☃", "=", "a" * 5_000])
async def test_a_cursor_that_is_none_is_refused(client: Client, after: str) -> None:
    assert await client.error(PAGE, after=after) == (
        "BAD_USER_INPUT",
        "after: not a cursor of this query; use a cursor of the page before.",
    )


@pytest.mark.parametrize(
    "other",
    [
        {"order": {"direction": "DESC"}},
        {"order": {"field": "CREATED_AT"}},
        {"filter": {"tag": "x"}},
        {"filter": {"name": {"startsWith": "a"}}},
    ],
)
async def test_a_cursor_of_another_query_is_refused(
    client: Client, other: dict[str, object]
) -> None:
    await named(client, "a", "b")
    cursor = (await client.data(PAGE, first=1))["models"]["pageInfo"]["endCursor"]

    error_code, message = await client.error(PAGE, after=cursor, **other)

    assert error_code == "BAD_USER_INPUT"
    assert message.startswith("after: ")


async def test_a_cursor_of_another_artifacts_models_is_refused(client: Client) -> None:
    books, papers, _ = await client.register(
        dataset(),
        dataset(f"{URL}papers", name="papers"),
        model(datasets=[{"name": "books"}, {"name": "papers"}]),
    )
    query = """
    query ($id: ID!, $after: String) {
      dataset(by: { id: $id }) { models(after: $after) { edges { cursor } } }
    }
    """
    edges = (await client.data(query, id=books))["dataset"]["models"]["edges"]

    own = await client.data(query, id=books, after=edges[0]["cursor"])
    error_code, message = await client.error(query, id=papers, after=edges[0]["cursor"])

    assert own["dataset"]["models"]["edges"] == []
    assert (error_code, message[:7]) == ("BAD_USER_INPUT", "after: ")


async def test_a_malformed_pattern_is_refused(client: Client) -> None:
    assert await client.error(PAGE, filter={"name": {"matches": "a(b"}}) == (
        "BAD_USER_INPUT",
        "filter.name.matches: not an RE2 pattern: missing ): a(b.",
    )


async def test_a_pattern_that_would_blow_up_elsewhere_is_fine(client: Client) -> None:
    await named(client, "a" * 500)

    assert await names(client, filter={"name": {"matches": "^(a+)+$b"}}) == []
    assert await names(client, filter={"name": {"matches": "(.?)" * 50}}) == ["a" * 500]
    assert await client.error(PAGE, filter={"name": {"matches": "(a*)*" * 41}}) == (
        "BAD_USER_INPUT",
        "filter.name.matches: must have at most 200 characters.",
    )


async def test_more_than_a_hundred_names_are_refused(client: Client) -> None:
    wanted = {"name": {"in": [str(n) for n in range(101)]}}

    assert await client.error(PAGE, filter=wanted) == (
        "BAD_USER_INPUT",
        "filter.name.in: must be at most 100 names, not 101.",
    )
