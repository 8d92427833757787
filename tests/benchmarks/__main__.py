"""The command line of the benchmarks: `python -m tests.benchmarks`."""

import signal
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

from tests.benchmarks.catalogue_sizes import measure_catalogues
from tests.benchmarks.comparison import CONNECTIONS, Setup, compare
from tests.benchmarks.growth import measure_growth
from tests.benchmarks.measurement import Plan
from tests.benchmarks.processes import ROOT
from tests.benchmarks.queries import Query, make_queries
from tests.benchmarks.report import describe_machine, print_table
from tests.benchmarks.stores import use_dynamodb
from tests.benchmarks.throughput import measure_throughput

_LATEST = Path(__file__).parent / "latest.json"
_MANY_REQUESTS = 64
"""Requests in a round of those that take about a millisecond."""
_LONG_ROUND = 400
"""Requests in a round that keeps two workers busy nearly all the time."""
_FULL = Plan(rounds=20, requests=16)
_QUICK = Plan(rounds=5, requests=16)


def main(
    *,
    query: Annotated[list[str] | None, typer.Option(help="Only these queries")] = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="Fewer requests, rough figures")
    ] = False,
    connections: Annotated[list[int] | None, typer.Option(help="Instead of 1 and 16")] = None,
    runs: Annotated[
        int, typer.Option(min=1, help="Whole runs, of which the medians are given")
    ] = 3,
    registry: Annotated[
        Path, typer.Option(exists=True, file_okay=False, help="The registry's checkout")
    ] = ROOT,
    workers: Annotated[
        bool, typer.Option("--throughput", help="Compare two workers with one instead")
    ] = False,
    growing: Annotated[
        bool, typer.Option("--growth", help="Compare small and large registries instead")
    ] = False,
    catalogue: Annotated[
        list[int] | None,
        typer.Option(help="Instead, list and search so many models on SQLite; repeatable"),
    ] = None,
    dynamodb_port: Annotated[
        int | None, typer.Option(help="Port of a running DynamoDB Local")
    ] = None,
    json: Annotated[Path, typer.Option(help="Where to write JSON")] = _LATEST,
) -> None:
    """Compare the registry with GraphQL Yoga, Mercurius and plain boto3."""
    machine = describe_machine()
    print_table("machine", [machine])
    plan = _QUICK if quick else _FULL
    queries = _select_queries(query)
    if catalogue:
        few = replace(plan, rounds=5, requests=4)
        with tempfile.TemporaryDirectory() as directory:
            measured = measure_catalogues(few, catalogue, Path(directory))
        json.write_bytes(orjson.dumps({"machine": machine, "catalogue": measured}))
        return
    with use_dynamodb(dynamodb_port) as port, tempfile.TemporaryDirectory() as directory:
        scratch, many = Path(directory), replace(plan, requests=_MANY_REQUESTS)
        long = replace(plan, rounds=plan.rounds // 2, requests=_LONG_ROUND)
        figures = dict[str, Any]()
        if workers:
            figures["throughput"] = measure_throughput(make_queries()[0], long, port, scratch)
        if growing:
            figures["growth"] = measure_growth(many, port, scratch)
        if not workers and not growing:
            counts, file = connections or CONNECTIONS, scratch / "registry.db"
            setup = Setup(registry.resolve(), port, file, plan, counts)
            figures["comparison"] = compare(queries, setup, runs)
    json.write_bytes(orjson.dumps({"machine": machine, **figures}))


def _select_queries(names: Sequence[str] | None) -> list[Query]:
    known = {query.name: query for query in make_queries()}
    if unknown := set(names or ()) - known.keys():
        raise typer.BadParameter(
            f"unknown query {', '.join(unknown)}; choose from {', '.join(known)}"
        )
    return [known[name] for name in names or known]


if __name__ == "__main__":
    # On SIGTERM, exit normally, so that the started servers are stopped, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    typer.run(main)
