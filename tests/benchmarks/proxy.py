"""A proxy in front of DynamoDB that records every call and its time."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from tests.benchmarks.messages import read_message
from tests.benchmarks.tcp_server import close, run_server

_DELAY_SECONDS = 0.05
"""Delay of every answer, so that concurrent calls certainly overlap."""


@dataclass(frozen=True, slots=True)
class Call:
    """A recorded call: its operation and JSON, its answer, and when it started and ended."""

    operation: str
    body: bytes
    answer: bytes
    started: float
    ended: float


@dataclass(slots=True)
class Proxy:
    """The proxy's port, and the recorded calls in the order of their answers."""

    port: int = 0
    calls: list[Call] = field(default_factory=list)


@asynccontextmanager
async def run_proxy(upstream_port: int) -> AsyncIterator[Proxy]:
    """Run a proxy on a free port of loopback."""
    proxy = Proxy()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        upstream = await asyncio.open_connection("127.0.0.1", upstream_port)
        try:
            while True:
                await _forward(proxy, (reader, writer), upstream)
        finally:
            await close(upstream[1])

    async with run_server(0, serve) as proxy.port:
        yield proxy


def round_trips(calls: Sequence[Call]) -> int:
    """Return the number of calls in the longest chain without overlaps."""
    count, ended = 0, float("-inf")
    for call in sorted(calls, key=lambda call: call.ended):
        if call.started >= ended:
            count, ended = count + 1, call.ended
    return count


_Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def _forward(proxy: Proxy, client: _Connection, upstream: _Connection) -> None:
    request = await read_message(client[0])
    started = time.perf_counter()
    upstream[1].write(request.wire)
    answer = await read_message(upstream[0])
    await asyncio.sleep(_DELAY_SECONDS)
    operation = request.header(b"x-amz-target").decode().rpartition(".")[2]
    ended = time.perf_counter()
    proxy.calls.append(Call(operation, request.content, answer.content, started, ended))
    client[1].write(answer.wire)
