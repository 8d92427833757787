"""Counts the calls that a request makes, through a proxy that no timing goes through."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, ExitStack

from tests.benchmarks.load import answer
from tests.benchmarks.processes import Server, table_env
from tests.benchmarks.proxy import Call, proxy
from tests.benchmarks.queries import Query

_WARMUP = 3
"""Requests after which connections are open and nothing is asked for the first time."""

Start = Callable[[Mapping[str, str]], AbstractContextManager[Server]]
"""Starts a server in an environment."""


async def calls_of(start: Start, port: int, query: Query) -> list[Call]:
    """The calls that one request of a query makes; `port` is DynamoDB's."""
    return (await recorded(start, port, query))[1]


async def recorded(start: Start, port: int, query: Query) -> tuple[list[Call], list[Call]]:
    """The calls from a server's start on, and those of one request after a few others."""
    async with proxy(port) as between:
        with ExitStack() as running:
            env = table_env(between.port, query.table)
            # On a thread: the server calls the proxy before it listens.
            server = await asyncio.to_thread(running.enter_context, start(env))
            for number in range(_WARMUP):
                await answer(server.port, query.body(number))
            before = len(between.calls)
            await answer(server.port, query.body(_WARMUP))
            return between.calls, between.calls[before:]
