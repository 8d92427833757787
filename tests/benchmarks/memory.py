"""Measures how much a server's memory grows while one client reads all pages."""

import orjson

from tests.benchmarks.load import send_request
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


async def measure_memory(server: Server) -> dict[str, float]:
    """Read all pages of a new server, and its resident size after each."""
    await send_request(server.port, orjson.dumps({"query": "{ __typename }"}))
    before = most = server.resident_bytes()
    artifacts, after = 0, None
    while True:
        body = orjson.dumps({"query": _PAGE, "variables": {"after": after}})
        page = orjson.loads(await send_request(server.port, body))["data"]["artifacts"]
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
