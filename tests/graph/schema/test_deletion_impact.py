"""The impact of a deletion: the models that link to the artifact, and its successor."""

import pytest

from tests.graph.clients import BERT, BOOKS, TRAINER, Client, code, dataset, model
from tests.graph.schema.history_queries import DELETE

pytestmark = pytest.mark.anyio

OTHER = "https://example.org/datasets/other"
IMPACT = """
query ($id: ID!, $first: Int, $after: String) {
  deletionImpact(id: $id) {
    artifact { url }
    models(first: $first, after: $after) {
      totalCount nodes { name } pageInfo { hasNextPage endCursor }
    }
    successor { __typename url }
  }
}
"""


async def test_deletion_impact_has_the_models_that_link_to_the_artifact(
    client: Client,
) -> None:
    books, trainer, *_ = await client.register(
        dataset(name="books"),
        code(name="trainer"),
        model(f"{BERT}/1", name="one", datasets=[{"name": "books"}]),
        model(f"{BERT}/2", name="two", datasets=[{"url": BOOKS}], codes=[{"url": TRAINER}]),
        model(f"{BERT}/3", name="three", datasets=[{"name": "papers"}]),
    )

    first = (await client.data(IMPACT, id=books, first=1))["deletionImpact"]
    end = first["models"]["pageInfo"]["endCursor"]
    last = (await client.data(IMPACT, id=books, first=1, after=end))["deletionImpact"]
    of_code = (await client.data(IMPACT, id=trainer))["deletionImpact"]

    assert first["artifact"] == {"url": BOOKS}
    assert [first["models"]["totalCount"], first["models"]["nodes"]] == [2, [{"name": "one"}]]
    assert last["models"]["nodes"] == [{"name": "two"}]
    assert last["models"]["pageInfo"]["hasNextPage"] is False
    assert [of_code["models"]["totalCount"], of_code["successor"]] == [1, None]


async def test_successor_is_the_namesake_that_would_own_the_name(client: Client) -> None:
    books, other = await client.register(dataset(name="books"), dataset(OTHER, name="Books"))

    owner = (await client.data(IMPACT, id=books))["deletionImpact"]
    namesake = (await client.data(IMPACT, id=other))["deletionImpact"]
    await client.data(DELETE, id=books)
    alone = (await client.data(IMPACT, id=other))["deletionImpact"]

    assert owner["successor"] == {"__typename": "Dataset", "url": OTHER}
    assert [namesake["successor"], alone["successor"]] == [None, None]


@pytest.mark.parametrize("id_", ["gone", "not#an#id", ""])
async def test_deletion_impact_of_an_unknown_id_is_null(client: Client, id_: str) -> None:
    assert await client.data(IMPACT, id=id_) == {"deletionImpact": None}
