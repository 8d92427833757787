"""Adds the indexes that a table lacks, and deletes those of older formats."""

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from storage.dynamodb.schema.table import index_definition, index_states, missing_indexes
from storage.dynamodb.schema.throughput import Throughput

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_POLL_SECONDS = 1.0
_REFUSED_SECONDS = 300.0
"""How long AWS may refuse a change by a limit although no index is being changed."""


def add_index(
    client: "DynamoDBClient", table: str, name: str, throughput: Throughput | None = None
) -> None:
    """Create an index and wait until it is active; DynamoDB builds one at a time.

    An interrupted run may have started it already, or another program may be building one. It
    needs a throughput of its own if the table is not on demand.
    """
    end = time.monotonic() + _REFUSED_SECONDS
    while True:
        if name not in (states := index_states(client, table)):
            with _refusals(client, states, end):
                _start_to_create(client, table, name, throughput)
        if name not in missing_indexes(client, table):
            return
        time.sleep(_POLL_SECONDS)


def delete_index(client: "DynamoDBClient", table: str, name: str) -> None:
    """Delete an index and wait until it is gone; DynamoDB changes one at a time.

    An interrupted run may have started it already, or another program may be building one.
    """
    end = time.monotonic() + _REFUSED_SECONDS
    while state := (states := index_states(client, table)).get(name):
        if state != "DELETING":
            with _refusals(client, states, end):
                _start_to_delete(client, table, name)
        time.sleep(_POLL_SECONDS)


@contextmanager
def _refusals(client: "DynamoDBClient", states: dict[str, str], end: float) -> Iterator[None]:
    """Ignore that AWS cannot change another index yet; the caller tries again.

    A limit of the account, such as that of provisioned throughput, has the same error code. It
    is not ignored after `end`, unless an index is being changed, which can take hours.
    """
    try:
        yield
    except client.exceptions.ResourceInUseException:
        return
    except client.exceptions.LimitExceededException:
        if time.monotonic() > end and set(states.values()) <= {"ACTIVE"}:
            raise


def _start_to_create(
    client: "DynamoDBClient", table: str, name: str, throughput: Throughput | None
) -> None:
    index = index_definition(name)
    if throughput:
        index["ProvisionedThroughput"] = throughput.to_parameter()
    client.update_table(
        TableName=table,
        AttributeDefinitions=[
            {"AttributeName": key["AttributeName"], "AttributeType": "S"}
            for key in index["KeySchema"]
        ],
        GlobalSecondaryIndexUpdates=[{"Create": index}],
    )


def _start_to_delete(client: "DynamoDBClient", table: str, name: str) -> None:
    with suppress(client.exceptions.ResourceNotFoundException):
        client.update_table(
            TableName=table, GlobalSecondaryIndexUpdates=[{"Delete": {"IndexName": name}}]
        )
