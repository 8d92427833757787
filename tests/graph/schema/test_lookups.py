"""Find single artifacts by id, URL and name."""

import pytest

from tests.graph.clients import BERT, BOOKS, TRAINER, Client, code, dataset, model
from tests.graph.recording_store import RecordingStore

pytestmark = pytest.mark.anyio

BY = """
query ($by: ArtifactBy!) {
  model(by: $by) { url }
  dataset(by: $by) { url }
  code(by: $by) { url }
}
"""


async def test_artifact_of_any_type_is_found_by_id(client: Client) -> None:
    bert, books = await client.register(model(name="bert"), dataset(name="books"))
    query = """
    query ($bert: ID!, $books: ID!) {
      artifact(id: $bert) { __typename type name ... on Model { dataset { name } } }
      node(id: $books) { __typename id ... on Artifact { name } }
      gone: node(id: "gone") { id }
      impossible: artifact(id: "url#model#x") { id }
    }
    """

    assert await client.data(query, bert=bert, books=books) == {
        "artifact": {"__typename": "Model", "type": "MODEL", "name": "bert", "dataset": None},
        "node": {"__typename": "Dataset", "id": books, "name": "books"},
        "gone": None,
        "impossible": None,
    }


async def test_nodes_are_in_the_order_of_the_ids_with_null_for_unknown_ids(
    client: Client, recorded: RecordingStore
) -> None:
    bert, books = await client.register(model(), dataset())
    ids = [books, "gone", bert, "im#possible", books]
    recorded.calls.clear()

    data = await client.data("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=ids)

    assert data["nodes"] == [{"id": books}, None, {"id": bert}, None, {"id": books}]
    assert recorded.calls == [("get", 3)]


async def test_more_than_100_ids_are_rejected(client: Client) -> None:
    query = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }"

    assert len((await client.data(query, ids=["x"] * 100))["nodes"]) == 100
    assert await client.error(query, ids=["x"] * 101) == (
        "BAD_USER_INPUT",
        "`ids` must have at most 100 items, not 101.",
    )


async def test_artifact_is_found_by_url_within_its_type(client: Client) -> None:
    await client.register(model(), dataset(), code())

    assert await client.data(BY, by={"url": BERT}) == {
        "model": {"url": BERT},
        "dataset": None,
        "code": None,
    }
    assert (await client.data(BY, by={"url": BOOKS}))["dataset"] == {"url": BOOKS}
    assert (await client.data(BY, by={"url": TRAINER}))["code"] == {"url": TRAINER}
    assert (await client.data(BY, by={"url": TRAINER + "/"}))["code"] is None


async def test_name_is_found_ignoring_case(client: Client) -> None:
    await client.register(dataset(name=" Stra\u00dfe "))

    found = await client.data(BY, by={"name": "STRASSE"})

    assert found == {"model": None, "dataset": {"url": BOOKS}, "code": None}


@pytest.mark.parametrize("name", ["", " \t", "*"])
async def test_name_that_no_artifact_can_have_finds_nothing(client: Client, name: str) -> None:
    await client.register(dataset())

    assert await client.data(BY, by={"name": name}) == {
        "model": None,
        "dataset": None,
        "code": None,
    }


async def test_id_of_another_type_finds_nothing(client: Client) -> None:
    (books,) = await client.register(dataset())

    assert await client.data(BY, by={"id": books}) == {
        "model": None,
        "dataset": {"url": BOOKS},
        "code": None,
    }


async def test_invalid_id_makes_no_store_call(client: Client, recorded: RecordingStore) -> None:
    data = await client.data(BY, by={"id": "name#model#bert"})

    assert data == {"model": None, "dataset": None, "code": None}
    assert recorded.calls == []


async def test_artifact_exists_compares_type_and_url(client: Client) -> None:
    await client.register(dataset())
    query = """
    query ($url: URL!) {
      dataset: artifactExists(type: DATASET, url: $url)
      model: artifactExists(type: MODEL, url: $url)
    }
    """

    assert await client.data(query, url=BOOKS) == {"dataset": True, "model": False}
    assert await client.data(query, url=BOOKS.upper()) == {"dataset": False, "model": False}


@pytest.mark.parametrize(
    "url",
    ["", "bert", "/models/bert", "https://", "https://a b/", "https://a/" + "b" * 1_991],
)
async def test_invalid_url_is_rejected(client: Client, url: str) -> None:
    message = (
        "`url` must be an absolute URL with a scheme and a host, without whitespace, "
        "of at most 2,000 bytes."
    )
    expected = ("BAD_USER_INPUT", message)

    exists = "query ($url: URL!) { artifactExists(type: MODEL, url: $url) }"
    assert await client.error(exists, url=url) == expected
    by = "query ($by: ArtifactBy!) { model(by: $by) { id } }"
    assert await client.error(by, by={"url": url}) == expected


@pytest.mark.parametrize("by", [{}, {"id": "a", "name": "b"}, {"id": None}, {"ids": "a"}])
async def test_lookup_without_exactly_one_field_is_rejected(
    client: Client, by: dict[str, object]
) -> None:
    query = "query ($by: ArtifactBy!) { model(by: $by) { id } }"
    answer = await client.send(query, by=by)

    assert {error["extensions"]["code"] for error in answer["errors"]} == {"BAD_USER_INPUT"}
