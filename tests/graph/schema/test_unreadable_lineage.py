"""Lineages that lead to artifacts whose stored form cannot be read are not complete."""

from pathlib import Path

import pytest

from tests.graph.clients import Client
from tests.graph.recording_store import RecordingStore
from tests.graph.schema.lineages import read_nodes, register_family
from tests.graph.schema.test_unreadable_artifacts import SECRET, corrupt, get_error_paths

pytestmark = pytest.mark.anyio

QUERY = """
query ($from: ID!, $to: ID!) {
  artifact(id: $to) {
    ... on Model {
      provenance {
        complete
        allResolved
        artifactCount
        references { targetName }
        resolved: references(states: [RESOLVED, RETARGETED, LOST, UNRESOLVED]) { targetName }
      }
    }
  }
  lineagePaths(from: $from, to: $to) { paths { artifacts { name } } complete }
}
"""


@pytest.mark.parametrize(
    ("root", "direction", "unreadable", "names", "complete"),
    [
        ("e", "UPSTREAM", "d", "caz", False),
        ("z", "DOWNSTREAM", "d", "ace", False),
        ("b", "BOTH", "d", "", False),
        ("c", "UPSTREAM", "d", "az", True),
        ("c", "DOWNSTREAM", "d", "e", True),
    ],
)
async def test_a_lineage_without_an_unreadable_artifact_is_not_complete(
    client: Client,
    tmp_path: Path,
    *,
    root: str,
    direction: str,
    unreadable: str,
    names: str,
    complete: bool,
) -> None:
    ids = await register_family(client)
    corrupt(tmp_path, ids[unreadable])

    nodes, is_complete = await read_nodes(client, ids[root], direction)

    assert ["".join(name for name, *_ in nodes), is_complete] == [names, complete]


async def test_provenance_and_paths_without_an_unreadable_artifact_are_not_complete(
    client: Client, tmp_path: Path
) -> None:
    ids = await register_family(client)
    corrupt(tmp_path, ids["d"])

    data = await client.data(QUERY, **{"from": ids["a"], "to": ids["e"]})

    assert data["artifact"]["provenance"] == {
        "complete": False,
        "allResolved": False,
        "artifactCount": 3,
        "references": [{"targetName": name} for name in "cdaz"],
        "resolved": [{"targetName": name} for name in "caz"],
    }
    path = {"artifacts": [{"name": name} for name in "ace"]}
    assert data["lineagePaths"] == {"paths": [path], "complete": False}


async def test_paths_of_an_unreadable_artifact_are_an_error(
    client: Client, tmp_path: Path
) -> None:
    ids = await register_family(client)
    corrupt(tmp_path, ids["a"])

    content = await client.send(QUERY, **{"from": ids["a"], "to": ids["b"]})

    assert content["data"]["lineagePaths"] is None
    assert get_error_paths(content) == [["lineagePaths"]]


async def test_an_unreadable_rating_is_an_error_of_the_lowest_score(
    client: Client, recorded: RecordingStore
) -> None:
    ids = await register_family(client)
    recorded.update(ids["a"], None, {"rating": f'{{"net_score": "{SECRET}"}}'})

    content = await client.send(
        "query ($id: ID!) { artifact(id: $id) { ... on Model { provenance { complete"
        " lowestNetScore } } } }",
        id=ids["d"],
    )

    summary = {"complete": True, "lowestNetScore": None}
    assert content["data"]["artifact"]["provenance"] == summary
    assert get_error_paths(content) == [["artifact", "provenance", "lowestNetScore"]]
