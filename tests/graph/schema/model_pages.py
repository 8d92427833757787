"""The query for a page of models, and what tests read with it."""

from tests.graph.clients import Client, model

PAGE = """
query ($filter: ModelFilter, $order: ArtifactOrder, $first: Int! = 20, $after: String) {
  models(filter: $filter, orderBy: $order, first: $first, after: $after) {
    edges { cursor node { name } }
    nodes { name }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    totalCount
  }
}
"""
URL = "https://example.org/m/"


async def register_models(client: Client, *names: str) -> None:
    """Register models with these names, in this order."""
    await client.register(*(model(f"{URL}{n}", name=name) for n, name in enumerate(names)))


async def read_names(client: Client, **variables: object) -> list[str]:
    """Return the names of a page."""
    page = (await client.data(PAGE, **variables))["models"]
    return [node["name"] for node in page["nodes"]]
