"""Reads HTTP/1.1 messages from a stream, with little CPU: it runs beside what is measured."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Message:
    """A request or an answer."""

    head: bytes
    content: bytes
    wire: bytes
    """The complete message as it was received, to be forwarded."""

    def header(self, name: bytes) -> bytes:
        """Return a header's value, or empty bytes; `name` must be lower case."""
        return _header(self.head, name)


async def read_message(reader: asyncio.StreamReader) -> Message:
    """Read the next message.

    Raises:
        asyncio.IncompleteReadError: the stream has ended.
    """
    head = await reader.readuntil(b"\r\n\r\n")
    if _header(head, b"transfer-encoding") == b"chunked":
        chunks = [chunk async for chunk in _chunks(reader)]
        content = b"".join(chunk for _, chunk in chunks)
        return Message(head, content, head + b"".join(wire for wire, _ in chunks))
    content = await reader.readexactly(int(_header(head, b"content-length") or b"0"))
    return Message(head, content, head + content)


async def _chunks(reader: asyncio.StreamReader) -> AsyncIterator[tuple[bytes, bytes]]:
    """Yield each chunk as it was received, and its content; the last one is empty."""
    while True:
        size = await reader.readuntil(b"\r\n")
        chunk = await reader.readexactly(int(size, 16) + 2)
        yield size + chunk, chunk[:-2]
        if chunk == b"\r\n":
            return


def _header(head: bytes, name: bytes) -> bytes:
    for line in head.split(b"\r\n")[1:]:
        found, _, value = line.partition(b":")
        if found.lower() == name:
            return value.strip()
    return b""
