"""The links of models, in whatever order the artifacts are registered and changed."""

import pytest

from tests.graph.clients import BERT, BOOKS, TRAINER, Client, code, dataset, model

pytestmark = pytest.mark.anyio

LINKS = """
query ($url: URL!) {
  model(by: { url: $url }) {
    dataset { url }
    code { url }
    baseModel { url }
    datasets { url }
    codes { url }
    baseModels { url }
    references { kind targetId targetUrl targetName artifact { __typename url } }
  }
}
"""
OTHER = "https://example.org/datasets/other"


async def read_links(client: Client, url: str = BERT) -> dict[str, object]:
    """Return the links of a model, without its references."""
    links = (await client.data(LINKS, url=url))["model"]
    del links["references"]
    return dict(links)


LINKED = {
    "dataset": {"url": BOOKS},
    "code": {"url": TRAINER},
    "baseModel": None,
    "datasets": [{"url": BOOKS}],
    "codes": [{"url": TRAINER}],
    "baseModels": [],
}


async def test_model_registered_last_is_linked_by_name(client: Client) -> None:
    await client.register(dataset(name="Books"), code(name="Trainer"))
    await client.register(model(datasets=[{"name": " books "}], codes=[{"name": "TRAINER"}]))

    assert await read_links(client) == LINKED


async def test_model_registered_first_is_linked_by_name(client: Client) -> None:
    await client.register(model(datasets=[{"name": " books "}], codes=[{"name": "TRAINER"}]))
    await client.register(dataset(name="Books"), code(name="Trainer"))

    assert await read_links(client) == LINKED


async def test_model_is_linked_by_url_and_id(client: Client) -> None:
    await client.register(model(datasets=[{"url": BOOKS}]))
    await client.register(dataset())
    (trainer,) = await client.register(code())
    update = """
    mutation ($id: ID!, $code: ID!) {
      updateModel(id: $id, input: { codes: [{ id: $code }] }) { userErrors { message } }
    }
    """
    data = await client.data("query ($u: URL!) { model(by: {url: $u}) { id } }", u=BERT)
    await client.data(update, id=data["model"]["id"], code=trainer)

    assert await read_links(client) == LINKED


async def test_link_is_the_first_reference_that_resolves(client: Client) -> None:
    await client.register(
        dataset(name="books"),
        dataset(OTHER, name="other"),
        model(datasets=[{"name": "nowhere"}, {"name": "other"}, {"name": "books"}]),
    )

    links = await read_links(client)

    assert links["dataset"] == {"url": OTHER}
    assert links["datasets"] == [{"url": OTHER}, {"url": BOOKS}]


async def test_references_are_returned_whether_they_resolve_or_not(client: Client) -> None:
    await client.register(
        model(
            datasets=[{"url": BOOKS}],
            codes=[{"name": " Trainer "}],
            baseModels=[{"id": "gone"}],
        ),
        dataset(),
    )

    references = (await client.data(LINKS, url=BERT))["model"]["references"]

    nulls = {"targetId": None, "targetUrl": None, "targetName": None, "artifact": None}
    books = {"__typename": "Dataset", "url": BOOKS}
    assert references == [
        {**nulls, "kind": "DATASET", "targetUrl": BOOKS, "artifact": books},
        {**nulls, "kind": "CODE", "targetName": " Trainer "},
        {**nulls, "kind": "BASE_MODEL", "targetId": "gone"},
    ]


async def test_links_follow_renames_deletions_and_registrations(client: Client) -> None:
    (books,) = await client.register(dataset(name="books"))
    await client.register(model(datasets=[{"name": "books"}]))
    rename = """
    mutation ($id: ID!) {
      updateDataset(id: $id, input: { name: "papers" }) { dataset { name } }
    }
    """
    delete = "mutation ($id: ID!) { deleteArtifact(id: $id) { deletedId } }"

    await client.data(rename, id=books)
    renamed = (await read_links(client))["dataset"]
    (other,) = await client.register(dataset(OTHER, name="BOOKS"))
    taken_over = (await read_links(client))["dataset"]
    await client.data(delete, id=other)
    deleted = (await read_links(client))["dataset"]
    await client.register(dataset(OTHER, name="books"))
    registered_again = (await read_links(client))["dataset"]

    assert [renamed, taken_over, deleted, registered_again] == [
        None,
        {"url": OTHER},
        None,
        {"url": OTHER},
    ]


async def test_name_resolves_to_the_first_dataset_that_has_it_until_it_is_deleted(
    client: Client,
) -> None:
    first, _ = await client.register(dataset(name="books"), dataset(OTHER, name="Books"))
    await client.register(model(datasets=[{"name": "books"}]))

    before = (await read_links(client))["dataset"]
    delete = "mutation ($id: ID!) { deleteArtifact(id: $id) { deletedId } }"
    await client.data(delete, id=first)

    assert [before, (await read_links(client))["dataset"]] == [{"url": BOOKS}, {"url": OTHER}]


async def test_models_of_an_artifact_are_those_that_link_to_it(client: Client) -> None:
    ids = await client.register(
        dataset(name="books"),
        code(name="trainer"),
        model("https://example.org/m/1", datasets=[{"name": "books"}, {"url": BOOKS}]),
        model("https://example.org/m/2", codes=[{"url": TRAINER}]),
        model("https://example.org/m/3", name="three", datasets=[{"name": "else"}]),
        model("https://example.org/m/4", baseModels=[{"name": "three"}]),
    )
    query = """
    query ($books: ID!, $trainer: ID!, $base: ID!) {
      dataset(by: { id: $books }) { models { totalCount nodes { url } } }
      code(by: { id: $trainer }) { models { totalCount nodes { url } } }
      model(by: { id: $base }) { derivedModels { totalCount nodes { url } } }
    }
    """

    data = await client.data(query, books=ids[0], trainer=ids[1], base=ids[4])

    def page(number: int) -> dict[str, object]:
        return {"totalCount": 1, "nodes": [{"url": f"https://example.org/m/{number}"}]}

    assert data["dataset"]["models"] == page(1)
    assert data["code"]["models"] == page(2)
    assert data["model"]["derivedModels"] == page(4)


async def test_pages_of_the_models_of_a_dataset_return_each_model_once(client: Client) -> None:
    await client.register(
        dataset(),
        *(model(f"https://example.org/m/{n}", datasets=[{"url": BOOKS}]) for n in range(5)),
    )
    query = """
    query ($url: URL!, $after: String) {
      dataset(by: { url: $url }) {
        models(first: 2, after: $after) {
          nodes { id }
          pageInfo { hasNextPage hasPreviousPage endCursor }
        }
      }
    }
    """

    pages, after = [], None
    while True:
        page = (await client.data(query, url=BOOKS, after=after))["dataset"]["models"]
        pages.append([node["id"] for node in page["nodes"]])
        assert page["pageInfo"]["hasPreviousPage"] is (after is not None)
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break

    ids = [id_ for page in pages for id_ in page]
    assert [len(page) for page in pages] == [2, 2, 1]
    assert ids == sorted(set(ids))


async def test_read_in_a_mutation_sees_the_write_before_it(client: Client) -> None:
    mutation = """
    mutation ($model: RegisterModelInput!, $dataset: RegisterDatasetInput!) {
      first: registerModel(input: $model) { model { dataset { url } } }
      registerDataset(input: $dataset) { dataset { models { totalCount } } }
      again: registerModel(input: $model, onConflict: UPDATE) { model { dataset { url } } }
    }
    """
    data = await client.data(
        mutation,
        model={"url": BERT, "datasets": [{"url": BOOKS}]},
        dataset={"url": BOOKS},
    )

    assert data == {
        "first": {"model": {"dataset": None}},
        "registerDataset": {"dataset": {"models": {"totalCount": 1}}},
        "again": {"model": {"dataset": {"url": BOOKS}}},
    }
