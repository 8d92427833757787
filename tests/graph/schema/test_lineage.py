"""The lineage of artifacts: nodes, distances, edges and truncation."""

from typing import Any

import pytest

from tests.graph.clients import Client, dataset, model
from tests.graph.recording_store import RecordingStore

pytestmark = pytest.mark.anyio

QUERY = """
query ($name: String!, $direction: LineageDirection!, $depth: Int!, $first: Int!) {
  model(by: { name: $name }) {
    lineage(direction: $direction, depth: $depth, first: $first) {
      nodes { distance artifact { name } }
      edges { upstream downstream kind }
      truncated
    }
  }
}
"""


def model_from(name: str, *bases: str, data: str | None = None) -> dict[str, Any]:
    """Return the input of a model made from others."""
    return model(
        f"https://example.org/m/{name}",
        name=name,
        baseModels=[{"name": base} for base in bases],
        datasets=[{"name": data}] if data else [],
    )


async def read_lineage(
    client: Client, name: str, direction: str, depth: int = 100, first: int = 100
) -> tuple[list[tuple[str, int]], bool]:
    """Return the names and distances of a lineage, and whether it was truncated."""
    data = await client.data(QUERY, name=name, direction=direction, depth=depth, first=first)
    graph = data["model"]["lineage"]
    nodes = [(node["artifact"]["name"], node["distance"]) for node in graph["nodes"]]
    return nodes, graph["truncated"]


async def register_family(client: Client) -> None:
    """Register e made from c and d, those made from a and b, and a trained on dataset z."""
    await client.register(
        dataset("https://example.org/z", name="z"),
        model_from("a", data="z"),
        model_from("b"),
        model_from("c", "a"),
        model_from("d", "a", "b"),
        model_from("e", "c", "d"),
    )


async def test_upstream_returns_the_artifacts_a_model_was_built_from(client: Client) -> None:
    await register_family(client)

    assert await read_lineage(client, "e", "UPSTREAM", depth=1) == ([("c", 1), ("d", 1)], False)
    assert await read_lineage(client, "e", "UPSTREAM") == (
        [("c", 1), ("d", 1), ("a", 2), ("b", 2), ("z", 3)],
        False,
    )


async def test_downstream_returns_the_models_built_from_an_artifact(client: Client) -> None:
    await register_family(client)

    assert await read_lineage(client, "a", "DOWNSTREAM") == (
        [("c", 1), ("d", 1), ("e", 2)],
        False,
    )


async def test_both_ways_is_upstream_and_downstream_but_no_zigzag(client: Client) -> None:
    await register_family(client)

    assert await read_lineage(client, "d", "BOTH") == (
        [("a", 1), ("b", 1), ("e", 1), ("z", 2)],
        False,
    )


async def test_dataset_has_no_upstream(client: Client) -> None:
    await register_family(client)
    query = """
    {
      dataset(by: { name: "z" }) {
        up: lineage(direction: UPSTREAM) { nodes { distance } edges { kind } truncated }
        lineage(depth: 2) { nodes { artifact { name } } }
      }
    }
    """

    assert (await client.data(query))["dataset"] == {
        "up": {"nodes": [], "edges": [], "truncated": False},
        "lineage": {"nodes": [{"artifact": {"name": name}} for name in "acd"]},
    }


async def test_each_edge_is_returned_once(client: Client) -> None:
    await register_family(client)
    names = {a["id"]: a["name"] for a in await read_all(client)}

    data = await client.data(QUERY, name="e", direction="UPSTREAM", depth=2, first=100)

    edges = data["model"]["lineage"]["edges"]
    linked = {(names[edge["upstream"]], names[edge["downstream"]]) for edge in edges}
    assert linked == {("c", "e"), ("d", "e"), ("a", "c"), ("a", "d"), ("b", "d")}
    assert len(edges) == 5
    assert {edge["kind"] for edge in edges} == {"BASE_MODEL"}


async def read_all(client: Client) -> list[dict[str, str]]:
    """Return all artifacts."""
    data = await client.data("{ artifacts(first: 100) { nodes { id name } } }")
    nodes: list[dict[str, str]] = data["artifacts"]["nodes"]
    return nodes


async def test_two_references_to_one_artifact_are_one_edge(client: Client) -> None:
    url = "https://example.org/z"
    references = [{"name": "z"}, {"url": url}]
    await client.register(
        dataset(url, name="z"), model("https://example.org/m/a", name="a", datasets=references)
    )

    data = await client.data(QUERY, name="a", direction="UPSTREAM", depth=1, first=1)

    assert len(data["model"]["lineage"]["edges"]) == 1
    assert data["model"]["lineage"]["truncated"] is False


@pytest.mark.parametrize("direction", ["UPSTREAM", "DOWNSTREAM", "BOTH"])
async def test_cycle_is_followed_once(client: Client, direction: str) -> None:
    await client.register(model_from("a", "c"), model_from("b", "a"), model_from("c", "b", "c"))

    nodes, truncated = await read_lineage(client, "a", direction)

    assert sorted(name for name, _ in nodes) == ["b", "c"]
    assert truncated is False


@pytest.mark.parametrize(
    ("direction", "first", "names", "truncated"),
    [
        ("UPSTREAM", 4, "cdab", True),
        ("UPSTREAM", 5, "cdabz", False),
        ("UPSTREAM", 1, "c", True),
        ("BOTH", 5, "cdabz", False),
    ],
)
async def test_truncated_is_true_if_artifacts_were_left_out(
    client: Client, direction: str, first: int, names: str, *, truncated: bool
) -> None:
    await register_family(client)

    nodes, is_truncated = await read_lineage(client, "e", direction, first=first)

    assert ["".join(name for name, _ in nodes), is_truncated] == [names, truncated]


async def test_artifacts_beyond_the_depth_do_not_count_as_truncated(client: Client) -> None:
    await register_family(client)

    assert await read_lineage(client, "e", "UPSTREAM", depth=2, first=4) == (
        [("c", 1), ("d", 1), ("a", 2), ("b", 2)],
        False,
    )


@pytest.mark.parametrize(("first", "truncated"), [(24, True), (25, False), (26, False)])
async def test_many_downstream_models_are_read_completely(
    client: Client, first: int, *, truncated: bool
) -> None:
    await client.register(model_from("a"), *(model_from(f"m{n}", "a", "m0") for n in range(25)))

    nodes, is_truncated = await read_lineage(client, "a", "DOWNSTREAM", first=first)

    assert [len(nodes), is_truncated] == [min(first, 25), truncated]


async def test_each_level_is_one_store_call(client: Client, recorded: RecordingStore) -> None:
    await register_family(client)
    recorded.calls.clear()

    await read_lineage(client, "e", "UPSTREAM")
    upstream = recorded.calls.copy()
    recorded.calls.clear()
    await read_lineage(client, "a", "DOWNSTREAM")

    assert upstream == [("resolve", 1), ("resolve", 2), ("resolve", 2), ("resolve", 1)]
    assert recorded.calls == [
        ("resolve", 1),
        ("read_reverse_links", 1),
        ("read_reverse_links", 2),
        ("read_reverse_links", 1),
        ("resolve", 4),
    ]


@pytest.mark.parametrize(
    ("depth", "first", "message"),
    [
        (0, 1, "`depth` must be between 1 and 100, not 0."),
        (101, 1, "`depth` must be between 1 and 100, not 101."),
        (1, 0, "`first` must be between 1 and 1,000, not 0."),
        (1, 1001, "`first` must be between 1 and 1,000, not 1001."),
    ],
)
async def test_depth_and_first_out_of_range_are_rejected(
    client: Client, depth: int, first: int, message: str
) -> None:
    await client.register(model_from("a"))

    error = await client.error(QUERY, name="a", direction="BOTH", depth=depth, first=first)

    assert error == ("BAD_USER_INPUT", message)
