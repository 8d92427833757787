"""Makes the stores that are measured, and fills them."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from storage.dynamodb.store import DynamoStore
from storage.sqlite.store import SqliteStore
from tests.benchmarks.fill import Size, fill
from tests.benchmarks.processes import REGION, dynamodb_local, table_env


@contextmanager
def dynamodb(port: int | None) -> Iterator[int]:
    """The port of a DynamoDB Local: of one that runs already, or of a new one."""
    if port is not None:
        yield port
    else:
        with dynamodb_local() as started:
            yield started


def fill_table(port: int, table: str, size: Size, *, linked_first: bool = True) -> None:
    """Make a table and register in it what it lacks; `port` is DynamoDB's."""
    with open_table(port, table) as store:
        store.create()
        fill(store, size, linked_first=linked_first)


@contextmanager
def open_table(port: int, table: str) -> Iterator[DynamoStore]:
    """A table of the DynamoDB at `port`, which need not be there yet."""
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
    """Make a file of SQLite's and register in it what it lacks."""
    store = SqliteStore(file)
    fill(store, size)
    store.close()
