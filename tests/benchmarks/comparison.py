"""Compares the registry with Node.js servers and plain boto3, query by query, in whole runs."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import orjson

from tests.benchmarks import peer_table
from tests.benchmarks.call_counts import record_request_calls
from tests.benchmarks.load import send_request, wait_until_ready
from tests.benchmarks.measurement import Plan, measure, warm_up
from tests.benchmarks.peer_table import fill_peer_table
from tests.benchmarks.processes import (
    run_mercurius,
    run_registry,
    run_yoga,
    sqlite_env,
    table_env,
)
from tests.benchmarks.proxy import Call
from tests.benchmarks.queries import LINKED_FIRST, SIZE, Query
from tests.benchmarks.report import print_table
from tests.benchmarks.run_figures import (
    BOTO,
    MERCURIUS,
    REGISTRY,
    SQLITE,
    WHOLE,
    YOGA,
    Row,
    combine_runs,
    make_rows,
)
from tests.benchmarks.stores import fill_file, fill_table
from tests.benchmarks.systems import HttpSystem, System, run_boto, without_projections

CONNECTIONS = 1, 16
_COMPARED = 5
_OWN = frozenset({"id", "name", "url"})
"""Fields that differ between models which different servers registered."""


@dataclass(frozen=True, slots=True)
class Setup:
    """The systems to compare: `root` is the registry's checkout, `port` DynamoDB's."""

    root: Path
    port: int
    file: Path
    plan: Plan
    connections: Sequence[int]


def compare(queries: Sequence[Query], setup: Setup, runs: int) -> dict[str, Any]:
    """Return the figures of each query and system: the medians of the runs, and each run."""
    fill_file(setup.file, SIZE)
    fill_peer_table(setup.port, peer_table.NAME, SIZE)
    for table in {query.table for query in queries}:
        fill_table(setup.port, table, SIZE, linked_first=table == LINKED_FIRST)
    measured = []
    for number in range(1, runs + 1):
        rows = list[Row]()
        for query in queries:
            measured_now = asyncio.run(_compare_query(query, setup))
            print_table(f"{query.name}, run {number} of {runs}", measured_now)
            rows += measured_now
        measured.append(rows)
    combined = combine_runs(measured)
    print_table(f"medians of {runs} runs, with the range of the ratios", combined)
    return {"medians": combined, "runs": measured}


async def _compare_query(query: Query, setup: Setup) -> list[Row]:
    registry = partial(run_registry, root=setup.root)
    peers = peer_table.NAME
    calls = {
        REGISTRY: await record_request_calls(registry, setup.port, query),
        YOGA: await record_request_calls(run_yoga, setup.port, query, peers),
        MERCURIUS: await record_request_calls(run_mercurius, setup.port, query, peers),
    }
    with _run_systems(query, setup, calls[REGISTRY]) as systems:
        servers = {n: s for n, s in systems.items() if isinstance(s, HttpSystem)}
        for server in servers.values():
            await wait_until_ready(server.server.port)
        await check_same(query, {name: s.server.port for name, s in servers.items()})
        await warm_up(systems)
        rows = []
        for count in setup.connections:
            measured = await measure(systems if count == 1 else servers, setup.plan, count)
            rows += make_rows(query.name, count, measured, calls)
    return rows


@contextmanager
def _run_systems(
    query: Query, setup: Setup, calls: Sequence[Call]
) -> Iterator[dict[str, System]]:
    """Start all systems; boto3 only for reads, because writes cannot be repeated."""
    env = table_env(setup.port, query.table)
    peer_env = table_env(setup.port, peer_table.NAME)
    starts = {
        REGISTRY: run_registry(env, root=setup.root),
        YOGA: run_yoga(peer_env),
        MERCURIUS: run_mercurius(peer_env),
        SQLITE: run_registry(sqlite_env(setup.file), root=setup.root),
    }
    with ExitStack() as running:
        systems: dict[str, System] = {
            name: HttpSystem(running.enter_context(start), query, name in (YOGA, MERCURIUS))
            for name, start in starts.items()
        }
        if not query.writes:
            whole = [without_projections(call) for call in calls]
            systems[BOTO] = running.enter_context(run_boto(env, calls))
            systems[WHOLE] = running.enter_context(run_boto(env, whole))
        yield systems


async def check_same(query: Query, ports: Mapping[str, int]) -> None:
    """Check that several servers give the same answers to a query.

    Raises:
        RuntimeError: they differ; the message holds the answers.
    """
    for number in range(_COMPARED):
        answers = {
            name: _comparable(query, await send_request(port, query.body(number)))
            for name, port in ports.items()
        }
        first = next(iter(answers.values()))
        if any(answer != first for answer in answers.values()):
            raise RuntimeError(f"the answers to {query.name} differ: {answers}")


def _comparable(query: Query, content: bytes) -> Any:
    data = orjson.loads(content)["data"]
    if query.writes:
        model = data["registerModel"]["model"]
        data["registerModel"]["model"] = {k: v for k, v in model.items() if k not in _OWN}
    return data
