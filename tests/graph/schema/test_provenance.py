"""The provenance of models: what is upstream, and whether that is everything."""

from typing import Any

import pytest

from tests.graph.clients import RATING, Client, code, dataset, model
from tests.graph.recording_store import RecordingStore
from tests.graph.schema.lineages import model_from, register_family, register_layers

pytestmark = pytest.mark.anyio

PROVENANCE = """
query ($id: ID!, $depth: Int, $first: Int, $states: [ReferenceState!]) {
  artifact(id: $id) {
    ... on Model {
      provenance(depth: $depth, first: $first) {
        complete
        allResolved
        artifactCount
        references(states: $states) { model { name } targetName state artifact { name } }
        licenses { license artifacts { name } }
        lowestNetScore
      }
    }
  }
}
"""

SUMMARY = """
query ($id: ID!, $depth: Int, $first: Int) {
  artifact(id: $id) {
    ... on Model { provenance(depth: $depth, first: $first) { complete artifactCount } }
  }
}
"""


async def read_provenance(client: Client, id_: str, **arguments: object) -> dict[str, Any]:
    """Return the provenance of a model, with references as (model, target, state)."""
    data = await client.data(PROVENANCE, id=id_, **arguments)
    summary: dict[str, Any] = data["artifact"]["provenance"]
    for reference in summary["references"]:
        found = reference.pop("artifact")
        assert (found is not None) == (reference["state"] in ("RESOLVED", "RETARGETED"))
    summary["references"] = [
        (r["model"]["name"], r["targetName"], r["state"]) for r in summary["references"]
    ]
    summary["licenses"] = [
        (use["license"], "".join(artifact["name"] for artifact in use["artifacts"]))
        for use in summary["licenses"]
    ]
    return summary


async def test_everything_upstream_is_summed_up(client: Client) -> None:
    ids = await register_family(client)

    assert await read_provenance(client, ids["d"]) == {
        "complete": True,
        "allResolved": True,
        "artifactCount": 3,
        "references": [
            ("d", "a", "RESOLVED"),
            ("d", "b", "RESOLVED"),
            ("a", "z", "RESOLVED"),
        ],
        "licenses": [(None, "abz")],
        "lowestNetScore": None,
    }


async def test_a_model_without_references_has_an_empty_provenance(client: Client) -> None:
    (a,) = await client.register(model(name="a", license="MIT", rating=RATING))

    assert await read_provenance(client, a) == {
        "complete": True,
        "allResolved": True,
        "artifactCount": 0,
        "references": [],
        "licenses": [],
        "lowestNetScore": None,
    }


async def test_a_model_in_a_cycle_does_not_count_itself(client: Client) -> None:
    a, b = await client.register(model_from("a", "b", "a"), model_from("b", "a"))

    for id_ in (a, b):
        summary = await read_provenance(client, id_)
        assert [summary["complete"], summary["artifactCount"]] == [True, 1]


@pytest.mark.parametrize(
    ("arguments", "count", "complete"),
    [
        ({"depth": 1}, 2, False),
        ({"depth": 2}, 4, False),
        ({"depth": 3}, 5, True),
        ({"first": 4}, 4, False),
        ({"first": 5}, 5, True),
        ({"depth": None, "first": None}, 5, True),
    ],
)
async def test_a_provenance_is_complete_only_if_nothing_was_left_out(
    client: Client, arguments: dict[str, int], count: int, *, complete: bool
) -> None:
    ids = await register_family(client)

    summary = await read_provenance(client, ids["e"], **arguments)

    assert summary["artifactCount"] == count
    assert [summary["complete"], summary["allResolved"]] == [complete, complete]


async def test_all_resolved_is_true_only_if_every_reference_is(client: Client) -> None:
    ids = await register_family(client)
    (f,) = await client.register(model_from("f", "e", "missing"))

    summary = await read_provenance(client, f)

    assert [summary["complete"], summary["allResolved"]] == [True, False]
    assert ("f", "missing", "UNRESOLVED") in summary["references"]
    chosen = await read_provenance(client, f, states=["UNRESOLVED", "LOST"])
    assert chosen["references"] == [("f", "missing", "UNRESOLVED")]
    assert (await read_provenance(client, f, states=[]))["references"] == []

    await client.data(
        "mutation ($id: ID!) { deleteArtifact(id: $id) { deletedId } }", id=ids["z"]
    )
    summary = await read_provenance(client, f, states=["LOST"])
    assert [summary["references"], summary["complete"]] == [[("a", "z", "LOST")], True]

    await client.register(dataset("https://example.org/other", name="Z"))
    summary = await read_provenance(client, ids["d"])
    assert summary["references"][-1] == ("a", "z", "RETARGETED")
    assert [summary["complete"], summary["allResolved"]] == [True, False]


async def test_licenses_that_differ_in_case_are_one(client: Client) -> None:
    *_, top = await client.register(
        dataset("https://example.org/d", name="d", license="mit"),
        dataset("https://example.org/f", name="f", license="Apache-2.0"),
        code("https://example.org/c", name="c", license="MIT"),
        code("https://example.org/e", name="e"),
        model(
            "https://example.org/b",
            name="b",
            license="MIT",
            datasets=[{"name": "f"}, {"name": "d"}],
        ),
        model(
            name="top",
            license="Proprietary",
            codes=[{"name": "e"}, {"name": "c"}],
            baseModels=[{"name": "b"}],
        ),
    )

    assert (await read_provenance(client, top))["licenses"] == [
        ("MIT", "cbd"),
        (None, "e"),
        ("Apache-2.0", "f"),
    ]


async def test_the_lowest_score_is_that_of_the_rated_models_upstream(client: Client) -> None:
    a, b, c, _ = await client.register(
        model("https://example.org/a", name="a", rating={"netScore": 0.75}),
        model("https://example.org/b", rating={"netScore": 0.5}, baseModels=[{"name": "a"}]),
        model("https://example.org/c", rating={"netScore": 0.25}, baseModels=[{"name": "b"}]),
        model("https://example.org/x", name="unrated"),
    )

    scores = [(await read_provenance(client, id_))["lowestNetScore"] for id_ in (a, b, c)]
    assert scores == [None, 0.75, 0.5]


async def test_each_level_is_one_store_call(client: Client, recorded: RecordingStore) -> None:
    layers = await register_layers(client, 4, 30)
    recorded.calls.clear()

    for depth, calls in [(20, 3), (3, 3), (2, 3), (1, 2)]:
        data = await client.data(SUMMARY, id=layers[3][0], depth=depth, first=1000)
        assert data["artifact"]["provenance"] == {
            "complete": depth >= 3,
            "artifactCount": 30 * min(depth, 3),
        }
        assert recorded.calls == [("get", 1), *[("resolve", 30)] * calls]
        recorded.calls.clear()


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

    error = await client.error(SUMMARY, id=a, depth=depth, first=first)

    assert error == ("BAD_USER_INPUT", message)
