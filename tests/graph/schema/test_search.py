"""The search of lists, and the orders of lists."""

import pytest

from storage.errors import SearchNotReadyError
from tests.graph.clients import RATING, Client, code, dataset, model
from tests.graph.recording_store import RecordingStore
from tests.graph.schema.model_pages import PAGE, URL, read_names

pytestmark = pytest.mark.anyio

MODELS = (
    model(f"{URL}1", name="Café au lait"),
    model(f"{URL}2", name="lait"),
    model(f"{URL}3", name="Laitue", description="A salad."),
    model(f"{URL}4", name="salad", tags=["Lait", "Ö1"]),
    model("https://dairy.example.org/5", name="milk", description="MILCH, leche;\nlait"),
)


@pytest.mark.parametrize(
    ("search", "expected"),
    [
        ("lait", ["lait", "Laitue", "Café au lait", "milk", "salad"]),
        ("  LAIT ", ["lait", "Laitue", "Café au lait", "milk", "salad"]),
        ("cafe", ["Café au lait"]),
        ("café", ["Café au lait"]),
        ("lait cafe", ["Café au lait"]),
        ("dairy lait", ["milk"]),
        ("o1", ["salad"]),
        ("a", ["Café au lait", "Laitue", "lait", "milk", "salad"]),
        ("absent", []),
        ("lait absent", []),
        ("", ["Café au lait", "lait", "Laitue", "milk", "salad"]),
        (" \t\n", ["Café au lait", "lait", "Laitue", "milk", "salad"]),
        (None, ["Café au lait", "lait", "Laitue", "milk", "salad"]),
        ("milch,\x00leche", ["milk"]),
        ('"lait" OR *', []),
    ],
)
async def test_every_word_must_occur(
    client: Client, search: str | None, expected: list[str]
) -> None:
    await client.register(*MODELS)

    names = await read_names(client, search=search)

    if search == "a":
        assert sorted(names) == sorted(expected)
    else:
        assert names == expected


async def test_all_types_are_searched(client: Client) -> None:
    await client.register(
        model(name="a book"), dataset(name="book"), code(name="bookkeeper"), model(f"{URL}2")
    )
    query = '{ artifacts(search: "book") { nodes { __typename name } totalCount } }'

    assert (await client.data(query))["artifacts"] == {
        "nodes": [
            {"__typename": "Dataset", "name": "book"},
            {"__typename": "Code", "name": "bookkeeper"},
            {"__typename": "Model", "name": "a book"},
        ],
        "totalCount": 3,
    }


async def test_a_search_and_a_filter_must_both_hold(client: Client) -> None:
    await client.register(*MODELS)

    assert await read_names(client, search="lait", filter={"tags": {"isEmpty": False}}) == [
        "salad"
    ]


async def test_a_search_that_is_too_long_is_rejected(client: Client) -> None:
    assert await read_names(client, search="a" * 200) == []
    assert await client.error(PAGE, search="a" * 201) == (
        "BAD_USER_INPUT",
        "`search` must have at most 200 characters, not 201.",
    )
    assert await read_names(client, search="a " * 10) == []
    assert await client.error(PAGE, search="a b " * 5 + "c") == (
        "BAD_USER_INPUT",
        "`search` must have at most 10 words, not 11.",
    )


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (None, ["a", "b", "c", "d"]),
        ({}, ["a", "b", "c", "d"]),
        ({"direction": "DESC"}, ["d", "c", "b", "a"]),
        ({"field": "CREATED_AT"}, ["b", "a", "d", "c"]),
        ({"field": "CREATED_AT", "direction": "DESC"}, ["c", "d", "a", "b"]),
        ({"field": "UPDATED_AT"}, ["b", "d", "c", "a"]),
        ({"field": "UPDATED_AT", "direction": "DESC"}, ["a", "c", "d", "b"]),
        ({"field": "NET_SCORE"}, ["d", "b", "a", "c"]),
        ({"field": "NET_SCORE", "direction": "DESC"}, ["b", "d", "c", "a"]),
        ({"field": "RELEVANCE", "direction": "DESC"}, ["a", "b", "c", "d"]),
    ],
)
async def test_orders(client: Client, order: object, expected: list[str]) -> None:
    ids = [
        *await client.register(model(f"{URL}1", name="b", rating={**RATING, "netScore": 0.9})),
        *await client.register(model(f"{URL}2", name="a")),
        *await client.register(model(f"{URL}3", name="d", rating={**RATING, "netScore": -1})),
        *await client.register(model(f"{URL}4", name="c")),
    ]
    update = """
    mutation ($id: ID!) {
      updateModel(id: $id, input: { license: "MIT" }) { userErrors { code } }
    }
    """
    await client.data(update, id=ids[1])

    assert await read_names(client, order=order) == expected


async def test_scores_are_no_order_of_other_lists(client: Client) -> None:
    query = "{ artifacts(orderBy: { field: NET_SCORE }) { nodes { id } } }"

    assert (await client.error(query))[0] == "GRAPHQL_VALIDATION_FAILED"


@pytest.mark.parametrize("method", ["page", "count", "count_facets"])
async def test_a_listing_says_when_to_repeat_it_while_the_index_is_being_built(
    client: Client, recorded: RecordingStore, method: str
) -> None:
    await client.register(*MODELS)
    recorded.failure, recorded.failing_method = SearchNotReadyError(7), method
    query = "{ models { totalCount facets(by: { field: TAG }) { field } nodes { id } } }"
    path = {"page": [], "count": ["totalCount"], "count_facets": ["facets"]}[method]

    content = await client.send(query)

    (error,) = content["errors"]
    assert error["path"] == ["models", *path]
    assert error["message"] == (
        "The search index is not ready; try again after `retryAfter` seconds."
    )
    assert error["extensions"] == {"code": "SEARCH_NOT_READY", "retryAfter": 7}
    found = await client.data('{ model(by: { name: "milk" }) { name } }')
    assert found == {"model": {"name": "milk"}}
