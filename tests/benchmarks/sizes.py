"""What requests cost in small and large registries: CPU on SQLite, calls on DynamoDB."""

from collections import Counter
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

from tests.benchmarks.contenders import Http
from tests.benchmarks.counting import calls_of
from tests.benchmarks.fill import (
    CODE,
    DATASET,
    MODEL,
    POPULAR,
    Size,
    id_of,
    name_of,
    rating,
    url_of,
)
from tests.benchmarks.processes import registry, sqlite_env
from tests.benchmarks.proxy import round_trips
from tests.benchmarks.queries import PAGE, REGISTER, STRIDE, Query, registering
from tests.benchmarks.rounds import Plan, measure, ratio

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


def queries(size: Size) -> tuple[Query, ...]:
    """What is asked of a registry of this size: the same, wherever in it."""

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
        Query("register", REGISTER, registering(size)),
        Query("rate", _RATE, lambda n: {"id": id_of(MODEL, model(n)), "rating": rating(n + 1)}),
    )


async def cpu_by_size(files: Mapping[int, Path], plan: Plan) -> list[dict[str, Any]]:
    """CPU of each request on files of SQLite's by their size, and to that on the first."""
    rows = []
    with ExitStack() as running:
        servers = {
            artifacts: running.enter_context(registry(sqlite_env(file)))
            for artifacts, file in files.items()
        }
        for asked in zip(*(queries(Size.of(n)) for n in files), strict=True):
            sizes = dict(zip(servers, asked, strict=True))
            contenders = {str(n): Http(servers[n], query) for n, query in sizes.items()}
            measured = await measure(contenders, plan, connections=1)
            first, *_, last = measured.values()
            figures = {n: median(found.cpu_ms) for n, found in measured.items()}
            rows.append({"query": asked[0].name, **figures, "ratio": ratio(last, first)})
    return rows


async def calls_by_size(port: int, tables: Mapping[int, str]) -> list[dict[str, Any]]:
    """The calls of each request on tables by their size; `port` is DynamoDB's."""
    rows = []
    for asked in zip(*(queries(Size.of(n)) for n in tables), strict=True):
        row: dict[str, Any] = {"query": asked[0].name}
        for (artifacts, table), query in zip(tables.items(), asked, strict=True):
            calls = await calls_of(registry, port, replace(query, table=table))
            row[str(artifacts)] = Counter(call.operation for call in calls)
            row[f"trips_{artifacts}"] = round_trips(calls)
        rows.append(row)
    return rows
