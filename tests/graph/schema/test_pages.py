"""Pages of lists: cursors and sizes, forward and backward."""

import pytest

from graph.schema.types.pages import decode_cursor, encode_cursor
from tests.graph.clients import Client, dataset, model
from tests.graph.recording_store import RecordingStore
from tests.graph.schema.model_pages import PAGE, URL, read_names, read_page, register_models

pytestmark = pytest.mark.anyio

INVALID_CURSOR = (
    "INVALID_CURSOR",
    "Invalid cursor for this query; pass a cursor that it returned before.",
)


async def read_forward(client: Client, **variables: object) -> list[list[str]]:
    """Return the names of every page, from the first one on."""
    pages, after = [], None
    while True:
        page = await read_page(client, **variables, after=after)
        assert page["pageInfo"]["hasPreviousPage"] is (after is not None)
        pages.append([edge["node"]["name"] for edge in page["edges"]])
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            return pages


async def read_backward(client: Client, **variables: object) -> list[list[str]]:
    """Return the names of every page, from the last one on."""
    pages, before = [], None
    while True:
        page = await read_page(client, **variables, before=before)
        assert page["pageInfo"]["hasNextPage"] is (before is not None)
        pages.append([edge["node"]["name"] for edge in page["edges"]])
        before = page["pageInfo"]["startCursor"]
        if not page["pageInfo"]["hasPreviousPage"]:
            return pages


async def test_page_info_and_cursors_describe_the_page(client: Client) -> None:
    await register_models(client, "b", "A", "c")

    first = await read_page(client, first=2)
    last = await read_page(client, first=2, after=first["pageInfo"]["endCursor"])

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
    assert await read_page(client) == {
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


async def test_pages_are_the_same_in_both_directions(client: Client) -> None:
    await register_models(client, "d", "a", "c", "b", "A")

    assert await read_forward(client, first=2) == [["a", "A"], ["b", "c"], ["d"]]
    assert await read_backward(client, last=2) == [["c", "d"], ["A", "b"], ["a"]]


async def test_a_page_between_two_cursors(client: Client) -> None:
    await register_models(client, "a", "b", "c", "d", "e")
    edges = (await read_page(client))["edges"]
    between = {"after": edges[0]["cursor"], "before": edges[4]["cursor"]}

    first, last = (
        await read_page(client, first=2, **between),
        await read_page(client, last=2, **between),
    )
    nothing = await read_page(client, after=edges[1]["cursor"], before=edges[2]["cursor"])

    assert [node["name"] for node in first["nodes"]] == ["b", "c"]
    assert [node["name"] for node in last["nodes"]] == ["c", "d"]
    for page in (first, last):
        assert page["pageInfo"]["hasNextPage"] is page["pageInfo"]["hasPreviousPage"] is True
    assert [nothing["nodes"], nothing["totalCount"]] == [[], 5]


async def test_first_and_last_have_20_items_by_default_and_100_at_most(client: Client) -> None:
    await client.register(*(model(f"{URL}{n}", name=f"{n:03}") for n in range(100)))
    await client.register(*(model(f"{URL}{n}", name=f"{n:03}") for n in range(100, 120)))

    assert await read_names(client) == [f"{n:03}" for n in range(20)]
    assert await read_names(client, first=None, last=None) == [f"{n:03}" for n in range(20)]
    assert await read_names(client, first=100) == [f"{n:03}" for n in range(100)]
    assert await read_names(client, last=100) == [f"{n:03}" for n in range(20, 120)]


@pytest.mark.parametrize("name", ["first", "last"])
@pytest.mark.parametrize("size", [0, -1, 101])
async def test_page_size_out_of_range_is_rejected(client: Client, name: str, size: int) -> None:
    assert await client.error(PAGE, **{name: size}) == (
        "BAD_USER_INPUT",
        f"`{name}` must be between 1 and 100, not {size}.",
    )


async def test_first_and_last_together_are_rejected(client: Client) -> None:
    assert await client.error(PAGE, first=1, last=1) == (
        "BAD_USER_INPUT",
        "`first` and `last` must not be given together.",
    )


@pytest.mark.parametrize("name", ["after", "before"])
@pytest.mark.parametrize("cursor", ["", "garbage", "AAAAAAAAAAAA", "☃", "=", "a" * 20_000])
async def test_invalid_cursor_is_rejected(client: Client, name: str, cursor: str) -> None:
    assert await client.error(PAGE, **{name: cursor}) == INVALID_CURSOR


@pytest.mark.parametrize(
    "other",
    [
        {"order": {"direction": "DESC"}},
        {"order": {"field": "CREATED_AT"}},
        {"search": "a"},
        {"filter": {"tags": {"any": ["x"]}}},
        {"filter": {"name": {"startsWith": "a"}}},
    ],
)
async def test_cursor_of_another_query_is_rejected(
    client: Client, other: dict[str, object]
) -> None:
    await register_models(client, "a", "b")
    cursor = (await read_page(client, first=1))["pageInfo"]["endCursor"]

    assert await client.error(PAGE, after=cursor, **other) == INVALID_CURSOR
    assert await client.error(PAGE, before=cursor, **other) == INVALID_CURSOR


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"filter": {}}, {"filter": None}),
        (
            {"filter": {"name": {"in": ["A", "b"]}}},
            {"filter": {"name": {"in": ["b ", "a", "A"]}}},
        ),
        ({"filter": {"tags": {"none": []}}}, {"search": " ", "order": {"field": "NAME"}}),
        (
            {"search": "M  "},
            {"search": "m", "order": {"field": "RELEVANCE", "direction": "DESC"}},
        ),
        ({"order": {"field": "RELEVANCE", "direction": "DESC"}}, {}),
        (
            {"filter": {"createdAt": {"from": "2020-01-01T00:00:00Z"}}},
            {"filter": {"createdAt": {"from": "2020-01-01T01:00:00+01:00"}}},
        ),
    ],
)
async def test_cursor_stays_valid_if_the_query_is_written_differently(
    client: Client, first: dict[str, object], second: dict[str, object]
) -> None:
    await register_models(client, "a", "b")
    cursor = (await read_page(client, first=1, **first))["pageInfo"]["endCursor"]

    assert await read_names(client, after=cursor, **second) == ["b"]


async def test_cursor_of_a_list_of_other_types_is_rejected(client: Client) -> None:
    await register_models(client, "a", "b")
    cursor = (await read_page(client, first=1))["pageInfo"]["endCursor"]
    query = """
    query ($after: String) {
      artifacts(filter: { types: [MODEL] }, after: $after) { nodes { name } }
    }
    """

    assert await client.error(query, after=cursor) == INVALID_CURSOR


async def test_cursors_of_longest_names_can_be_passed(client: Client) -> None:
    names = ["\U0001f600" * 511 + end for end in "abc"]
    await register_models(client, *names)

    assert await read_forward(client, first=1) == [[name] for name in names]


def test_cursors_are_the_same_in_every_release() -> None:
    cursor = "N7B5gJBUMORwb3NpdGlvbg"

    assert encode_cursor("scope", "position") == cursor
    assert decode_cursor("scope", cursor) == "position"


async def test_counts_and_facets_are_read_once_and_only_if_selected(
    client: Client, recorded: RecordingStore
) -> None:
    await register_models(client, "a")
    recorded.calls.clear()

    await client.data("{ models { nodes { name } } }")
    assert recorded.calls == [("page", 20)]

    recorded.calls.clear()
    query = """
    {
      models(last: 5) {
        totalCount again: totalCount
        facets(by: [{ field: TAG }, { field: LICENSE }]) { field }
        same: facets(by: { field: TAG }) { values { count } }
      }
    }
    """
    await client.data(query)
    assert recorded.calls[0] == ("page", 5)
    assert sorted(recorded.calls[1:]) == [("count", 1), ("count_facets", 2)]


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
