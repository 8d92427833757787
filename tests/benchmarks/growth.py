"""What grows with the registry: CPU, calls, memory and the time to start, small and large."""

import asyncio
from pathlib import Path
from typing import Any

from tests.benchmarks.fill import Size
from tests.benchmarks.paging import paged
from tests.benchmarks.processes import registry, sqlite_env, table_env
from tests.benchmarks.report import show
from tests.benchmarks.rounds import Plan
from tests.benchmarks.sizes import calls_by_size, cpu_by_size
from tests.benchmarks.starting import starting
from tests.benchmarks.stores import fill_file, fill_table

_SMALL, _LARGE, _LARGE_TABLE = 1_000, 100_000, 20_000
_STARTS = 9


def growth(plan: Plan, port: int, directory: Path) -> dict[str, Any]:
    """The figures of small and large registries; `port` is DynamoDB's."""
    files = {size: directory / f"{size}.db" for size in (_SMALL, _LARGE)}
    tables = {size: f"benchmark_{size}" for size in (_SMALL, _LARGE_TABLE)}
    for size, file in files.items():
        fill_file(file, Size.of(size))
    for size, table in tables.items():
        fill_table(port, table, Size.of(size))
    # Before anything is added to them:
    with registry(sqlite_env(files[_LARGE])) as server:
        memory = asyncio.run(paged(server))
    show("resident size while one client pages through SQLite", [memory])
    starts = [
        {"store": "sqlite", **starting(sqlite_env(files[_LARGE]), _STARTS)},
        {"store": "dynamodb", **starting(table_env(port, tables[_LARGE_TABLE]), _STARTS)},
    ]
    show("start to first answer", starts)
    cpu = asyncio.run(cpu_by_size(files, plan))
    show("CPU ms on SQLite by number of artifacts", cpu)
    calls = asyncio.run(calls_by_size(port, tables))
    show("calls on DynamoDB by number of artifacts", calls)
    return {"memory": memory, "start": starts, "cpu_ms": cpu, "calls": calls}
