"""Creates and fills the stores of the benchmarks."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from storage.dynamodb.store import DynamoStore
from storage.sqlite.store import SqliteStore
from tests.benchmarks.fill import Size, fill
from tests.benchmarks.processes import REGION, run_dynamodb_local, table_env


@contextmanager
def use_dynamodb(port: int | None) -> Iterator[int]:
    """Yield the port of a DynamoDB Local: the given one, or that of a new process."""
    if port is not None:
        yield port
    else:
        with run_dynamodb_local() as new_port:
            yield new_port


def fill_table(port: int, table: str, size: Size, *, linked_first: bool = True) -> None:
    """Create a table, and register the artifacts that it lacks; `port` is DynamoDB's."""
    with open_table(port, table) as store:
        store.create()
        fill(store, size, linked_first=linked_first)


@contextmanager
def open_table(port: int, table: str) -> Iterator[DynamoStore]:
    """Open a table of the DynamoDB at `port`; it need not exist."""
    environment, before = os.environ, dict(os.environ)  # noqa: TID251 - botocore reads it there
    environment.update(table_env(port, table))
    try:
        store = DynamoStore(table, REGION)
    finally:
        environment.clear()
        environment.update(before)
    yield store
    store.close()


def fill_file(file: Path, size: Size) -> None:
    """Create a SQLite file, and register the artifacts that it lacks."""
    store = SqliteStore(file)
    fill(store, size)
    store.close()
