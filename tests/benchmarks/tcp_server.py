"""A TCP server on loopback, for the stub store and the proxy."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
"""Serves one connection until it ends."""


@asynccontextmanager
async def run_server(port: int, serve: Serve) -> AsyncIterator[int]:
    """Serve on a port, or on a free one if it is 0; yield the port.

    Clients must close their connections before the block ends.
    """
    connections = set[asyncio.Task[None]]()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if task := asyncio.current_task():
            connections.add(task)
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            await serve(reader, writer)
        await close(writer)

    server = await asyncio.start_server(handle, "127.0.0.1", port)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await asyncio.gather(*connections)


async def close(writer: asyncio.StreamWriter) -> None:
    """Close a connection, even if the other side has closed it already."""
    writer.close()
    with suppress(ConnectionError):
        await writer.wait_closed()
