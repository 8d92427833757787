"""Measures the requests of a catalogue's page on files with many models."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import Any

from tests.benchmarks.catalogue import fill_catalogue, make_catalogue_queries
from tests.benchmarks.measurement import Plan, measure
from tests.benchmarks.processes import run_registry, sqlite_env
from tests.benchmarks.report import print_table
from tests.benchmarks.systems import HttpSystem


def measure_catalogues(plan: Plan, sizes: Sequence[int], directory: Path) -> dict[str, Any]:
    """Return the CPU of each request by the number of models, and what filling a file takes."""
    files = {models: directory / f"catalogue_{models}.db" for models in sizes}
    built = []
    for models, file in files.items():
        before = time.process_time()
        fill_catalogue(file, models)
        seconds = time.process_time() - before
        built.append({"models": models, "cpu_seconds": seconds, "bytes": file.stat().st_size})
    print_table("files of models with descriptions", built)
    cpu = asyncio.run(_measure_cpu(files, plan))
    print_table("CPU ms on SQLite by number of models", cpu)
    return {"files": built, "cpu_ms": cpu}


async def _measure_cpu(files: Mapping[int, Path], plan: Plan) -> list[dict[str, Any]]:
    rows = []
    with ExitStack() as running:
        servers = {
            models: running.enter_context(run_registry(sqlite_env(file)))
            for models, file in files.items()
        }
        for query in make_catalogue_queries():
            systems = {str(n): HttpSystem(server, query) for n, server in servers.items()}
            measured = await measure(systems, plan, connections=1)
            figures = {n: median(each.cpu_ms) for n, each in measured.items()}
            rows.append({"query": query.name, **figures})
    return rows
