"""The command line of the benchmarks: `python -m tests.benchmarks`."""

import asyncio
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import orjson
import typer

from storage.dynamodb.store import DynamoStore
from storage.sqlite.store import SqliteStore
from tests.benchmarks import report
from tests.benchmarks.comparison import CONNECTIONS, compare
from tests.benchmarks.fill import Size, fill
from tests.benchmarks.processes import dynamodb_local, table_env
from tests.benchmarks.queries import LINKED_FIRST, QUERIES
from tests.benchmarks.rounds import Plan

_SIZE = Size(models=10_000, datasets=1_000, codes=1_000)
_WHOLE = Plan(rounds=20, requests=16, warmup=400)
_QUICK = Plan(rounds=5, requests=16, warmup=150)


def main(
    query: Annotated[list[str] | None, typer.Option(help="Only these queries")] = None,
    quick: Annotated[bool, typer.Option("--quick", help="Fewer requests, no figures")] = False,
    connections: Annotated[list[int] | None, typer.Option(help="Instead of 1 and 16")] = None,
    dynamodb_port: Annotated[
        int | None, typer.Option(help="A DynamoDB Local that runs, and keeps its tables")
    ] = None,
    json: Annotated[Path, typer.Option(help="Where to write JSON")] = Path("benchmarks.json"),
) -> None:
    """Measure the registry beside GraphQL Yoga and plain boto3."""
    names = [known.name for known in QUERIES]
    if unknown := set(query or ()) - set(names):
        raise typer.BadParameter(f"{', '.join(unknown)}; there are {', '.join(names)}")
    asked = [known for known in QUERIES if not query or known.name in query]
    plan = _QUICK if quick else _WHOLE
    rows = []
    with _dynamodb(dynamodb_port) as port, tempfile.TemporaryDirectory() as directory:
        file = Path(directory) / "registry.db"
        _fill(port, {wanted.table for wanted in asked}, file)
        for wanted in asked:
            measured = asyncio.run(
                compare(wanted, plan, port, file, connections or CONNECTIONS)
            )
            report.show(wanted.name, report.COMPARISON, measured)
            rows += measured
    json.write_bytes(orjson.dumps({"machine": report.machine(), "comparison": rows}))


@contextmanager
def _dynamodb(port: int | None) -> Iterator[int]:
    if port is not None:
        yield port
        return
    with dynamodb_local() as started:
        yield started


def _fill(port: int, tables: set[str], file: Path) -> None:
    for table in tables:
        os.environ.update(table_env(port, table))  # noqa: TID251 - botocore reads it there
        store = DynamoStore(table, "us-east-2")
        store.create()
        fill(store, _SIZE, linked_first=table == LINKED_FIRST)
        store.close()
    embedded = SqliteStore(file)
    fill(embedded, _SIZE)
    embedded.close()


if __name__ == "__main__":
    typer.run(main)
