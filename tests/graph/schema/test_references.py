"""The references of models as objects of their own, and the lists of what they resolve to."""

import pytest

from tests.graph.clients import BERT, BOOKS, Client, code, dataset, model

pytestmark = pytest.mark.anyio

REFERENCES = """
query ($id: ID!) {
  node(id: $id) {
    ... on Model {
      references { id kind role revision targetId targetUrl targetName model { id name } }
    }
  }
}
"""


async def read_ids(client: Client, model_id: str) -> list[str]:
    node = (await client.data(REFERENCES, id=model_id))["node"]
    return [reference["id"] for reference in node["references"]]


async def test_reference_says_what_the_model_asked_for(client: Client) -> None:
    (books,) = await client.register(dataset())
    (bert,) = await client.register(
        model(
            name="bert",
            datasets=[{"id": books, "role": "EVALUATED_ON", "revision": "v2"}, {"url": BOOKS}],
            codes=[{"name": " Trainer"}],
        )
    )

    references = (await client.data(REFERENCES, id=bert))["node"]["references"]

    ids = [reference.pop("id") for reference in references]
    assert len(set(ids)) == 3
    nothing = {"role": None, "revision": None}
    targets = dict.fromkeys(("targetId", "targetUrl", "targetName"))
    its_model = {"model": {"id": bert, "name": "bert"}}
    assert references == [
        {
            "kind": "DATASET",
            "role": "EVALUATED_ON",
            "revision": "v2",
            **targets,
            "targetId": books,
            **its_model,
        },
        {"kind": "DATASET", **nothing, **targets, "targetUrl": BOOKS, **its_model},
        {"kind": "CODE", **nothing, **targets, "targetName": " Trainer", **its_model},
    ]


async def test_reference_keeps_its_id_which_no_other_object_has(client: Client) -> None:
    target = {"name": "Books"}
    (books,) = await client.register(dataset(name="books"))
    bert, elmo = await client.register(
        model(datasets=[target, {**target, "role": "TRAINED_ON"}]),
        model("https://example.org/elmo", datasets=[target], codes=[target]),
    )
    before = await read_ids(client, bert)
    mutation = """
    mutation ($id: ID!) {
      updateModel(
        id: $id
        input: { name: "x", datasets: [{ name: " books", revision: "2", role: TRAINED_ON }] }
      ) { outcome }
    }
    """
    await client.data(mutation, id=bert)

    assert await read_ids(client, bert) == before[1:]
    assert len({books, bert, elmo, *before, *await read_ids(client, elmo)}) == 7
    lookup = "query ($id: ID!) { node(id: $id) { id } artifact(id: $id) { id } }"
    assert await client.data(lookup, id=before[0]) == {"node": None, "artifact": None}


async def test_artifact_is_listed_once_however_many_references_resolve_to_it(
    client: Client,
) -> None:
    books, _ = await client.register(dataset(name="books"), dataset(f"{BOOKS}/2", name="web"))
    references = [{"name": "books"}, {"name": "web"}, {"id": books}, {"url": BOOKS}]
    (bert,) = await client.register(model(BERT, datasets=references))
    query = """
    query ($id: ID!, $first: Int) {
      node(id: $id) { ... on Model { datasets(first: $first) { name } all: datasets { name } } }
    }
    """

    one = (await client.data(query, id=bert, first=1))["node"]
    two = (await client.data(query, id=bert, first=None))["node"]

    assert one["datasets"] == [{"name": "books"}]
    assert two["datasets"] == two["all"] == [{"name": "books"}, {"name": "web"}]


@pytest.mark.parametrize("first", [0, -1, 91])
async def test_number_of_links_out_of_range_is_an_error_at_its_field(
    client: Client, first: int
) -> None:
    await client.register(model(name="bert", codes=[{"name": "a"}]), code(name="a"))
    query = """
    query ($first: Int) {
      models { nodes { name codes(first: $first) { name } datasets { name } } }
    }
    """

    answer = await client.send(query, first=first)

    (error,) = answer["errors"]
    assert (error["path"], error["extensions"]["code"]) == (
        ["models", "nodes", 0, "codes"],
        "BAD_USER_INPUT",
    )
    assert error["message"] == f"`first` must be between 1 and 90, not {first}."
    assert answer["data"]["models"]["nodes"] == [
        {"name": "bert", "codes": None, "datasets": []}
    ]
