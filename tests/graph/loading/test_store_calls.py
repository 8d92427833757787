"""The number of store calls of a request does not depend on the size of its pages."""

import pytest

from tests.graph.clients import RATING, Client, code, dataset, model
from tests.graph.recording_store import RecordingStore

pytestmark = pytest.mark.anyio

URL = "https://example.org/"


async def register_hundred(client: Client) -> None:
    """Register a hundred models, each with a dataset and code of its own."""
    for create_input in (
        lambda n: dataset(f"{URL}d/{n}", name=f"data {n}"),
        lambda n: code(f"{URL}c/{n}", name=f"code {n}"),
        lambda n: model(
            f"{URL}m/{n}",
            datasets=[{"name": f"DATA {n}"}],
            codes=[{"url": f"{URL}c/{n}"}],
            rating=RATING,
        ),
    ):
        await client.register(*map(create_input, range(100)))


async def test_a_page_with_its_links_is_two_calls(
    client: Client, recorded: RecordingStore
) -> None:
    await register_hundred(client)
    recorded.calls.clear()

    data = await client.data("""
      { models(first: 100) { nodes {
          name rating { netScore } dataset { name url } code { name url }
      } } }
    """)

    nodes = data["models"]["nodes"]
    assert len(nodes) == 100
    assert all(
        [node["dataset"]["url"], node["code"]["url"]]
        == [f"{URL}d/{node['name']}", f"{URL}c/{node['name']}"]
        for node in nodes
    )
    assert recorded.calls == [("page", 100), ("resolve", 200)]


async def test_first_references_that_do_not_resolve_cost_one_more_call(
    client: Client, recorded: RecordingStore
) -> None:
    await client.register(
        dataset(name="there"),
        *(
            model(
                f"{URL}{n}", datasets=[{"name": f"gone {n}"}, {"name": "x"}, {"name": "there"}]
            )
            for n in range(10)
        ),
    )
    recorded.calls.clear()

    data = await client.data("{ models { nodes { dataset { name } } } }")

    assert data["models"]["nodes"] == [{"dataset": {"name": "there"}}] * 10
    assert recorded.calls == [("page", 20), ("resolve", 10), ("resolve", 2)]


async def test_an_artifact_is_read_once_per_request(
    client: Client, recorded: RecordingStore
) -> None:
    await client.register(
        dataset(name="d"), model(f"{URL}m", name="m", datasets=[{"name": "d"}])
    )
    recorded.calls.clear()

    await client.data("""
      { model(by: { name: "M" }) {
          dataset { name } datasets { name } references { artifact { name } }
          lineage(direction: UPSTREAM) { nodes { upstreamDistance } edges { kind } }
      } }
    """)

    assert recorded.calls == [("resolve", 1), ("resolve", 1)]


async def test_models_of_a_page_of_datasets_are_read_in_one_call(
    client: Client, recorded: RecordingStore
) -> None:
    await register_hundred(client)
    recorded.calls.clear()

    data = await client.data("""
      { datasets { nodes { models { totalCount nodes { code { name } } } } } }
    """)

    counts = [node["models"]["totalCount"] for node in data["datasets"]["nodes"]]
    assert counts == [1] * 20
    assert sorted(recorded.calls) == [
        ("count_reverse_links", 20),
        ("page", 20),
        ("read_reverse_links", 20),
        ("resolve", 20),
    ]


async def test_artifacts_are_counted_only_for_total_count(
    client: Client, recorded: RecordingStore
) -> None:
    await client.data("{ models { nodes { name } } }")
    calls_without_count = recorded.calls.copy()
    recorded.calls.clear()
    await client.data("{ models { totalCount } }")

    assert calls_without_count == [("page", 20)]
    assert recorded.calls == [("page", 20), ("count", 1)]


async def test_lookups_of_a_request_are_one_call_per_method(
    client: Client, recorded: RecordingStore
) -> None:
    await client.data("""
      {
        model(by: { name: "a" }) { id }
        dataset(by: { url: "https://example.org/b" }) { id }
        artifactExists(type: CODE, url: "https://example.org/c")
        artifact(id: "d") { id }
        node(id: "e") { id }
      }
    """)

    assert sorted(recorded.calls) == [("get", 2), ("resolve", 3)]


async def test_histories_of_a_page_are_one_call_and_those_of_its_links_another(
    client: Client, recorded: RecordingStore
) -> None:
    await register_hundred(client)
    recorded.calls.clear()

    data = await client.data("""
      { models(first: 100) { nodes {
          url
          history(first: 5) { nodes { version artifact { url } } }
          dataset { history { edges { node { version } } } }
      } } }
    """)

    for node in data["models"]["nodes"]:
        assert node["history"]["nodes"] == [{"version": 1, "artifact": {"url": node["url"]}}]
        assert node["dataset"] == {"history": {"edges": [{"node": {"version": 1}}]}}
    assert recorded.calls[0] == ("page", 100)
    assert sorted(recorded.calls[1:]) == [  # the histories of models do not wait for the links
        ("get", 100),
        ("read_history", 100),
        ("read_history", 100),
        ("resolve", 100),
    ]


async def test_pages_of_one_history_are_one_call(
    client: Client, recorded: RecordingStore
) -> None:
    (books,) = await client.register(dataset())
    recorded.calls.clear()

    await client.data(
        """
        query ($id: ID!) {
          artifact(id: $id) {
            history { nodes { version } }
            again: history(first: 20) { edges { cursor } }
            short: history(first: 1) { pageInfo { hasNextPage } }
          }
        }
        """,
        id=books,
    )

    assert recorded.calls == [("get", 1), ("read_history", 2)]


async def test_artifacts_of_a_page_of_changes_are_one_call(
    client: Client, recorded: RecordingStore
) -> None:
    await register_hundred(client)
    recorded.calls.clear()

    data = await client.data("{ changes(first: 300) { changes { artifact { url } } } }")
    feed_calls = recorded.calls.copy()
    recorded.calls.clear()
    await client.data("{ recentChanges(first: 100) { nodes { artifact { url } } } }")

    urls = [change["artifact"]["url"] for change in data["changes"]["changes"]]
    assert len(set(urls)) == 300
    assert feed_calls == [("read_feed", 300), ("get", 300)]
    assert recorded.calls == [("read_recent_changes", 100), ("get", 100)]
