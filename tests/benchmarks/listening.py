"""Serves connections on the loopback, for the stores that are not DynamoDB itself."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
"""Answers what one connection asks, until it ends."""


@asynccontextmanager
async def listening(port: int, serve: Serve) -> AsyncIterator[int]:
    """Serve on a port, or on any that is free if it is 0; clients are to end before this."""
    connections = set[asyncio.Task[None]]()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if task := asyncio.current_task():
            connections.add(task)
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            await serve(reader, writer)
        await closed(writer)

    server = await asyncio.start_server(connected, "127.0.0.1", port)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await asyncio.gather(*connections)


async def closed(writer: asyncio.StreamWriter) -> None:
    """Close a connection, whether or not the other side has done so already."""
    writer.close()
    with suppress(ConnectionError):
        await writer.wait_closed()
