"""Sends requests to a server over several connections, and measures their latency."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tests.benchmarks.messages import Message, read_message

_LIST = b'{"query":"{ models(first: 1) { nodes { id } } }"}'
_READY_SECONDS = 120
_POLL_SECONDS = 0.5
_LARGEST_ANSWER = 16 * 1024 * 1024
_FAILED = b'"errors":', b'"model":null', b'"dataset":null'
"""Parts of answers that mean a failure in these benchmarks."""


@dataclass(frozen=True, slots=True)
class Load:
    """The seconds that each request took, and all together."""

    latencies: tuple[float, ...]
    seconds: float


async def send_request(port: int, body: bytes) -> bytes:
    """Send one request; return the content of its answer.

    Raises:
        RuntimeError: the answer is an error.
    """
    answers: list[bytes] = []
    await _send_bodies(port, iter([body]), [], answers)
    return answers[0]


async def wait_until_ready(port: int) -> None:
    """Wait until a server can list models: the registry may have to copy its table before.

    Raises:
        RuntimeError: it cannot after two minutes.
    """
    end = time.monotonic() + _READY_SECONDS
    while True:
        try:
            await send_request(port, _LIST)
        except RuntimeError:
            if time.monotonic() > end:
                raise
            await asyncio.sleep(_POLL_SECONDS)
        else:
            return


async def send_all(port: int, bodies: Sequence[bytes], connections: int) -> Load:
    """Send all bodies, each on the next free connection.

    Raises:
        RuntimeError: an answer is an error.
    """
    remaining, latencies = iter(bodies), list[float]()
    started = time.perf_counter()
    await asyncio.gather(
        *(_send_bodies(port, remaining, latencies) for _ in range(connections))
    )
    return Load(tuple(latencies), time.perf_counter() - started)


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that at least `share` of the values do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -int(-share * len(ordered) // 1) - 1)]


async def _send_bodies(
    port: int,
    bodies: Iterator[bytes],
    latencies: list[float],
    answers: list[bytes] | None = None,
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=_LARGEST_ANSWER)
    try:
        for body in bodies:
            request = _HEAD % len(body) + body
            started = time.perf_counter()
            writer.write(request)
            message = await read_message(reader)
            latencies.append(time.perf_counter() - started)
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
