"""How much a server grows while one client pages through everything it has."""

import orjson

from tests.benchmarks.load import answer
from tests.benchmarks.processes import Server

_PAGE = """query ($after: String) {
  artifacts(first: 100, after: $after) {
    nodes {
      id name url
      ... on Model { rating { netScore } dataset { id name } code { id name } }
    }
    pageInfo { hasNextPage endCursor }
  }
}"""
_MEBIBYTE = 1024 * 1024


async def paged(server: Server) -> dict[str, float]:
    """Page through a server that was just started, and look at its size after every page."""
    await answer(server.port, orjson.dumps({"query": "{ __typename }"}))
    before = most = server.resident_bytes()
    artifacts, after = 0, None
    while True:
        body = orjson.dumps({"query": _PAGE, "variables": {"after": after}})
        page = orjson.loads(await answer(server.port, body))["data"]["artifacts"]
        artifacts += len(page["nodes"])
        most = max(most, server.resident_bytes())
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = page["pageInfo"]["endCursor"]
    return {
        "artifacts": artifacts,
        "before_mb": before / _MEBIBYTE,
        "most_mb": most / _MEBIBYTE,
        "growth_mb": (most - before) / _MEBIBYTE,
    }
