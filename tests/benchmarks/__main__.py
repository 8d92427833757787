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

from tests.benchmarks.comparison import CONNECTIONS, comparison
from tests.benchmarks.growth import growth
from tests.benchmarks.queries import Query, compared
from tests.benchmarks.report import machine
from tests.benchmarks.rounds import Plan
from tests.benchmarks.stores import dynamodb
from tests.benchmarks.throughput import throughput

_LATEST = Path(__file__).parent / "latest.json"
_LONG = 64
"""Requests in a round where 16 are too few: for what takes a millisecond."""
_LASTING = 400
"""Requests in a round that keeps two workers busy but for its first and last moments."""
_WHOLE = Plan(rounds=20, requests=16)
_QUICK = Plan(rounds=5, requests=16)


def main(
    *,
    query: Annotated[list[str] | None, typer.Option(help="Only these queries")] = None,
    quick: Annotated[bool, typer.Option("--quick", help="Fewer requests, no figures")] = False,
    connections: Annotated[list[int] | None, typer.Option(help="Instead of 1 and 16")] = None,
    workers: Annotated[
        bool, typer.Option("--throughput", help="Measure two workers beside one instead")
    ] = False,
    growing: Annotated[
        bool, typer.Option("--growth", help="Measure small and large registries instead")
    ] = False,
    dynamodb_port: Annotated[
        int | None, typer.Option(help="A DynamoDB Local that runs, and keeps its tables")
    ] = None,
    json: Annotated[Path, typer.Option(help="Where to write JSON")] = _LATEST,
) -> None:
    """Measure the registry beside GraphQL Yoga and plain boto3, with the same requests."""
    plan = _QUICK if quick else _WHOLE
    asked = _asked(query)
    with dynamodb(dynamodb_port) as port, tempfile.TemporaryDirectory() as directory:
        scratch, long = Path(directory), replace(plan, requests=_LONG)
        lasting = replace(plan, rounds=plan.rounds // 2, requests=_LASTING)
        figures = dict[str, Any]()
        if workers:
            figures["throughput"] = throughput(compared()[0], lasting, port, scratch)
        if growing:
            figures["growth"] = growth(long, port, scratch)
        if not workers and not growing:
            among = connections or CONNECTIONS
            figures["comparison"] = comparison(asked, plan, port, scratch, among)
    json.write_bytes(orjson.dumps({"machine": machine(), **figures}))


def _asked(names: Sequence[str] | None) -> list[Query]:
    known = {query.name: query for query in compared()}
    if unknown := set(names or ()) - known.keys():
        raise typer.BadParameter(f"{', '.join(unknown)}: there are {', '.join(known)}")
    return [known[name] for name in names or known]


if __name__ == "__main__":
    # What was started ends with this process, however it is told to end.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    typer.run(main)
