"""An artifact whose stored form cannot be read spoils nothing but itself."""

import logging
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from tests.graph.clients import BERT, BOOKS, RATING, Client, dataset, model
from tests.graph.recording_store import RecordingStore

pytestmark = pytest.mark.anyio

PAPERS = "https://example.org/datasets/papers"
SECRET = "/var/lib/secret"
MESSAGE = "The stored data of this object cannot be read."
LINKS = """
{
  models(first: 5) {
    nodes {
      name
      dataset { url }
      datasets { url }
      references { state artifact { url } originalArtifact { url } targetVersion }
    }
  }
}
"""


def corrupt(path: Path, id_: str) -> None:
    """Replace the time since which an artifact has its name by text that is no time."""
    database = sqlite3.connect(path / "registry.db")
    with database:
        database.execute("UPDATE artifact SET named_at = ? WHERE id = ?", (SECRET, id_))
    database.close()


def get_error_paths(content: dict[str, Any]) -> list[list[str | int]]:
    """Return the paths of a response's errors, all of which must be those of corruption."""
    assert {error["message"] for error in content["errors"]} == {MESSAGE}
    assert {error["extensions"]["code"] for error in content["errors"]} == {"INTERNAL"}
    assert SECRET not in str(content)
    return sorted((error["path"] for error in content["errors"]), key=str)


async def test_lookup_of_an_unreadable_artifact_is_an_error_and_is_logged(
    client: Client, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (books,) = await client.register(dataset())
    corrupt(tmp_path, books)
    query = """
    query ($id: ID!, $url: URL!) {
      artifact(id: $id) { url }
      dataset(by: { url: $url }) { url }
      deletionImpact(id: $id) { artifact { id } }
      artifactExists(type: DATASET, url: $url)
    }
    """

    with caplog.at_level(logging.ERROR):
        content = await client.send(query, id=books, url=BOOKS)

    assert content["data"] == {
        "artifact": None,
        "dataset": None,
        "deletionImpact": None,
        "artifactExists": True,
    }
    assert get_error_paths(content) == [["artifact"], ["dataset"], ["deletionImpact"]]
    request_ids = {error["extensions"]["requestId"] for error in content["errors"]}
    assert all(request_id in caplog.text for request_id in request_ids)
    assert books in caplog.text


async def test_unreadable_node_is_an_error_in_its_place(client: Client, tmp_path: Path) -> None:
    books, bert = await client.register(dataset(), model())
    corrupt(tmp_path, books)

    content = await client.send(
        "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=[bert, books, "gone", bert]
    )

    assert content["data"]["nodes"] == [{"id": bert}, None, None, {"id": bert}]
    assert get_error_paths(content) == [["nodes", 1]]


async def test_unreadable_target_is_an_error_of_the_fields_that_need_it(
    client: Client, tmp_path: Path
) -> None:
    books, *_ = await client.register(
        dataset(),
        dataset(PAPERS),
        model(f"{BERT}/1", name="one", datasets=[{"url": PAPERS}, {"url": BOOKS}]),
        model(f"{BERT}/2", name="two", datasets=[{"url": BOOKS}, {"url": PAPERS}]),
    )
    corrupt(tmp_path, books)

    content = await client.send(LINKS)

    papers = {"url": PAPERS}
    readable = {
        "state": "RESOLVED",
        "artifact": papers,
        "originalArtifact": papers,
        "targetVersion": 1,
    }
    unreadable = {"state": None, "artifact": None, "originalArtifact": None, "targetVersion": 1}
    assert content["data"]["models"]["nodes"] == [
        {
            "name": "one",
            "dataset": papers,
            "datasets": None,
            "references": [readable, unreadable],
        },
        {
            "name": "two",
            "dataset": None,
            "datasets": None,
            "references": [unreadable, readable],
        },
    ]
    fields = ("artifact", "originalArtifact", "state")
    assert get_error_paths(content) == [
        ["models", "nodes", 0, "datasets"],
        *(["models", "nodes", 0, "references", 1, name] for name in fields),
        ["models", "nodes", 1, "dataset"],
        ["models", "nodes", 1, "datasets"],
        *(["models", "nodes", 1, "references", 0, name] for name in fields),
    ]


async def test_change_of_an_unreadable_artifact_is_readable(
    client: Client, tmp_path: Path
) -> None:
    books, bert = await client.register(dataset(), model())
    corrupt(tmp_path, books)

    content = await client.send("{ changes { changes { kind artifact { id } } } }")

    assert content["data"]["changes"]["changes"] == [
        {"kind": "REGISTERED", "artifact": None},
        {"kind": "REGISTERED", "artifact": {"id": bert}},
    ]
    assert get_error_paths(content) == [["changes", "changes", 0, "artifact"]]


async def test_lists_leave_out_unreadable_artifacts(client: Client, tmp_path: Path) -> None:
    _, _, one, _ = await client.register(
        dataset(),
        dataset(PAPERS),
        model(f"{BERT}/1", name="one", datasets=[{"url": BOOKS}]),
        model(f"{BERT}/2", name="two", datasets=[{"url": BOOKS}]),
    )
    corrupt(tmp_path, one)

    data = await client.data("""
      {
        models { nodes { name } }
        datasets { nodes { url models { nodes { name } } } }
      }
    """)

    assert data["models"]["nodes"] == [{"name": "two"}]
    assert data["datasets"]["nodes"] == [
        {"url": BOOKS, "models": {"nodes": [{"name": "two"}]}},
        {"url": PAPERS, "models": {"nodes": []}},
    ]


async def test_lineage_without_an_unreadable_artifact_says_so(
    client: Client, tmp_path: Path
) -> None:
    books, *_ = await client.register(
        dataset(), dataset(PAPERS), model(datasets=[{"url": BOOKS}, {"url": PAPERS}])
    )
    corrupt(tmp_path, books)

    data = await client.data("""
      { models { nodes {
        lineage(direction: UPSTREAM) { nodes { artifact { name } } edges { kind } complete }
      } } }
    """)

    assert data["models"]["nodes"] == [
        {
            "lineage": {
                "nodes": [{"artifact": {"name": "papers"}}],
                "edges": [{"kind": "DATASET"}],
                "complete": False,
            }
        }
    ]


async def test_unreadable_rating_is_an_error_at_its_own_path(
    client: Client, recorded: RecordingStore
) -> None:
    (bert,) = await client.register(model(name="bert", rating=RATING))
    recorded.update(bert, None, {"rating": f'{{"net_score": "{SECRET}"}}'})

    content = await client.send("""
      { models { nodes { name rating { netScore } history { nodes { kind } } } } }
    """)

    kinds = [{"kind": "RATED"}, {"kind": "REGISTERED"}]
    assert content["data"]["models"]["nodes"] == [
        {"name": "bert", "rating": None, "history": {"nodes": kinds}}
    ]
    assert get_error_paths(content) == [["models", "nodes", 0, "rating"]]
