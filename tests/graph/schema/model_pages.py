"""The query for a page of models, and what tests read with it."""

from typing import Any

from tests.graph.clients import Client, model

PAGE = """
query (
  $filter: ModelFilter, $search: String, $order: ModelOrder
  $first: Int, $after: String, $last: Int, $before: String
) {
  models(
    filter: $filter, search: $search, orderBy: $order
    first: $first, after: $after, last: $last, before: $before
  ) {
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


async def read_page(client: Client, **variables: object) -> dict[str, Any]:
    """Return a page."""
    page: dict[str, Any] = (await client.data(PAGE, **variables))["models"]
    return page


async def read_names(client: Client, **variables: object) -> list[str]:
    """Return the names of a page."""
    return [node["name"] for node in (await read_page(client, **variables))["nodes"]]
