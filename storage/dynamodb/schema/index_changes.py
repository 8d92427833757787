"""Adds the indexes that a table lacks, and deletes those of older formats."""

import time
from contextlib import suppress
from typing import TYPE_CHECKING

from storage.dynamodb.schema.table import index_definition, index_states, missing_indexes

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_POLL_SECONDS = 1.0


def add_index(client: "DynamoDBClient", table: str, name: str) -> None:
    """Create an index and wait until it is active; DynamoDB builds one at a time.

    An interrupted run may have started it already, or another program may be building one.
    """
    while True:
        if name not in index_states(client, table):
            _start_to_create(client, table, name)
        if name not in missing_indexes(client, table):
            return
        time.sleep(_POLL_SECONDS)


def delete_index(client: "DynamoDBClient", table: str, name: str) -> None:
    """Delete an index and wait until it is gone; DynamoDB changes one at a time.

    An interrupted run may have started it already, or another program may be building one.
    """
    while state := index_states(client, table).get(name):
        if state != "DELETING":
            _start_to_delete(client, table, name)
        time.sleep(_POLL_SECONDS)


def _start_to_create(client: "DynamoDBClient", table: str, name: str) -> None:
    index = index_definition(name)
    with suppress(
        client.exceptions.ResourceInUseException, client.exceptions.LimitExceededException
    ):
        client.update_table(
            TableName=table,
            AttributeDefinitions=[
                {"AttributeName": key["AttributeName"], "AttributeType": "S"}
                for key in index["KeySchema"]
            ],
            GlobalSecondaryIndexUpdates=[{"Create": index}],
        )


def _start_to_delete(client: "DynamoDBClient", table: str, name: str) -> None:
    with suppress(
        client.exceptions.ResourceInUseException,
        client.exceptions.LimitExceededException,
        client.exceptions.ResourceNotFoundException,
    ):
        client.update_table(
            TableName=table, GlobalSecondaryIndexUpdates=[{"Delete": {"IndexName": name}}]
        )
