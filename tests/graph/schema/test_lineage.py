"""The lineage of artifacts: nodes, distances, edges and completeness."""

import pytest

from tests.graph.clients import Client, code, dataset, model
from tests.graph.schema.lineages import (
    LINEAGE,
    model_from,
    read_lineage,
    read_nodes,
    register_family,
)

pytestmark = pytest.mark.anyio


async def test_upstream_returns_the_artifacts_a_model_was_built_from(client: Client) -> None:
    ids = await register_family(client)

    assert await read_nodes(client, ids["e"], "UPSTREAM", depth=1) == (
        [("c", 1, None), ("d", 1, None)],
        True,
    )
    assert await read_nodes(client, ids["e"], "UPSTREAM") == (
        [("c", 1, None), ("d", 1, None), ("a", 2, None), ("b", 2, None), ("z", 3, None)],
        True,
    )


async def test_downstream_returns_the_models_built_from_an_artifact(client: Client) -> None:
    ids = await register_family(client)

    assert await read_nodes(client, ids["z"], "DOWNSTREAM") == (
        [("a", None, 1), ("c", None, 2), ("d", None, 2), ("e", None, 3)],
        True,
    )


async def test_both_ways_is_upstream_and_downstream_but_no_zigzag(client: Client) -> None:
    ids = await register_family(client)

    assert await read_nodes(client, ids["d"], "BOTH") == (
        [("a", 1, None), ("b", 1, None), ("e", None, 1), ("z", 2, None)],
        True,
    )


async def test_artifacts_in_a_cycle_have_both_distances(client: Client) -> None:
    a, *_ = await client.register(
        model_from("a", "c"), model_from("b", "a"), model_from("c", "b", "c")
    )

    assert await read_nodes(client, a, "BOTH") == ([("c", 1, 2), ("b", 2, 1)], True)
    assert await read_nodes(client, a, "UPSTREAM") == (
        [("c", 1, None), ("b", 2, None)],
        True,
    )


async def test_depth_first_and_kinds_have_defaults(client: Client) -> None:
    ids = await register_family(client)
    query = """
    query ($id: ID!) {
      artifact(id: $id) {
        short: lineage(direction: UPSTREAM) { root { id } nodes { upstreamDistance } }
        null: lineage(direction: UPSTREAM, depth: null, first: null, kinds: null) {
          nodes { upstreamDistance }
        }
      }
    }
    """

    nodes = [{"upstreamDistance": 1}] * 2
    assert (await client.data(query, id=ids["e"]))["artifact"] == {
        "short": {"root": {"id": ids["e"]}, "nodes": nodes},
        "null": {"nodes": nodes},
    }


async def test_datasets_have_no_upstream(client: Client) -> None:
    ids = await register_family(client)

    assert await read_lineage(client, ids["z"], "UPSTREAM") == {
        "root": {"name": "z"},
        "nodes": [],
        "edges": [],
        "complete": True,
    }


async def test_edges_are_those_between_the_nodes_and_the_root(client: Client) -> None:
    ids = await register_family(client)
    names = {id_: name for name, id_ in ids.items()}

    graph = await read_lineage(client, ids["e"], "UPSTREAM", depth=2)

    linked = [(names[e["upstreamId"]], names[e["downstreamId"]]) for e in graph["edges"]]
    assert linked == [("c", "e"), ("d", "e"), ("a", "c"), ("a", "d"), ("b", "d")]
    assert {(edge["kind"], edge["role"]) for edge in graph["edges"]} == {("BASE_MODEL", None)}


async def test_edges_are_listed_once_for_each_kind_and_role(client: Client) -> None:
    url = "https://example.org/z"
    trained = {"name": "z", "role": "TRAINED_ON"}
    references = [trained, {"url": url}, {"name": "Z"}, trained | {"role": "EVALUATED_ON"}]
    z, a = await client.register(
        dataset(url, name="z"), model("https://example.org/m/a", datasets=references)
    )

    graph = await read_lineage(client, a, "UPSTREAM", first=1)

    link = {"upstreamId": z, "downstreamId": a, "kind": "DATASET"}
    roles = ["TRAINED_ON", None, "EVALUATED_ON"]
    assert graph["edges"] == [{**link, "role": role} for role in roles]
    assert graph["complete"] is True


@pytest.mark.parametrize(
    ("kinds", "names", "edges"),
    [
        (["DATASET"], [], 0),
        (["CODE"], ["trainer"], 1),
        (["BASE_MODEL"], ["a", "e"], 2),
        (["BASE_MODEL", "DATASET", "DATASET"], ["a", "e", "z"], 3),
        ([], [], 0),
    ],
)
async def test_only_references_of_the_kinds_are_followed(
    client: Client, kinds: list[str], names: list[str], edges: int
) -> None:
    *_, c, _ = await client.register(
        dataset("https://example.org/z", name="z"),
        code(name="trainer"),
        model_from("a", data="z"),
        model("https://example.org/c", codes=[{"name": "trainer"}], baseModels=[{"name": "a"}]),
        model("https://example.org/e", name="e", baseModels=[{"name": "c"}]),
    )

    graph = await read_lineage(client, c, "BOTH", kinds=kinds)

    assert [node["artifact"]["name"] for node in graph["nodes"]] == names
    assert len(graph["edges"]) == edges
    assert graph["complete"] is True


@pytest.mark.parametrize(
    ("direction", "first", "names", "complete"),
    [
        ("UPSTREAM", 4, "cdab", False),
        ("UPSTREAM", 5, "cdabz", True),
        ("UPSTREAM", 1, "c", False),
        ("BOTH", 5, "cdabz", True),
    ],
)
async def test_a_lineage_is_incomplete_if_first_left_out_artifacts(
    client: Client, direction: str, first: int, names: str, *, complete: bool
) -> None:
    ids = await register_family(client)

    nodes, is_complete = await read_nodes(client, ids["e"], direction, first=first)

    assert ["".join(name for name, *_ in nodes), is_complete] == [names, complete]


async def test_first_limits_both_directions_together(client: Client) -> None:
    ids = await register_family(client)

    assert await read_nodes(client, ids["d"], "BOTH", first=3) == (
        [("a", 1, None), ("b", 1, None), ("e", None, 1)],
        False,
    )


async def test_a_lineage_is_complete_without_what_is_beyond_the_depth(client: Client) -> None:
    ids = await register_family(client)

    nodes, is_complete = await read_nodes(client, ids["e"], "UPSTREAM", depth=2, first=4)

    assert ["".join(name for name, *_ in nodes), is_complete] == ["cdab", True]


@pytest.mark.parametrize(("first", "complete"), [(24, False), (25, True), (26, True)])
async def test_many_downstream_models_are_read_completely(
    client: Client, first: int, *, complete: bool
) -> None:
    a, *_ = await client.register(
        model_from("a"), *(model_from(f"m{n}", "a", "m0") for n in range(25))
    )

    nodes, is_complete = await read_nodes(client, a, "DOWNSTREAM", first=first)

    assert [len(nodes), is_complete] == [min(first, 25), complete]


async def test_artifacts_with_more_references_than_allowed_are_left_out(
    client: Client,
) -> None:
    missing = [{"name": f"missing {n}"} for n in range(45)]
    bases = [model(f"https://example.org/{n}", datasets=missing) for n in range(3)]
    ids = await client.register(*bases)
    (top,) = await client.register(model(baseModels=[{"id": id_} for id_ in ids]))

    for first, count, complete in [(3, 2, False), (4, 3, True)]:
        nodes, is_complete = await read_nodes(client, top, "UPSTREAM", first=first)
        assert [len(nodes), is_complete] == [count, complete]


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
    (a,) = await client.register(model_from("a"))

    error = await client.error(LINEAGE, id=a, direction="BOTH", depth=depth, first=first)

    assert error == ("BAD_USER_INPUT", message)
