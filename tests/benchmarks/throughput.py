"""How much more two workers serve than one, over a store that is never the limit.

Workers, store and this process share the machine: on two cores, what the latter two use is
missing for the second worker, and whatever else runs is missing too. So beside the ratio of
requests a second there is the one that the workers' CPU alone allows: what one worker uses
for a request, to what the busier of two uses for each request of both.
"""

import asyncio
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from tests.benchmarks.contenders import Http
from tests.benchmarks.counting import recorded
from tests.benchmarks.processes import Server, registry, stub, table_env
from tests.benchmarks.proxy import Call
from tests.benchmarks.queries import SIZE, Query
from tests.benchmarks.report import show
from tests.benchmarks.rounds import Plan
from tests.benchmarks.stores import fill_table

_CONNECTIONS = 16
_WARMUP = 400


def throughput(query: Query, plan: Plan, port: int, directory: Path) -> dict[str, Any]:
    """Requests a second with one worker and with two; `port` is DynamoDB's.

    The query's requests must be all alike.
    """
    fill_table(port, query.table, SIZE)
    figures = asyncio.run(_throughput(query, plan, port, directory / "answers.json"))
    show(f"{query.name} on a stub store, {_CONNECTIONS} connections", [figures])
    return figures


async def _throughput(query: Query, plan: Plan, port: int, answers: Path) -> dict[str, Any]:
    calls, _ = await recorded(registry, port, query)
    with stub(_written(calls, answers)) as store:
        env = table_env(store.port, query.table)
        with registry(env, workers=1) as one, registry(env, workers=2) as two:
            return await _measure(_Crew(Http(one, query)), _Crew(Http(two, query)), store, plan)


@dataclass(slots=True)
class _Crew:
    """A server with its workers, and what its rounds came to."""

    server: Http
    rates: list[float] = field(default_factory=list)
    busiest: list[float] = field(default_factory=list)
    """The busiest process's CPU, in milliseconds for each request of all."""

    async def round(self, plan: Plan) -> None:
        before = self.server.server.cpu_seconds_by_process()
        done = await self.server.load(range(plan.requests), _CONNECTIONS)
        after = self.server.server.cpu_seconds_by_process()
        self.rates.append(plan.requests / done.seconds)
        used = max(after[pid] - spent for pid, spent in before.items())
        self.busiest.append(1000 * used / plan.requests)


def _written(calls: Sequence[Call], file: Path) -> Path:
    file.write_text(json.dumps([[c.body.decode(), c.answer.decode()] for c in calls]))
    return file


async def _measure(one: _Crew, two: _Crew, store: Server, plan: Plan) -> dict[str, Any]:
    for crew in (one, two):
        # Long enough for the second worker to be there.
        await crew.server.load(range(_WARMUP), _CONNECTIONS)
    store_before, load_before = store.cpu_seconds(), time.process_time()
    for _ in range(plan.rounds):
        for crew in (one, two):
            await crew.round(plan)
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


def _ratio(of: Sequence[float], to: Sequence[float]) -> float:
    return median(a / b for a, b in zip(of, to, strict=True))
