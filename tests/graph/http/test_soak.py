"""A load test with 64 connections; `SOAK_SECONDS` sets its duration."""

import asyncio
import os
import time
from collections import Counter
from itertools import count
from pathlib import Path

import httpx
import pytest

from tests.graph.server_process import Start, await_ready, free_port

pytestmark = [pytest.mark.slow, pytest.mark.serial]

SECONDS = float(os.environ.get("SOAK_SECONDS", "9"))  # noqa: TID251 - for this test alone
CONNECTIONS = 64
WRITE = """
mutation ($url: URL!) {
  registerModel(input: { url: $url, name: "soaked" }, onConflict: UPDATE) { model { id } }
}
"""
READ = """
{
  models { nodes { name rating { netScore } dataset { name } code { url } baseModel { name } }}
  dataset(by: { name: "bookcorpus" }) { models { totalCount nodes { name } } }
}
"""
LINEAGE = """
{
  model(by: { name: "distilbert/distilbert-base-uncased" }) {
    lineage(direction: UPSTREAM, depth: 3) {
      nodes { upstreamDistance artifact { name } }
      edges { upstreamId }
    }
  }
}
"""
SCHEMA = "{ __schema { types { name fields { name type { name } } } } }"
QUERIES = (READ, LINEAGE, READ, WRITE, READ, LINEAGE, SCHEMA, "{" * 1_000)


class Soak:
    """Sends requests, and counts the statuses, error codes and seconds of the responses."""

    def __init__(self, port: int) -> None:
        self.statuses = Counter[int]()
        self.codes = Counter[str]()
        self.seconds: list[float] = []
        self._url = f"http://127.0.0.1:{port}/graphql"

    async def run(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        await asyncio.gather(*(self._send_requests(first, end) for first in range(CONNECTIONS)))

    async def _send_requests(self, first: int, end: float) -> None:
        async with httpx.AsyncClient(timeout=60) as http:
            for n in count(first):
                if time.monotonic() > end:
                    return
                variables = {"url": f"https://example.org/{n % 500}"}
                start = time.monotonic()
                answer = await http.post(
                    self._url,
                    json={"query": QUERIES[n % len(QUERIES)], "variables": variables},
                )
                self.seconds.append(time.monotonic() - start)
                self.statuses[answer.status_code] += 1
                errors = answer.json().get("errors", ())
                self.codes.update(error["extensions"]["code"] for error in errors)


def resident_megabytes(process: int) -> float:
    status = Path(f"/proc/{process}/status").read_text()
    (line,) = (line for line in status.splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) / 1024


@pytest.mark.parametrize("max_requests", ["128", "8"], ids=["below limit", "above limit"])
def test_the_server_neither_fails_nor_leaks_memory_under_load(
    start: Start, tmp_path: Path, max_requests: str
) -> None:
    port, log = free_port(), tmp_path / "log"
    server = start("--port", str(port), "--sample", log=log, MAX_REQUESTS=max_requests)
    await_ready(port)
    asyncio.run(Soak(port).run(SECONDS / 3))
    before = resident_megabytes(server.pid)

    soak = Soak(port)
    asyncio.run(soak.run(SECONDS))

    grown = resident_megabytes(server.pid) - before
    server.terminate()
    server.wait(timeout=30)
    assert soak.statuses.keys() <= {200, 503}
    assert soak.codes.keys() <= {"GRAPHQL_PARSE_FAILED", "UNAVAILABLE"}
    assert soak.statuses[200] > soak.statuses.total() / 10
    assert (soak.statuses[503] > 0) == (max_requests == "8")
    assert sorted(soak.seconds)[len(soak.seconds) * 99 // 100] < 5
    assert grown < 30
    assert "Traceback" not in log.read_text()
