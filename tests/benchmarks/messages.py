"""Reads HTTP/1.1 messages off a stream: as little work as can be, for it shares the machine."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Message:
    """A request or an answer."""

    head: bytes
    content: bytes
    wire: bytes
    """All of it as it came, to be passed on."""

    def header(self, name: bytes) -> bytes:
        """A header's value, empty where there is none; `name` is given in lower case."""
        return _header(self.head, name)


async def read_message(reader: asyncio.StreamReader) -> Message:
    """The next message.

    Raises:
        asyncio.IncompleteReadError: where the stream has ended.
    """
    head = await reader.readuntil(b"\r\n\r\n")
    if _header(head, b"transfer-encoding") == b"chunked":
        chunks = [chunk async for chunk in _chunks(reader)]
        content = b"".join(chunk for _, chunk in chunks)
        return Message(head, content, head + b"".join(wire for wire, _ in chunks))
    content = await reader.readexactly(int(_header(head, b"content-length") or b"0"))
    return Message(head, content, head + content)


async def _chunks(reader: asyncio.StreamReader) -> AsyncIterator[tuple[bytes, bytes]]:
    """Each chunk as it came, and what it holds, the empty last one included."""
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
