"""Lineages, provenances and paths over random graphs equal plain walks, on all stores."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.settings import Settings
from tests.graph.clients import Client, serving
from tests.graph.loading.lineage_comparison import LineageComparison
from tests.graph.loading.random_lineages import KIND_OF_TYPE, World, worlds
from tests.storage.engines import ENGINES, opened

QUERY = """
query ($root: ID!, $other: ID!, $direction: LineageDirection!, $depth: Int!, $first: Int!,
       $kinds: [ReferenceKind!], $firstPaths: Int!, $maxLength: Int!) {
  artifact(id: $root) {
    lineage(direction: $direction, depth: $depth, first: $first, kinds: $kinds) {
      root { id }
      nodes { artifact { id } upstreamDistance downstreamDistance }
      edges { upstreamId downstreamId kind role }
      complete
      mermaid
    }
    ... on Model {
      provenance(depth: $depth) {
        complete allResolved artifactCount lowestNetScore
        references { state model { id } kind role artifact { id } }
        licenses { license artifacts { id } }
      }
    }
  }
  lineagePaths(from: $other, to: $root, maxLength: $maxLength, first: $firstPaths) {
    paths { artifacts { id } edges { upstreamId downstreamId kind role } }
    complete
  }
}
"""
UPDATE = """
mutation ($id: ID!, $input: UpdateModelInput!) {
  updateModel(id: $id, input: $input) { userErrors { message } }
}
"""
DELETE = "mutation ($id: ID!) { deleteArtifact(id: $id) { deletedId } }"
FIELDS = {"BASE_MODEL": "baseModels", "DATASET": "datasets", "CODE": "codes"}
NUMBERS = count()


@dataclass(frozen=True)
class Server:
    """A server, and what runs its requests."""

    client: Client
    runner: asyncio.Runner


@pytest.fixture(scope="module", params=ENGINES)
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ACCESS_KEY_ID", "test")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "test")
        path: Path = tmp_path_factory.mktemp("lineages") / "registry.db"
        with opened(request.param, path) as store, asyncio.Runner() as runner:
            http = serving(store, Settings())
            yield Server(Client(runner.run(http.__aenter__())), runner)
            runner.run(http.__aexit__(None, None, None))


@st.composite
def questions(draw: st.DrawFn) -> tuple[World, dict[str, Any]]:
    """Draw artifacts, and the arguments of a query about two of them."""
    world = draw(worlds().filter(lambda world: world.alive))
    return world, {
        "root": draw(st.sampled_from(world.alive)),
        "other": draw(st.sampled_from(world.alive)),
        "direction": draw(st.sampled_from(["UPSTREAM", "DOWNSTREAM", "BOTH"])),
        "depth": draw(st.sampled_from([1, 2, 3, 100])),
        "first": draw(st.sampled_from([1, 2, 4, 100])),
        "kinds": draw(st.none() | st.lists(st.sampled_from([*FIELDS]), unique=True)),
        "maxLength": draw(st.sampled_from([1, 2, 3, 20])),
        "firstPaths": draw(st.sampled_from([1, 3, 100])),
    }


@settings(max_examples=20)
@given(question=questions())
def test_walks_over_random_graphs_equal_plain_walks(
    server: Server, question: tuple[World, dict[str, Any]]
) -> None:
    world, arguments = question
    server.runner.run(_compare(server.client, world, arguments))


async def _compare(client: Client, world: World, arguments: dict[str, Any]) -> None:
    ids = await _register(client, world)
    ends = {name: ids[arguments[name]] for name in ("root", "other")}
    data = await client.data(QUERY, **arguments | ends)
    comparison = LineageComparison(world, world.links(), ids, arguments)
    comparison.check_lineage(data["artifact"]["lineage"])
    if "provenance" in data["artifact"]:
        comparison.check_provenance(data["artifact"]["provenance"])
    comparison.check_paths(data["lineagePaths"])


async def _register(client: Client, world: World) -> dict[int, str]:
    """Register a world's artifacts, and return their ids by number."""
    space, ids = next(NUMBERS), dict[int, str]()
    for is_late in (False, True):
        group = [n for n, a in enumerate(world.artifacts) if a.is_late == is_late]
        inputs = [_describe(world, space, number) for number in group]
        ids |= dict(zip(group, await client.register(*inputs), strict=True))
        if not is_late:
            for number in group:
                if world.artifacts[number].references:
                    input_ = _list_references(world, space, number, ids)
                    errors = await client.data(UPDATE, id=ids[number], input=input_)
                    assert errors == {"updateModel": {"userErrors": []}}
    for number, artifact in enumerate(world.artifacts):
        if artifact.is_deleted:
            await client.data(DELETE, id=ids[number])
    return ids


def _describe(world: World, space: int, number: int) -> dict[str, Any]:
    """Return the input of an artifact, without its references."""
    artifact = world.artifacts[number]
    fields = {
        "url": f"https://example.org/{space}/{number}",
        "name": f"{space} {artifact.name}",
        "license": artifact.license,
    }
    rating = {} if artifact.score is None else {"rating": {"netScore": artifact.score}}
    return {artifact.type: fields | rating}


def _list_references(
    world: World, space: int, number: int, ids: dict[int, str]
) -> dict[str, list[dict[str, Any]]]:
    """Return the references of a model as the fields of an update."""
    fields: dict[str, list[dict[str, Any]]] = {field: [] for field in FIELDS.values()}
    for reference in world.artifacts[number].references:
        asked = world.artifacts[reference.target]
        values = {
            "id": ids.get(reference.target, f"missing-{reference.target}"),
            "url": f"https://example.org/{space}/{reference.target}",
            "name": f"{space} {asked.name.upper()}",
        }
        fields[FIELDS[KIND_OF_TYPE[asked.type]]].append(
            {reference.by: values[reference.by], "role": reference.role}
        )
    return fields
