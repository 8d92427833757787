"""Sends requests to a server over a number of connections, and times them."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tests.benchmarks.messages import Message, read_message

_LARGEST_ANSWER = 16 * 1024 * 1024
_FAILED = b'"errors":', b'"model":null', b'"dataset":null'
"""None of the benchmarks' requests has such an answer."""


@dataclass(frozen=True, slots=True)
class Load:
    """How long requests took: each of them, and all together."""

    latencies: tuple[float, ...]
    seconds: float


async def answer(port: int, body: bytes) -> bytes:
    """What one request is answered.

    Raises:
        RuntimeError: where that is an error.
    """
    answers: list[bytes] = []
    await _send(port, iter([body]), [], answers)
    return answers[0]


async def load(port: int, bodies: Sequence[bytes], connections: int) -> Load:
    """Send all bodies, each on the next connection that is free.

    Raises:
        RuntimeError: where one is answered with an error.
    """
    left, latencies = iter(bodies), list[float]()
    begun = time.perf_counter()
    await asyncio.gather(*(_send(port, left, latencies) for _ in range(connections)))
    return Load(tuple(latencies), time.perf_counter() - begun)


def percentile(values: Sequence[float], share: float) -> float:
    """The least value that at least `share` of the values do not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(0, -int(-share * len(ordered) // 1) - 1)]


async def _send(
    port: int,
    bodies: Iterator[bytes],
    latencies: list[float],
    answers: list[bytes] | None = None,
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=_LARGEST_ANSWER)
    try:
        for body in bodies:
            request = _HEAD % len(body) + body
            begun = time.perf_counter()
            writer.write(request)
            message = await read_message(reader)
            latencies.append(time.perf_counter() - begun)
            if _has_failed(message):
                raise RuntimeError(f"{body!r} was answered {message.content[:1000]!r}")
            if answers is not None:
                answers.append(message.content)
    finally:
        writer.close()
        await writer.wait_closed()


def _has_failed(message: Message) -> bool:
    ok = b" 200 " in message.head[:16]
    return not ok or any(mark in message.content for mark in _FAILED)


_HEAD = (
    b"POST /graphql HTTP/1.1\r\nhost: 127.0.0.1\r\naccept: application/json\r\n"
    b"content-type: application/json\r\ncontent-length: %d\r\n\r\n"
)
