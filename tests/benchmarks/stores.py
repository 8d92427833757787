"""Creates and fills the stores of the benchmarks."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from storage.dynamodb.store import DynamoStore
from storage.sqlite.store import SqliteStore
from tests.benchmarks.fill import Size, fill
from tests.benchmarks.processes import REGION, run_dynamodb_local, table_env

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_POLL_SECONDS = 0.05


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
        if store.create():
            _add_index_for_yoga(store)
        fill(store, size, linked_first=linked_first)


def _add_index_for_yoga(store: DynamoStore) -> None:
    """Add the index from which the Yoga server lists; the registry lists from its own copy."""
    keys = {"artifact_type": "HASH", "name_normalized": "RANGE"}
    create: Any = {
        "IndexName": "by_name",
        "KeySchema": [{"AttributeName": name, "KeyType": kind} for name, kind in keys.items()],
        "Projection": {"ProjectionType": "ALL"},
    }
    client = store.client.control
    client.update_table(
        TableName=store.name,
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in keys],
        GlobalSecondaryIndexUpdates=[{"Create": create}],
    )
    # DynamoDB Local takes no transactions meanwhile.
    while any(state != "ACTIVE" for state in _index_states(client, store.name)):
        time.sleep(_POLL_SECONDS)


def _index_states(client: "DynamoDBClient", table: str) -> list[str]:
    description = client.describe_table(TableName=table)["Table"]
    return [index["IndexStatus"] for index in description["GlobalSecondaryIndexes"]]


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
