"""Measures requests to small and large registries: CPU on SQLite, calls on DynamoDB."""

from collections import Counter
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

from tests.benchmarks.call_counts import record_request_calls
from tests.benchmarks.fill import (
    CODE,
    DATASET,
    MODEL,
    POPULAR,
    Size,
    id_of,
    make_rating,
    name_of,
    url_of,
)
from tests.benchmarks.measurement import Plan, measure, ratio
from tests.benchmarks.processes import run_registry, sqlite_env
from tests.benchmarks.proxy import round_trips
from tests.benchmarks.queries import PAGE, REGISTER, STRIDE, Query, make_register_variables
from tests.benchmarks.systems import HttpSystem

_ARTIFACT = "id name url license tags version"
_BY_ID = f"query ($id: ID!) {{ artifact(id: $id) {{ {_ARTIFACT} }} }}"
_BY_URL = f"query ($url: URL!) {{ code(by: {{ url: $url }}) {{ {_ARTIFACT} }} }}"
_BY_NAME = f"query ($name: String!) {{ dataset(by: {{ name: $name }}) {{ {_ARTIFACT} }} }}"
_MODELS = """query ($name: String!) {
  dataset(by: { name: $name }) { models(first: 10) { nodes { id name } } }
}"""
_RATE = """mutation ($id: ID!, $rating: ModelRatingInput!) {
  rateModel(id: $id, rating: $rating) { model { id rating { netScore } } }
}"""


def make_size_queries(size: Size) -> tuple[Query, ...]:
    """Return queries that cost the same for any artifact of a registry of this size."""

    def model(number: int) -> int:
        return number * STRIDE % size.models

    def linked(number: int) -> int:
        return number * STRIDE % size.datasets

    return (
        Query("page", PAGE),
        Query("by id", _BY_ID, lambda n: {"id": id_of(MODEL, model(n))}),
        Query("by url", _BY_URL, lambda n: {"url": url_of(CODE, linked(n))}),
        Query("by name", _BY_NAME, lambda n: {"name": name_of(DATASET, linked(n))}),
        Query("Dataset.models", _MODELS, lambda n: {"name": name_of(DATASET, n % POPULAR)}),
        Query("register", REGISTER, make_register_variables(size)),
        Query(
            "rate",
            _RATE,
            lambda n: {"id": id_of(MODEL, model(n)), "rating": make_rating(n + 1)},
        ),
    )


async def measure_cpu_by_size(files: Mapping[int, Path], plan: Plan) -> list[dict[str, Any]]:
    """Return the CPU time of each query on SQLite files by size, and the last one's ratio."""
    rows = []
    with ExitStack() as running:
        servers = {
            artifacts: running.enter_context(run_registry(sqlite_env(file)))
            for artifacts, file in files.items()
        }
        for same_queries in zip(
            *(make_size_queries(Size.from_total(n)) for n in files), strict=True
        ):
            sizes = dict(zip(servers, same_queries, strict=True))
            systems = {str(n): HttpSystem(servers[n], query) for n, query in sizes.items()}
            measured = await measure(systems, plan, connections=1)
            first, *_, last = measured.values()
            figures = {n: median(measurement.cpu_ms) for n, measurement in measured.items()}
            rows.append({"query": same_queries[0].name, **figures, "ratio": ratio(last, first)})
    return rows


async def count_calls_by_size(port: int, tables: Mapping[int, str]) -> list[dict[str, Any]]:
    """Return the calls of each query on tables by size; `port` is DynamoDB's."""
    rows = []
    for same_queries in zip(
        *(make_size_queries(Size.from_total(n)) for n in tables), strict=True
    ):
        row: dict[str, Any] = {"query": same_queries[0].name}
        for (artifacts, table), query in zip(tables.items(), same_queries, strict=True):
            calls = await record_request_calls(run_registry, port, replace(query, table=table))
            row[str(artifacts)] = Counter(call.operation for call in calls)
            row[f"trips_{artifacts}"] = round_trips(calls)
        rows.append(row)
    return rows
