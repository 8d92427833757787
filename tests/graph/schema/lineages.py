"""Registers models that were made from others, and reads their lineage by name."""

from typing import Any

from tests.graph.clients import Client, dataset, model

LINEAGE = """
query ($id: ID!, $direction: LineageDirection!, $depth: Int, $first: Int,
       $kinds: [ReferenceKind!]) {
  artifact(id: $id) {
    lineage(direction: $direction, depth: $depth, first: $first, kinds: $kinds) {
      root { name }
      nodes { artifact { name } upstreamDistance downstreamDistance }
      edges { upstreamId downstreamId kind role }
      complete
    }
  }
}
"""


def model_from(name: str, *bases: str, data: str | None = None) -> dict[str, Any]:
    """Return the input of a model made from others."""
    return model(
        f"https://example.org/m/{name}",
        name=name,
        baseModels=[{"name": base} for base in bases],
        datasets=[{"name": data}] if data else [],
    )


async def register_family(client: Client) -> dict[str, str]:
    """Register e made from c and d, those made from a and b, and a trained on dataset z.

    Return their ids by name.
    """
    ids = await client.register(
        dataset("https://example.org/z", name="z"),
        model_from("a", data="z"),
        model_from("b"),
        model_from("c", "a"),
        model_from("d", "a", "b"),
        model_from("e", "c", "d"),
    )
    return dict(zip("zabcde", ids, strict=True))


async def register_layers(client: Client, layers: int, width: int) -> list[list[str]]:
    """Register layers of models, each made from all models of the layer before it."""
    ids: list[list[str]] = []
    for layer in range(layers):
        bases = [{"id": id_} for id_ in ids[-1]] if ids else []
        url = f"https://example.org/{layer}"
        models = [model(f"{url}/{n}", baseModels=bases) for n in range(width)]
        ids.append(await client.register(*models))
    return ids


async def read_lineage(
    client: Client, id_: str, direction: str, **arguments: object
) -> dict[str, Any]:
    """Return the lineage of an artifact, by default of 100 steps."""
    arguments = {"depth": 100, **arguments}
    data = await client.data(LINEAGE, id=id_, direction=direction, **arguments)
    graph: dict[str, Any] = data["artifact"]["lineage"]
    return graph


async def read_nodes(
    client: Client, id_: str, direction: str, **arguments: object
) -> tuple[list[tuple[str, int | None, int | None]], bool]:
    """Return the names of a lineage with their distances, and whether it is complete."""
    graph = await read_lineage(client, id_, direction, **arguments)
    nodes = [
        (node["artifact"]["name"], node["upstreamDistance"], node["downstreamDistance"])
        for node in graph["nodes"]
    ]
    return nodes, graph["complete"]
