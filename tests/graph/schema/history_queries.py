"""The mutations, queries and errors of the tests of changes."""

from tests.graph.clients import Client

UPDATE_DATASET = """
mutation ($id: ID!, $input: UpdateDatasetInput!) {
  updateDataset(id: $id, input: $input) { outcome userErrors { message } }
}
"""
UPDATE_MODEL = """
mutation ($id: ID!, $input: UpdateModelInput!) {
  updateModel(id: $id, input: $input) { outcome userErrors { message } }
}
"""
RATE = """
mutation ($id: ID!, $rating: ModelRatingInput!) {
  rateModel(id: $id, rating: $rating) { outcome userErrors { message } }
}
"""
DELETE = "mutation ($id: ID!) { deleteArtifact(id: $id) { deletedId userErrors { message } } }"
RESTORE = """
mutation ($id: ID!) { restoreArtifact(id: $id) { artifact { version } userErrors { message } } }
"""
HISTORY = """
query ($id: ID!, $first: Int, $after: String) {
  artifact(id: $id) {
    history(first: $first, after: $after) {
      edges { cursor node { version } }
      nodes { version kind }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }
}
"""
FEED = """
query ($after: String, $first: Int, $filter: ChangeFilter) {
  changes(after: $after, first: $first, filter: $filter) {
    changes { artifactId version kind }
    cursor
    hasMore
  }
}
"""
RECENT = """
query ($first: Int, $after: String, $filter: ChangeFilter) {
  recentChanges(first: $first, after: $after, filter: $filter) {
    edges { cursor node { version } }
    nodes { artifactId version kind }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}
"""
EMPTY_PAGE = {
    "hasNextPage": False,
    "hasPreviousPage": False,
    "startCursor": None,
    "endCursor": None,
}
"""The PageInfo of a list without items."""
INVALID_CURSOR = (
    "INVALID_CURSOR",
    "Invalid cursor for this query; pass a cursor that it returned before.",
)
CURSOR_EXPIRED = (
    "CURSOR_EXPIRED",
    "The changes after this cursor are no longer kept: continue from a new `changeCursor`.",
)


async def read_cursor(client: Client) -> str:
    """Return where the feed is now."""
    cursor: str = (await client.data("{ changeCursor }"))["changeCursor"]
    return cursor
