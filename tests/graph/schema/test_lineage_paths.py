"""Paths between two artifacts: their order, their links and whether there are others."""

from time import process_time
from typing import Any

import pytest

from tests.graph.clients import Client, code, dataset, model
from tests.graph.recording_store import RecordingStore
from tests.graph.schema.lineages import model_from, register_family, register_layers

pytestmark = pytest.mark.anyio

PATHS = """
query ($from: ID!, $to: ID!, $maxLength: Int, $first: Int) {
  lineagePaths(from: $from, to: $to, maxLength: $maxLength, first: $first) {
    paths { artifacts { id name } edges { upstreamId downstreamId kind role } }
    complete
  }
}
"""


async def read_paths(
    client: Client, start: str, end: str, **arguments: object
) -> tuple[list[str], bool]:
    """Return the names along each path, which must have the links that belong to them."""
    found = (await client.data(PATHS, **{"from": start, "to": end}, **arguments))[
        "lineagePaths"
    ]
    return [_join_names(path) for path in found["paths"]], found["complete"]


def _join_names(path: dict[str, Any]) -> str:
    ids = [artifact["id"] for artifact in path["artifacts"]]
    assert [edge["upstreamId"] for edge in path["edges"]] == ids[:-1]
    assert [edge["downstreamId"] for edge in path["edges"]] == ids[1:]
    return "".join(artifact["name"] for artifact in path["artifacts"])


async def test_paths_lead_downstream_and_the_shortest_come_first(client: Client) -> None:
    ids = await register_family(client)
    (f,) = await client.register(model_from("f", "e", "a"))

    assert await read_paths(client, ids["z"], f) == (["zaf", "zacef", "zadef"], True)
    assert await read_paths(client, ids["b"], ids["e"]) == (["bde"], True)
    assert await read_paths(client, f, ids["z"]) == ([], True)


async def test_a_path_from_an_artifact_to_itself_has_no_edges(client: Client) -> None:
    a, _ = await client.register(model_from("a", "b", "a"), model_from("b", "a"))

    assert await read_paths(client, a, a) == (["a"], True)


async def test_paths_in_a_cycle_have_no_artifact_twice(client: Client) -> None:
    a, b, c = await client.register(
        model_from("a", "c"), model_from("b", "a", "c", "b"), model_from("c", "b", "a")
    )

    assert await read_paths(client, a, c) == (["ac", "abc"], True)
    assert await read_paths(client, c, b) == (["cb", "cab"], True)


@pytest.mark.parametrize(
    ("arguments", "paths", "complete"),
    [
        ({"first": 1}, ["zaf"], False),
        ({"first": 3}, ["zaf", "zacef", "zadef"], True),
        ({"maxLength": 1}, [], True),
        ({"maxLength": 2}, ["zaf"], True),
        ({"maxLength": 3, "first": 1}, ["zaf"], True),
        ({"maxLength": None, "first": None}, ["zaf", "zacef", "zadef"], True),
    ],
)
async def test_complete_tells_whether_there_are_others_within_the_length(
    client: Client, arguments: dict[str, int], paths: list[str], *, complete: bool
) -> None:
    ids = await register_family(client)
    (f,) = await client.register(model_from("f", "e", "a"))

    assert await read_paths(client, ids["z"], f, **arguments) == (paths, complete)


async def test_of_parallel_links_a_path_has_that_of_the_first_reference(client: Client) -> None:
    z, a = await client.register(
        dataset("https://example.org/z", name="z"),
        model(
            datasets=[
                {"name": "missing", "role": "PRETRAINED_ON"},
                {"name": "Z", "role": "TRAINED_ON"},
                {"url": "https://example.org/z"},
            ]
        ),
    )

    found = (await client.data(PATHS, **{"from": z, "to": a}))["lineagePaths"]

    (path,) = found["paths"]
    link = {"upstreamId": z, "downstreamId": a, "kind": "DATASET", "role": "TRAINED_ON"}
    assert path["edges"] == [link]


async def test_paths_are_null_if_an_artifact_does_not_exist(client: Client) -> None:
    (books,) = await client.register(dataset())

    for ids in [(books, "unknown"), ("unknown", books), ("no id!", books)]:
        data = await client.data(PATHS, **dict(zip(("from", "to"), ids, strict=True)))
        assert data == {"lineagePaths": None}


@pytest.mark.parametrize(
    ("max_length", "first", "message"),
    [
        (0, 1, "`maxLength` must be between 1 and 20, not 0."),
        (21, 1, "`maxLength` must be between 1 and 20, not 21."),
        (1, 0, "`first` must be between 1 and 100, not 0."),
        (1, 101, "`first` must be between 1 and 100, not 101."),
    ],
)
async def test_arguments_out_of_range_are_rejected(
    client: Client, max_length: int, first: int, message: str
) -> None:
    error = await client.error(
        PATHS, **{"from": "a", "to": "b"}, maxLength=max_length, first=first
    )

    assert error == ("BAD_USER_INPUT", message)


async def test_each_level_is_one_store_call(client: Client, recorded: RecordingStore) -> None:
    layers = await register_layers(client, 4, 30)
    recorded.calls.clear()

    paths, is_complete = await read_paths(client, layers[0][0], layers[3][0], first=2)

    assert [len(paths), is_complete] == [2, False]
    assert recorded.calls == [("get", 2), *[("resolve", 30)] * 3]


async def test_the_first_of_very_many_paths_are_found_quickly(client: Client) -> None:
    layers = await register_layers(client, 10, 30)
    start, end = layers[0][0], layers[9][0]

    began = process_time()
    data = await client.data(PATHS, **{"from": start, "to": end}, maxLength=20)
    assert process_time() - began < 1

    found = data["lineagePaths"]
    ids = [[artifact["id"] for artifact in path["artifacts"]] for path in found["paths"]]
    first = [start, *(min(layer) for layer in layers[1:9]), end]
    last_steps = sorted(layers[8])[:10]
    assert ids == [[*first[:8], step, end] for step in last_steps]
    assert found["complete"] is False


async def test_what_is_upstream_of_the_first_artifact_is_not_read(
    client: Client, recorded: RecordingStore
) -> None:
    ids = await register_family(client)
    recorded.calls.clear()

    assert await read_paths(client, ids["c"], ids["e"]) == (["ce"], True)
    assert recorded.calls == [("get", 2), ("resolve", 2), ("resolve", 2), ("resolve", 1)]


@pytest.mark.parametrize(
    ("max_length", "paths", "downstream_calls"),
    [(3, [], 1), (4, ["abcde"], 2), (5, ["abcde"], 3)],
)
async def test_paths_are_found_downstream_where_there_is_too_much_upstream(
    client: Client,
    recorded: RecordingStore,
    max_length: int,
    paths: list[str],
    downstream_calls: int,
) -> None:
    """Two steps upstream of e are models with more than 10,000 references together."""
    missing = [{"name": f"missing {n}"} for n in range(90)]
    url = "https://example.org/"
    crowd = [model(f"{url}crowd/{n}", datasets=missing) for n in range(115)]
    wide = [id_ for at in (0, 40, 80) for id_ in await client.register(*crowd[at : at + 40])]
    await client.register(
        *(
            model(f"{url}wide/{n}", name=f"w{n}", baseModels=[{"id": id_} for id_ in part])
            for n, part in enumerate((wide[:60], wide[60:]))
        )
    )
    a, *_, e = await client.register(
        code(f"{url}a", name="a"),
        model(f"{url}b", name="b", codes=[{"name": "a"}]),
        model_from("c", "b"),
        model_from("d", "c"),
        model_from("e", "d", "w0", "w1"),
    )
    recorded.calls.clear()

    assert await read_paths(client, a, e, maxLength=max_length) == (paths, True)
    methods = [method for method, _ in recorded.calls]
    assert methods[:5] == ["get", "resolve", "resolve", "get", "get"]
    assert methods[5:][:downstream_calls] == ["read_reverse_links"] * downstream_calls
    assert "read_reverse_links" not in methods[5 + downstream_calls :]
