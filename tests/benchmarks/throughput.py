"""Measures how many more requests two workers serve than one, on a stub store.

Workers, stub and this process share the machine: on two cores, the second worker gets only
the time that the others leave. So there is a second ratio, by CPU: the time that one worker
uses for a request, divided by the time that the busier of two uses for each request of both.
"""

import asyncio
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from tests.benchmarks.call_counts import record_calls
from tests.benchmarks.measurement import Plan
from tests.benchmarks.processes import Server, run_registry, run_stub, table_env
from tests.benchmarks.proxy import Call
from tests.benchmarks.queries import SIZE, Query
from tests.benchmarks.report import print_table
from tests.benchmarks.stores import fill_table
from tests.benchmarks.systems import HttpSystem

_CONNECTIONS = 16
_WARMUP = 400


def measure_throughput(query: Query, plan: Plan, port: int, directory: Path) -> dict[str, Any]:
    """Return the requests per second of one worker and of two; `port` is DynamoDB's.

    All requests of the query must be the same.
    """
    fill_table(port, query.table, SIZE)
    figures = asyncio.run(_record_and_measure(query, plan, port, directory / "answers.json"))
    print_table(f"{query.name} on a stub store, {_CONNECTIONS} connections", [figures])
    return figures


async def _record_and_measure(
    query: Query, plan: Plan, port: int, answers: Path
) -> dict[str, Any]:
    calls, _ = await record_calls(run_registry, port, query)
    with run_stub(_write_answers(calls, answers)) as store:
        env = table_env(store.port, query.table)
        with run_registry(env, workers=1) as one, run_registry(env, workers=2) as two:
            return await _measure(
                _Workers(HttpSystem(one, query)), _Workers(HttpSystem(two, query)), store, plan
            )


@dataclass(slots=True)
class _Workers:
    """A server with its workers, and the figures of its rounds."""

    server: HttpSystem
    rates: list[float] = field(default_factory=list)
    busiest: list[float] = field(default_factory=list)
    """CPU milliseconds of the busiest process, divided by all requests, by round."""

    async def run_round(self, plan: Plan) -> None:
        before = self.server.server.cpu_seconds_by_process()
        load = await self.server.load(range(plan.requests), _CONNECTIONS)
        after = self.server.server.cpu_seconds_by_process()
        self.rates.append(plan.requests / load.seconds)
        used = max(after[pid] - seconds for pid, seconds in before.items())
        self.busiest.append(1000 * used / plan.requests)


def _write_answers(calls: Sequence[Call], file: Path) -> Path:
    file.write_text(json.dumps([[c.body.decode(), c.answer.decode()] for c in calls]))
    return file


async def _measure(one: _Workers, two: _Workers, store: Server, plan: Plan) -> dict[str, Any]:
    for workers in (one, two):
        # Long enough for the second worker to start.
        await workers.server.load(range(_WARMUP), _CONNECTIONS)
    store_before, load_before = store.cpu_seconds(), time.process_time()
    for _ in range(plan.rounds):
        for workers in (one, two):
            await workers.run_round(plan)
    requests = 2 * plan.rounds * plan.requests
    return {
        "one_worker_per_second": median(one.rates),
        "two_workers_per_second": median(two.rates),
        "ratio": _ratio(two.rates, one.rates),
        "ratio_by_cpu": _ratio(one.busiest, two.busiest),
        "worker_cpu_ms": median(one.busiest),
        "store_cpu_ms": 1000 * (store.cpu_seconds() - store_before) / requests,
        "load_cpu_ms": 1000 * (time.process_time() - load_before) / requests,
    }


def _ratio(values: Sequence[float], others: Sequence[float]) -> float:
    return median(a / b for a, b in zip(values, others, strict=True))
