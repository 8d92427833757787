"""Facets: how often values occur among the artifacts of a list."""

from typing import Any

import pytest

from tests.graph.clients import Client, code, dataset, model
from tests.graph.recording_store import RecordingStore
from tests.graph.schema.model_pages import URL

pytestmark = pytest.mark.anyio

ARTIFACTS = (
    model(f"{URL}1", name="a", tags=["NLP", "x"], license="MIT", properties=[
        {"key": "Framework", "value": "JAX"}]),
    model(f"{URL}2", name="b", tags=["nlp"], license="mit", properties=[
        {"key": "framework", "value": "torch"}]),
    model(f"{URL}3", name="c", tags=["NLP", "y"], license="Apache-2.0", properties=[
        {"key": "framework", "value": "jax"}, {"key": "steps", "value": "1"}]),
    model(f"{URL}4", name="d"),
    dataset(name="e", tags=["x"], license="MIT"),
    code(name="f"),
)  # fmt: skip
FACETS = """
query ($by: [FacetInput!]!, $filter: ArtifactFilter, $search: String) {
  artifacts(filter: $filter, search: $search, first: 1) {
    facets(by: $by) { field key values { value count } }
  }
}
"""


async def read_values(client: Client, facet: dict[str, Any], **variables: Any) -> list[Any]:
    """Return the values of one facet, as pairs of value and count."""
    data = await client.data(FACETS, by=[facet], **variables)
    (found,) = data["artifacts"]["facets"]
    assert found["field"] == facet["field"]
    assert found["key"] == facet.get("key")
    return [(each["value"], each["count"]) for each in found["values"]]


@pytest.mark.parametrize(
    ("facet", "expected"),
    [
        ({"field": "TYPE"}, [("MODEL", 4), ("CODE", 1), ("DATASET", 1)]),
        ({"field": "TAG"}, [("NLP", 3), (None, 2), ("x", 2), ("y", 1)]),
        ({"field": "TAG", "first": 1}, [("NLP", 3)]),
        ({"field": "TAG", "first": None}, [("NLP", 3), (None, 2), ("x", 2), ("y", 1)]),
        ({"field": "LICENSE"}, [("MIT", 3), (None, 2), ("Apache-2.0", 1)]),
        ({"field": "CREATED_BY"}, [(None, 6)]),
        ({"field": "PROPERTY_KEY"}, [("framework", 3), (None, 3), ("steps", 1)]),
        (
            {"field": "PROPERTY_VALUE", "key": "FRAMEWORK"},
            [(None, 3), ("JAX", 2), ("torch", 1)],
        ),
        ({"field": "PROPERTY_VALUE", "key": "absent"}, [(None, 6)]),
    ],
)
async def test_values_are_counted_over_all_pages(
    client: Client, facet: dict[str, Any], expected: list[Any]
) -> None:
    await client.register(*ARTIFACTS)

    assert sorted(await read_values(client, facet), key=repr) == sorted(expected, key=repr)


async def test_the_most_frequent_values_come_first(client: Client) -> None:
    await client.register(*ARTIFACTS)

    counts = [count for _, count in await read_values(client, {"field": "TAG"})]

    assert counts == [3, 2, 2, 1]


async def test_a_filter_on_the_same_field_is_ignored_unless_it_is_wanted(
    client: Client,
) -> None:
    await client.register(*ARTIFACTS)
    filter_ = {"tags": {"any": ["y"]}, "types": ["MODEL"]}

    tags = await read_values(client, {"field": "TAG"}, filter=filter_)
    own = await read_values(client, {"field": "TAG", "ignoreOwnFilter": False}, filter=filter_)
    null = await read_values(client, {"field": "TAG", "ignoreOwnFilter": None}, filter=filter_)
    types = await read_values(client, {"field": "TYPE"}, filter={"types": ["CODE"]})
    none = await read_values(client, {"field": "TYPE"}, filter={"types": []})

    assert dict(tags) == dict(null) == {"NLP": 3, None: 1, "x": 1, "y": 1}
    assert dict(own) == {"NLP": 1, "y": 1}
    assert dict(types) == dict(none) == {"MODEL": 4, "CODE": 1, "DATASET": 1}


async def test_facets_of_a_list_of_one_type_count_that_type_only(client: Client) -> None:
    await client.register(*ARTIFACTS)
    query = """
    {
      datasets(search: "e") {
        totalCount
        facets(by: [{ field: TYPE }, { field: TAG }]) { values { value count } }
      }
    }
    """

    assert (await client.data(query))["datasets"] == {
        "totalCount": 1,
        "facets": [
            {"values": [{"value": "DATASET", "count": 1}]},
            {"values": [{"value": "x", "count": 1}]},
        ],
    }


async def test_facets_count_the_matches_of_the_search(client: Client) -> None:
    await client.register(*ARTIFACTS)

    assert await read_values(client, {"field": "LICENSE"}, search="apache") == []
    assert dict(await read_values(client, {"field": "LICENSE"}, search="NLP")) == {
        "MIT": 2,
        "Apache-2.0": 1,
    }


async def test_several_facets_are_in_the_order_of_the_request(
    client: Client, recorded: RecordingStore
) -> None:
    await client.register(*ARTIFACTS)
    fields = ["LICENSE", "TAG", "LICENSE", "TYPE"]
    recorded.calls.clear()

    data = await client.data(FACETS, by=[{"field": field} for field in fields])
    nothing = await client.data(FACETS, by=[])

    assert [facet["field"] for facet in data["artifacts"]["facets"]] == fields
    assert nothing["artifacts"]["facets"] == []
    assert recorded.calls == [("page", 1), ("count_facets", 3), ("page", 1)]


@pytest.mark.parametrize(
    ("by", "message"),
    [
        ([{"field": "TAG"}] * 11, "`by` must have at most 10 items, not 11."),
        (
            [{"field": "TAG"}, {"field": "PROPERTY_VALUE"}],
            "`by.1.key` must be given for PROPERTY_VALUE.",
        ),
        ([{"field": "TAG", "key": "a"}], "`by.0.key` is only allowed for PROPERTY_VALUE."),
        ([{"field": "TAG", "first": 0}], "`by.0.first` must be between 1 and 100, not 0."),
        ([{"field": "TAG", "first": 101}], "`by.0.first` must be between 1 and 100, not 101."),
    ],
)
async def test_invalid_facets_are_rejected(
    client: Client, by: list[dict[str, Any]], message: str
) -> None:
    assert await client.error(FACETS, by=by) == ("BAD_USER_INPUT", message)
