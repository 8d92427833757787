"""Compares the registry with GraphQL Yoga and plain boto3, query by query."""

import asyncio
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import orjson

from tests.benchmarks.call_counts import record_request_calls
from tests.benchmarks.load import send_request
from tests.benchmarks.measurement import Measurement, Plan, measure, ratio, warm_up
from tests.benchmarks.processes import run_registry, run_yoga, sqlite_env, table_env
from tests.benchmarks.proxy import Call, round_trips
from tests.benchmarks.queries import LINKED_FIRST, SIZE, Query
from tests.benchmarks.report import print_table
from tests.benchmarks.stores import fill_file, fill_table
from tests.benchmarks.systems import HttpSystem, System, run_boto, without_projections

REGISTRY, YOGA, SQLITE = "registry", "yoga", "registry on SQLite"
BOTO, WHOLE = "boto3", "boto3, whole items"
_OTHERS = {"yoga": YOGA, "boto3": BOTO, "whole_items": WHOLE}
CONNECTIONS = 1, 16
_COMPARED = 5
_OWN = frozenset({"id", "name", "url"})
"""Fields that differ between models which different servers registered."""


def compare(
    queries: Sequence[Query], plan: Plan, port: int, directory: Path, connections: Sequence[int]
) -> list[dict[str, Any]]:
    """Return the figures of each query on each system; `port` is DynamoDB's."""
    file = directory / "registry.db"
    fill_file(file, SIZE)
    for table in {query.table for query in queries}:
        fill_table(port, table, SIZE, linked_first=table == LINKED_FIRST)
    rows = []
    for query in queries:
        measured = asyncio.run(_compare_query(query, plan, port, file, connections))
        print_table(query.name, measured)
        rows += measured
    return rows


async def _compare_query(
    query: Query, plan: Plan, port: int, file: Path, connections: Sequence[int]
) -> list[dict[str, Any]]:
    env = table_env(port, query.table)
    calls = {
        REGISTRY: await record_request_calls(run_registry, port, query),
        YOGA: await record_request_calls(run_yoga, port, query),
    }
    with _run_systems(query, env, file, calls[REGISTRY]) as systems:
        await check_same(
            query, {n: c.server.port for n, c in systems.items() if isinstance(c, HttpSystem)}
        )
        await warm_up(systems)
        rows = []
        for count in connections:
            measurable = {
                n: c for n, c in systems.items() if count == 1 or isinstance(c, HttpSystem)
            }
            measured = await measure(measurable, plan, count)
            rows += [
                {
                    "query": query.name,
                    "contender": name,
                    "connections": count,
                    **measured[name].figures(),
                    **_ratios(measured, name),
                    **_call_figures(calls.get(name)),
                }
                for name in measured
            ]
    return rows


@contextmanager
def _run_systems(
    query: Query, env: Mapping[str, str], file: Path, calls: Sequence[Call]
) -> Iterator[dict[str, System]]:
    """Start all systems; boto3 only for reads, because writes cannot be repeated."""
    with ExitStack() as running:
        servers = {
            REGISTRY: running.enter_context(run_registry(env)),
            YOGA: running.enter_context(run_yoga(env)),
            SQLITE: running.enter_context(run_registry(sqlite_env(file))),
        }
        systems: dict[str, System] = {
            n: HttpSystem(s, query, compiles=n == YOGA) for n, s in servers.items()
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


def _ratios(measured: Mapping[str, Measurement], name: str) -> dict[str, float]:
    return {
        f"cpu_to_{short}": ratio(measured[name], measured[other])
        for short, other in _OTHERS.items()
        if other in measured
    }


def _call_figures(calls: Sequence[Call] | None) -> dict[str, Any]:
    if calls is None:
        return {}
    return {
        "calls": Counter(call.operation for call in calls),
        "round_trips": round_trips(calls),
    }
