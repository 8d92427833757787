"""The number of store calls of a lineage depends on its levels, not on their width."""

import pytest

from tests.graph.clients import Client
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
        *[("read_reverse_links", 30)] * 3,
        ("resolve", 90),
    ]
