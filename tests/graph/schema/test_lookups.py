"""Finding single artifacts, by id, url and name."""

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


async def test_an_artifact_is_found_by_id_whatever_its_type(client: Client) -> None:
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


async def test_nodes_keep_the_order_of_the_ids_and_their_gaps(
    client: Client, recorded: RecordingStore
) -> None:
    bert, books = await client.register(model(), dataset())
    ids = [books, "gone", bert, "im#possible", books]
    recorded.calls.clear()

    data = await client.data("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=ids)

    assert data["nodes"] == [{"id": books}, None, {"id": bert}, None, {"id": books}]
    assert recorded.calls == [("get", 3)]


async def test_more_than_a_hundred_ids_are_refused(client: Client) -> None:
    query = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }"

    assert len((await client.data(query, ids=["x"] * 100))["nodes"]) == 100
    assert await client.error(query, ids=["x"] * 101) == (
        "BAD_USER_INPUT",
        "ids: must be at most 100, not 101.",
    )


async def test_each_type_is_found_by_url(client: Client) -> None:
    await client.register(model(), dataset(), code())

    assert await client.data(BY, by={"url": BERT}) == {
        "model": {"url": BERT},
        "dataset": None,
        "code": None,
    }
    assert (await client.data(BY, by={"url": BOOKS}))["dataset"] == {"url": BOOKS}
    assert (await client.data(BY, by={"url": TRAINER}))["code"] == {"url": TRAINER}
    assert (await client.data(BY, by={"url": TRAINER + "/"}))["code"] is None


async def test_a_name_is_found_whatever_its_case(client: Client) -> None:
    await client.register(dataset(name=" Stra\u00dfe "))

    found = await client.data(BY, by={"name": "STRASSE"})

    assert found == {"model": None, "dataset": {"url": BOOKS}, "code": None}


@pytest.mark.parametrize("name", ["", " \t", "*"])
async def test_a_name_that_nothing_bears_finds_nothing(client: Client, name: str) -> None:
    await client.register(dataset())

    assert await client.data(BY, by={"name": name}) == {
        "model": None,
        "dataset": None,
        "code": None,
    }


async def test_the_id_of_another_type_finds_nothing(client: Client) -> None:
    (books,) = await client.register(dataset())

    assert await client.data(BY, by={"id": books}) == {
        "model": None,
        "dataset": {"url": BOOKS},
        "code": None,
    }


async def test_an_id_that_cannot_be_one_does_not_reach_the_store(
    client: Client, recorded: RecordingStore
) -> None:
    data = await client.data(BY, by={"id": "name#model#bert"})

    assert data == {"model": None, "dataset": None, "code": None}
    assert recorded.calls == []


async def test_whether_a_url_is_taken_depends_on_the_type(client: Client) -> None:
    await client.register(dataset())
    query = """
    query ($url: URL!) {
      dataset: artifactExists(type: DATASET, url: $url)
      model: artifactExists(type: MODEL, url: $url)
    }
    """

    assert await client.data(query, url=BOOKS) == {"dataset": True, "model": False}
    assert await client.data(query, url=BOOKS.upper()) == {"dataset": False, "model": False}


@pytest.mark.parametrize("url", ["", "bert", "/models/bert", "https://", "https://a b/"])
async def test_a_url_that_is_none_is_refused(client: Client, url: str) -> None:
    wanted = ("BAD_USER_INPUT", "url must be an absolute url with a scheme and a host.")

    exists = "query ($url: URL!) { artifactExists(type: MODEL, url: $url) }"
    assert await client.error(exists, url=url) == wanted
    by = "query ($by: ArtifactBy!) { model(by: $by) { id } }"
    assert await client.error(by, by={"url": url}) == wanted


@pytest.mark.parametrize("by", [{}, {"id": "a", "name": "b"}, {"id": None}, {"ids": "a"}])
async def test_a_lookup_is_by_exactly_one_thing(client: Client, by: dict[str, object]) -> None:
    code_, _ = await client.error("query ($by: ArtifactBy!) { model(by: $by) { id } }", by=by)

    assert code_ == "BAD_USER_INPUT"
