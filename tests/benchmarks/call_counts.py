"""Records the DynamoDB calls of a request through a proxy; requests are timed without it."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, ExitStack

from tests.benchmarks.load import send_request, wait_until_ready
from tests.benchmarks.processes import Server, table_env
from tests.benchmarks.proxy import Call, run_proxy
from tests.benchmarks.queries import Query

_WARMUP = 3
"""Requests that open connections and fill caches before calls are recorded."""

Start = Callable[[Mapping[str, str]], AbstractContextManager[Server]]
"""Starts a server with environment variables."""


async def record_request_calls(
    start: Start, port: int, query: Query, table: str | None = None
) -> list[Call]:
    """Return the calls of one request of a query; `port` is DynamoDB's."""
    return (await record_calls(start, port, query, table))[1]


async def record_calls(
    start: Start, port: int, query: Query, table: str | None = None
) -> tuple[list[Call], list[Call]]:
    """Return all calls since a server's start, and those of one request after some others.

    The server reads the table, or else that of the query.
    """
    async with run_proxy(port) as proxy:
        with ExitStack() as running:
            env = table_env(proxy.port, table or query.table)
            # On a thread: while the server starts, this loop must run the proxy.
            server = await asyncio.to_thread(running.enter_context, start(env))
            await wait_until_ready(server.port)
            for number in range(_WARMUP):
                await send_request(server.port, query.body(number))
            before = len(proxy.calls)
            await send_request(server.port, query.body(_WARMUP))
            return proxy.calls, proxy.calls[before:]
