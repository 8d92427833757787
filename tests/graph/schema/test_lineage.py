"""Lineage: what is reached, in how many steps, and what was left out."""

from typing import Any

import pytest

from tests.graph.clients import Client, dataset, model
from tests.graph.recording_store import RecordingStore

pytestmark = pytest.mark.anyio

QUERY = """
query ($of: String!, $direction: LineageDirection!, $depth: Int!, $first: Int!) {
  model(by: { name: $of }) {
    lineage(direction: $direction, depth: $depth, first: $first) {
      nodes { distance artifact { name } }
      edges { upstream downstream kind }
      truncated
    }
  }
}
"""


def made_from(name: str, *bases: str, data: str | None = None) -> dict[str, Any]:
    """A model made from others."""
    return model(
        f"https://example.org/m/{name}",
        name=name,
        baseModels=[{"name": base} for base in bases],
        datasets=[{"name": data}] if data else [],
    )


async def lineage(
    client: Client, of: str, direction: str, depth: int = 100, first: int = 100
) -> tuple[list[tuple[str, int]], bool]:
    """The names and distances of a lineage, and whether it was truncated."""
    data = await client.data(QUERY, of=of, direction=direction, depth=depth, first=first)
    found = data["model"]["lineage"]
    nodes = [(node["artifact"]["name"], node["distance"]) for node in found["nodes"]]
    return nodes, found["truncated"]


async def family(client: Client) -> None:
    """Make e from c and d, those from a and b, and a from the dataset z."""
    await client.register(
        dataset("https://example.org/z", name="z"),
        made_from("a", data="z"),
        made_from("b"),
        made_from("c", "a"),
        made_from("d", "a", "b"),
        made_from("e", "c", "d"),
    )


async def test_upstream_goes_to_what_it_was_built_from(client: Client) -> None:
    await family(client)

    assert await lineage(client, "e", "UPSTREAM", depth=1) == ([("c", 1), ("d", 1)], False)
    assert await lineage(client, "e", "UPSTREAM") == (
        [("c", 1), ("d", 1), ("a", 2), ("b", 2), ("z", 3)],
        False,
    )


async def test_downstream_goes_to_what_was_built_from_it(client: Client) -> None:
    await family(client)

    assert await lineage(client, "a", "DOWNSTREAM") == ([("c", 1), ("d", 1), ("e", 2)], False)


async def test_both_ways_is_upstream_and_downstream_but_no_zigzag(client: Client) -> None:
    await family(client)

    assert await lineage(client, "d", "BOTH") == (
        [("a", 1), ("b", 1), ("e", 1), ("z", 2)],
        False,
    )


async def test_a_dataset_has_no_upstream(client: Client) -> None:
    await family(client)
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


async def test_edges_join_what_is_there_each_once(client: Client) -> None:
    await family(client)
    names = {a["id"]: a["name"] for a in await everything(client)}

    data = await client.data(QUERY, of="e", direction="UPSTREAM", depth=2, first=100)

    edges = data["model"]["lineage"]["edges"]
    joined = {(names[edge["upstream"]], names[edge["downstream"]]) for edge in edges}
    assert joined == {("c", "e"), ("d", "e"), ("a", "c"), ("a", "d"), ("b", "d")}
    assert len(edges) == 5
    assert {edge["kind"] for edge in edges} == {"BASE_MODEL"}


async def everything(client: Client) -> list[dict[str, str]]:
    """All artifacts."""
    data = await client.data("{ artifacts(first: 100) { nodes { id name } } }")
    nodes: list[dict[str, str]] = data["artifacts"]["nodes"]
    return nodes


async def test_two_references_to_one_artifact_are_one_edge(client: Client) -> None:
    url = "https://example.org/z"
    both = [{"name": "z"}, {"url": url}]
    await client.register(
        dataset(url, name="z"), model("https://example.org/m/a", name="a", datasets=both)
    )

    data = await client.data(QUERY, of="a", direction="UPSTREAM", depth=1, first=1)

    assert len(data["model"]["lineage"]["edges"]) == 1
    assert data["model"]["lineage"]["truncated"] is False


@pytest.mark.parametrize("direction", ["UPSTREAM", "DOWNSTREAM", "BOTH"])
async def test_a_cycle_is_walked_once(client: Client, direction: str) -> None:
    await client.register(made_from("a", "c"), made_from("b", "a"), made_from("c", "b", "c"))

    nodes, truncated = await lineage(client, "a", direction)

    assert sorted(name for name, _ in nodes) == ["b", "c"]
    assert truncated is False


@pytest.mark.parametrize(
    ("direction", "first", "kept", "truncated"),
    [
        ("UPSTREAM", 4, "cdab", True),
        ("UPSTREAM", 5, "cdabz", False),
        ("UPSTREAM", 1, "c", True),
        ("BOTH", 5, "cdabz", False),
    ],
)
async def test_truncated_tells_whether_something_was_left_out(
    client: Client, direction: str, first: int, kept: str, *, truncated: bool
) -> None:
    await family(client)

    nodes, left_out = await lineage(client, "e", direction, first=first)

    assert ["".join(name for name, _ in nodes), left_out] == [kept, truncated]


async def test_what_is_too_deep_is_not_left_out(client: Client) -> None:
    await family(client)

    assert await lineage(client, "e", "UPSTREAM", depth=2, first=4) == (
        [("c", 1), ("d", 1), ("a", 2), ("b", 2)],
        False,
    )


@pytest.mark.parametrize(("first", "truncated"), [(24, True), (25, False), (26, False)])
async def test_wide_downstream_is_read_to_its_end(
    client: Client, first: int, *, truncated: bool
) -> None:
    await client.register(made_from("a"), *(made_from(f"m{n}", "a", "m0") for n in range(25)))

    nodes, left_out = await lineage(client, "a", "DOWNSTREAM", first=first)

    assert [len(nodes), left_out] == [min(first, 25), truncated]


async def test_a_level_is_one_call_of_the_store(
    client: Client, recorded: RecordingStore
) -> None:
    await family(client)
    recorded.calls.clear()

    await lineage(client, "e", "UPSTREAM")
    upstream = recorded.calls.copy()
    recorded.calls.clear()
    await lineage(client, "a", "DOWNSTREAM")

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
        (0, 1, "depth: must be 1 to 100, not 0."),
        (101, 1, "depth: must be 1 to 100, not 101."),
        (1, 0, "first: must be 1 to 1000, not 0."),
        (1, 1001, "first: must be 1 to 1000, not 1001."),
    ],
)
async def test_depth_and_size_have_bounds(
    client: Client, depth: int, first: int, message: str
) -> None:
    await client.register(made_from("a"))

    error = await client.error(QUERY, of="a", direction="BOTH", depth=depth, first=first)

    assert error == ("BAD_USER_INPUT", message)
