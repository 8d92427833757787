"""Measures CPU, calls, memory and start time of small and large registries."""

import asyncio
from pathlib import Path
from typing import Any

from tests.benchmarks.fill import Size
from tests.benchmarks.measurement import Plan
from tests.benchmarks.memory import measure_memory
from tests.benchmarks.processes import run_registry, sqlite_env, table_env
from tests.benchmarks.registry_sizes import count_calls_by_size, measure_cpu_by_size
from tests.benchmarks.report import print_table
from tests.benchmarks.start_time import measure_start_time
from tests.benchmarks.stores import fill_file, fill_table

_SMALL, _LARGE, _LARGE_TABLE = 1_000, 100_000, 20_000
_STARTS = 9


def measure_growth(plan: Plan, port: int, directory: Path) -> dict[str, Any]:
    """Return the figures of small and large registries; `port` is DynamoDB's."""
    files = {size: directory / f"{size}.db" for size in (_SMALL, _LARGE)}
    tables = {size: f"benchmark_{size}" for size in (_SMALL, _LARGE_TABLE)}
    for size, file in files.items():
        fill_file(file, Size.from_total(size))
    for size, table in tables.items():
        fill_table(port, table, Size.from_total(size))
    # Memory and start time first: the other measurements add artifacts.
    with run_registry(sqlite_env(files[_LARGE])) as server:
        memory = asyncio.run(measure_memory(server))
    print_table("resident size while one client reads all pages from SQLite", [memory])
    starts = [
        {"store": "sqlite", **measure_start_time(sqlite_env(files[_LARGE]), _STARTS)},
        {
            "store": "dynamodb",
            **measure_start_time(table_env(port, tables[_LARGE_TABLE]), _STARTS),
        },
    ]
    print_table("start to first answer", starts)
    cpu = asyncio.run(measure_cpu_by_size(files, plan))
    print_table("CPU ms on SQLite by number of artifacts", cpu)
    calls = asyncio.run(count_calls_by_size(port, tables))
    print_table("calls on DynamoDB by number of artifacts", calls)
    return {"memory": memory, "start": starts, "cpu_ms": cpu, "calls": calls}
