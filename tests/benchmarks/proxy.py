"""Stands before DynamoDB and notes every call that passes, and when."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

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

    port: int
    calls: list[Call] = field(default_factory=list)


@asynccontextmanager
async def proxy(upstream_port: int) -> AsyncIterator[Proxy]:
    """A proxy on a free port of the loopback."""
    made = Proxy(0)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            await _pass_on(made, reader, writer, upstream_port)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    made.port = server.sockets[0].getsockname()[1]
    try:
        yield made
    finally:
        server.close()


def round_trips(calls: Sequence[Call]) -> int:
    """The longest chain of calls of which each began when the one before had ended."""
    count, ended = 0, float("-inf")
    for call in sorted(calls, key=lambda call: call.ended):
        if call.begun >= ended:
            count, ended = count + 1, call.ended
    return count


async def _pass_on(
    made: Proxy, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, port: int
) -> None:
    upstream, downstream = await asyncio.open_connection("127.0.0.1", port)
    try:
        while True:
            request = await read_message(reader)
            begun = time.perf_counter()
            downstream.write(request.wire)
            answer = await read_message(upstream)
            await asyncio.sleep(_DELAY_SECONDS)
            operation = request.header(b"x-amz-target").decode().rpartition(".")[2]
            call = Call(operation, request.content, answer.content, begun, time.perf_counter())
            made.calls.append(call)
            writer.write(answer.wire)
    finally:
        downstream.close()
