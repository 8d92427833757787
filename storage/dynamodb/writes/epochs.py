"""Raises the epoch of a table: the first and the last act of a reset."""

from storage.dynamodb.client.client import DynamoClient
from storage.dynamodb.client.retry import backoff
from storage.dynamodb.feed.log_state import read_log_state
from storage.dynamodb.schema.attributes import KEY
from storage.dynamodb.schema.keys import SCHEMA_KEY


def begin_log(client: DynamoClient) -> int:
    """Raise the epoch, begin a new log, and return the log's epoch."""
    return _raise_epoch(client, "SET epoch = :new, log_epoch = :new")


def raise_epoch(client: DynamoClient) -> None:
    """Raise the epoch, so that all cursors expire."""
    _raise_epoch(client, "SET epoch = :new")


def _raise_epoch(client: DynamoClient, expression: str) -> int:
    for _ in backoff():
        epoch = read_log_state(client).epoch
        values = {":old": {"N": str(epoch)}, ":new": {"N": str(epoch + 1)}}
        update = {
            "Key": {KEY: {"S": SCHEMA_KEY}},
            "UpdateExpression": expression,
            "ConditionExpression": "epoch = :old",
            "ExpressionAttributeValues": values,
        }
        if client.transact([{"Update": update}]):
            return epoch + 1
    raise AssertionError  # backoff() ends by raising
