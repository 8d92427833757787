"""Stands before DynamoDB and notes every call that passes, and when."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from tests.benchmarks.listening import closed, listening
from tests.benchmarks.messages import read_message

_DELAY_SECONDS = 0.05
"""Added to every answer, so that calls sent side by side overlap for certain."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call that passed: its operation and JSON, its answer, and when it was under way."""

    operation: str
    body: bytes
    answer: bytes
    begun: float
    ended: float


@dataclass(slots=True)
class Proxy:
    """A listening proxy, and the calls that passed in the order of their answers."""

    port: int = 0
    calls: list[Call] = field(default_factory=list)


@asynccontextmanager
async def proxy(upstream_port: int) -> AsyncIterator[Proxy]:
    """A proxy on a free port of the loopback."""
    made = Proxy()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        upstream = await asyncio.open_connection("127.0.0.1", upstream_port)
        try:
            while True:
                await _pass_on(made, (reader, writer), upstream)
        finally:
            await closed(upstream[1])

    async with listening(0, serve) as made.port:
        yield made


def round_trips(calls: Sequence[Call]) -> int:
    """The longest chain of calls of which each began when the one before had ended."""
    count, ended = 0, float("-inf")
    for call in sorted(calls, key=lambda call: call.ended):
        if call.begun >= ended:
            count, ended = count + 1, call.ended
    return count


_Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def _pass_on(made: Proxy, client: _Connection, upstream: _Connection) -> None:
    request = await read_message(client[0])
    begun = time.perf_counter()
    upstream[1].write(request.wire)
    answer = await read_message(upstream[0])
    await asyncio.sleep(_DELAY_SECONDS)
    operation = request.header(b"x-amz-target").decode().rpartition(".")[2]
    ended = time.perf_counter()
    made.calls.append(Call(operation, request.content, answer.content, begun, ended))
    client[1].write(answer.wire)
