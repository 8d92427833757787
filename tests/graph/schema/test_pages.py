"""Pages of lists: cursors, sort orders and sizes."""

import pytest

from tests.graph.clients import Client, dataset, model
from tests.graph.schema.model_pages import PAGE, URL, register_models

pytestmark = pytest.mark.anyio

INVALID_CURSOR = (
    "INVALID_CURSOR",
    "Invalid cursor for this query; pass a cursor that it returned before.",
)


async def read_all_pages(client: Client, **variables: object) -> list[list[str]]:
    """Return the names of every page."""
    pages, after = [], None
    while True:
        page = (await client.data(PAGE, **variables, after=after))["models"]
        pages.append([edge["node"]["name"] for edge in page["edges"]])
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            return pages


async def test_page_info_and_cursors_describe_the_page(client: Client) -> None:
    await register_models(client, "b", "A", "c")

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


async def test_empty_list_is_one_empty_page(client: Client) -> None:
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


async def test_pages_of_every_order_return_each_model_once(client: Client) -> None:
    await register_models(client, "d", "a", "c", "b", "A")

    by_name = await read_all_pages(client, first=2)
    newest = {"field": "CREATED_AT", "direction": "DESC"}
    by_age = await read_all_pages(client, first=2, order=newest)
    descending = await read_all_pages(client, first=3, order={"direction": "DESC"})

    assert by_name == [["a", "A"], ["b", "c"], ["d"]]
    assert by_age == [["A", "b"], ["c", "a"], ["d"]]
    assert descending == [["d", "c", "b"], ["A", "a"]]


@pytest.mark.parametrize("first", [0, -1, 101])
async def test_page_size_out_of_range_is_rejected(client: Client, first: int) -> None:
    assert await client.error(PAGE, first=first) == (
        "BAD_USER_INPUT",
        f"`first` must be between 1 and 100, not {first}.",
    )


@pytest.mark.parametrize("after", ["", "garbage", "AAAAAAAAAAAA", "☃", "=", "a" * 5_000])
async def test_invalid_cursor_is_rejected(client: Client, after: str) -> None:
    assert await client.error(PAGE, after=after) == INVALID_CURSOR


@pytest.mark.parametrize(
    "other",
    [
        {"order": {"direction": "DESC"}},
        {"order": {"field": "CREATED_AT"}},
        {"filter": {"tag": "x"}},
        {"filter": {"name": {"startsWith": "a"}}},
    ],
)
async def test_cursor_of_another_query_is_rejected(
    client: Client, other: dict[str, object]
) -> None:
    await register_models(client, "a", "b")
    cursor = (await client.data(PAGE, first=1))["models"]["pageInfo"]["endCursor"]

    error = await client.error(PAGE, after=cursor, **other)

    assert error == INVALID_CURSOR


async def test_cursor_of_the_models_of_another_artifact_is_rejected(client: Client) -> None:
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

    same_list = await client.data(query, id=books, after=edges[0]["cursor"])
    error = await client.error(query, id=papers, after=edges[0]["cursor"])

    assert same_list["dataset"]["models"]["edges"] == []
    assert error == INVALID_CURSOR
