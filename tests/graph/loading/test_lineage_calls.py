"""The number of store calls of a lineage depends on its levels, not on their width."""

import pytest

from tests.graph.clients import Client, dataset, model
from tests.graph.recording_store import RecordingStore
from tests.graph.schema.lineages import (
    read_lineage,
    read_nodes,
    register_family,
    register_layers,
)

pytestmark = pytest.mark.anyio


async def test_each_level_is_one_store_call(client: Client, recorded: RecordingStore) -> None:
    ids = await register_family(client)
    recorded.calls.clear()

    await read_lineage(client, ids["e"], "UPSTREAM")
    upstream = recorded.calls.copy()
    recorded.calls.clear()
    await read_lineage(client, ids["z"], "DOWNSTREAM")

    assert upstream == [("get", 1), ("resolve", 2), ("resolve", 2), ("resolve", 1)]
    assert recorded.calls == [
        ("get", 1),
        ("read_reverse_links", 1),
        ("read_reverse_links", 1),
        ("read_reverse_links", 2),
        ("read_reverse_links", 1),
        ("resolve", 5),
    ]


async def test_each_level_is_one_store_call_whatever_its_width(
    client: Client, recorded: RecordingStore
) -> None:
    layers = await register_layers(client, 4, 30)
    recorded.calls.clear()

    for id_, direction in [(layers[3][0], "UPSTREAM"), (layers[0][0], "DOWNSTREAM")]:
        nodes, is_complete = await read_nodes(client, id_, direction, first=1_000)
        assert [len(nodes), is_complete] == [90, True]

    assert recorded.calls == [
        ("get", 1),
        *[("resolve", 30)] * 3,
        ("get", 1),
        ("read_reverse_links", 1),
        *[("read_reverse_links", 30), ("get", 30)] * 2,
        ("read_reverse_links", 30),
        ("resolve", 90),
    ]


async def test_of_a_wide_level_only_as_many_artifacts_are_read_in_full_as_the_walk_may_take(
    client: Client, recorded: RecordingStore
) -> None:
    """Two models refer to 60 others each, of which each has 20 references."""
    missing = [{"name": f"missing {n}"} for n in range(20)]
    url = "https://example.org/wide"
    wide = [
        id_
        for start in (0, 60)
        for id_ in await client.register(
            *(model(f"{url}/{n}", datasets=missing) for n in range(start, start + 60))
        )
    ]
    *_, top = await client.register(
        *(
            model(f"{url}/part/{n}", baseModels=[{"id": id_} for id_ in wide[n : n + 60]])
            for n in (0, 60)
        ),
        model(f"{url}/top", baseModels=[{"url": f"{url}/part/{n}"} for n in (0, 60)]),
    )
    recorded.calls.clear()

    nodes, is_complete = await read_nodes(client, top, "UPSTREAM", first=50)

    assert [len(nodes), is_complete] == [25, False]
    assert recorded.calls == [
        ("get", 1),
        ("resolve", 2),
        ("resolve", 120),
        ("get", 10),
        ("get", 20),
        ("resolve", 20),
    ]


async def test_the_many_models_of_a_dataset_are_read_once_by_default(
    client: Client, recorded: RecordingStore
) -> None:
    (popular,) = await client.register(dataset("https://example.org/popular"))
    for start in range(0, 120, 60):
        urls = [f"https://example.org/user/{n}" for n in range(start, start + 60)]
        await client.register(*(model(url, datasets=[{"id": popular}]) for url in urls))
    recorded.calls.clear()

    nodes, is_complete = await read_nodes(client, popular, "DOWNSTREAM", first=100)

    assert [len(nodes), is_complete] == [100, False]
    assert recorded.calls == [("get", 1), ("read_reverse_links", 1), ("resolve", 1)]
