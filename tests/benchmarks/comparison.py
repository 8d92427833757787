"""Compares the registry with GraphQL Yoga and plain boto3, one query after the other."""

import asyncio
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import orjson

from tests.benchmarks.contenders import Contender, Http, boto, of_whole_items
from tests.benchmarks.counting import calls_of
from tests.benchmarks.load import answer
from tests.benchmarks.processes import registry, sqlite_env, table_env, yoga
from tests.benchmarks.proxy import Call, round_trips
from tests.benchmarks.queries import LINKED_FIRST, SIZE, Query
from tests.benchmarks.report import show
from tests.benchmarks.rounds import Measured, Plan, measure, ratio, warm_up
from tests.benchmarks.stores import fill_file, fill_table

REGISTRY, YOGA, SQLITE = "registry", "yoga", "registry on SQLite"
BOTO, WHOLE = "boto3", "boto3, whole items"
_OTHERS = {"yoga": YOGA, "boto3": BOTO, "whole_items": WHOLE}
CONNECTIONS = 1, 16
_COMPARED = 5
_OWN = frozenset({"id", "name", "url"})
"""What differs between models that were registered by different servers."""


def comparison(
    asked: Sequence[Query], plan: Plan, port: int, directory: Path, connections: Sequence[int]
) -> list[dict[str, Any]]:
    """What each query costs each contender; `port` is DynamoDB's."""
    file = directory / "registry.db"
    fill_file(file, SIZE)
    for table in {query.table for query in asked}:
        fill_table(port, table, SIZE, linked_first=table == LINKED_FIRST)
    rows = []
    for query in asked:
        measured = asyncio.run(_compare(query, plan, port, file, connections))
        show(query.name, measured)
        rows += measured
    return rows


async def _compare(
    query: Query, plan: Plan, port: int, file: Path, connections: Sequence[int]
) -> list[dict[str, Any]]:
    env = table_env(port, query.table)
    calls = {
        REGISTRY: await calls_of(registry, port, query),
        YOGA: await calls_of(yoga, port, query),
    }
    with _contenders(query, env, file, calls[REGISTRY]) as contenders:
        await check_same(
            query, {n: c.server.port for n, c in contenders.items() if isinstance(c, Http)}
        )
        await warm_up(contenders)
        rows = []
        for count in connections:
            able = {n: c for n, c in contenders.items() if count == 1 or isinstance(c, Http)}
            measured = await measure(able, plan, count)
            rows += [
                {
                    "query": query.name,
                    "contender": name,
                    "connections": count,
                    **measured[name].figures(),
                    **_ratios(measured, name),
                    **_counted(calls.get(name)),
                }
                for name in measured
            ]
    return rows


@contextmanager
def _contenders(
    query: Query, env: Mapping[str, str], file: Path, calls: Sequence[Call]
) -> Iterator[dict[str, Contender]]:
    """All that are compared; calls that write cannot be made again and again."""
    with ExitStack() as running:
        servers = {
            REGISTRY: running.enter_context(registry(env)),
            YOGA: running.enter_context(yoga(env)),
            SQLITE: running.enter_context(registry(sqlite_env(file))),
        }
        contenders: dict[str, Contender] = {
            n: Http(s, query, compiles=n == YOGA) for n, s in servers.items()
        }
        if not query.writes:
            whole = [of_whole_items(call) for call in calls]
            contenders[BOTO] = running.enter_context(boto(env, calls))
            contenders[WHOLE] = running.enter_context(boto(env, whole))
        yield contenders


async def check_same(query: Query, ports: Mapping[str, int]) -> None:
    """Make sure that the servers on some ports answer alike.

    Raises:
        RuntimeError: where they do not, with the answers.
    """
    for number in range(_COMPARED):
        answers = {
            name: _comparable(query, await answer(port, query.body(number)))
            for name, port in ports.items()
        }
        first = next(iter(answers.values()))
        if any(given != first for given in answers.values()):
            raise RuntimeError(f"the answers to {query.name} differ: {answers}")


def _comparable(query: Query, content: bytes) -> Any:
    data = orjson.loads(content)["data"]
    if query.writes:
        model = data["registerModel"]["model"]
        data["registerModel"]["model"] = {k: v for k, v in model.items() if k not in _OWN}
    return data


def _ratios(measured: Mapping[str, Measured], name: str) -> dict[str, float]:
    return {
        f"cpu_to_{short}": ratio(measured[name], measured[other])
        for short, other in _OTHERS.items()
        if other in measured
    }


def _counted(calls: Sequence[Call] | None) -> dict[str, Any]:
    if calls is None:
        return {}
    return {
        "calls": Counter(call.operation for call in calls),
        "round_trips": round_trips(calls),
    }
