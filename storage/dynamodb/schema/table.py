"""The table and its indexes: what they are, making them, and telling what is missing."""

import time
from contextlib import suppress
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from storage.errors import StoreSetupError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.literals import ProjectionTypeType
    from mypy_boto3_dynamodb.type_defs import (
        CreateTableInputTypeDef,
        GlobalSecondaryIndexTypeDef,
        TableDescriptionTypeDef,
    )

_POLL_SECONDS = 1.0
KEY = "artifact_id"
BY_NAME = "by_name"
BY_CREATION = "by_creation"
BY_BEARING = "by_bearing"
BY_REFERENCE = "by_reference"

INDEXES: dict[str, tuple[str, str, "ProjectionTypeType"]] = {
    BY_NAME: ("artifact_type", "name_key", "ALL"),
    BY_CREATION: ("created_shard", "created_key", "KEYS_ONLY"),
    BY_BEARING: ("bears", "named_key", "KEYS_ONLY"),
    BY_REFERENCE: ("reference", "model_id", "KEYS_ONLY"),
}
"""Partition key, sort key and projection. A page of names is read from its index alone; the
others only propose ids."""


def _index(name: str) -> "GlobalSecondaryIndexTypeDef":
    partition, sort, projection = INDEXES[name]
    return {
        "IndexName": name,
        "KeySchema": [
            {"AttributeName": partition, "KeyType": "HASH"},
            {"AttributeName": sort, "KeyType": "RANGE"},
        ],
        "Projection": {"ProjectionType": projection},
    }


def definition(table: str) -> "CreateTableInputTypeDef":
    """What CreateTable is told."""
    attributes = {KEY, *(name for index in INDEXES.values() for name in index[:2])}
    return {
        "TableName": table,
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [
            {"AttributeName": name, "AttributeType": "S"} for name in sorted(attributes)
        ],
        "KeySchema": [{"AttributeName": KEY, "KeyType": "HASH"}],
        "GlobalSecondaryIndexes": [_index(name) for name in INDEXES],
    }


def create(client: "DynamoDBClient", table: str) -> bool:
    """Make the table where there is none and wait until it is ready; tell whether it was made.

    Point-in-time recovery is switched on where the endpoint can do it.
    """
    try:
        client.create_table(**definition(table))
    except client.exceptions.ResourceInUseException:
        return False
    client.get_waiter("table_exists").wait(
        TableName=table, WaiterConfig={"Delay": 1, "MaxAttempts": 300}
    )
    try:
        client.update_continuous_backups(
            TableName=table,
            PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True},
        )
    except ClientError as error:
        # DynamoDB Local has no backups, and a role may make tables without managing them.
        if error.response["Error"]["Code"] not in _NO_BACKUPS:
            raise
    return True


def check(client: "DynamoDBClient", table: str) -> None:
    """Make sure that the table can be used.

    Raises:
        StoreSetupError: where it or one of its indexes is missing, with what to do.
    """
    if missing := missing_indexes(client, table):
        raise StoreSetupError(
            f"DDB_TABLE_NAME: the table {table} lacks the indexes {', '.join(missing)}; "
            "`python -m storage migrate` adds them"
        )


def missing_indexes(client: "DynamoDBClient", table: str) -> list[str]:
    """Which indexes the table lacks, or has not finished building.

    Raises:
        StoreSetupError: where there is no table.
    """
    states = _index_states(_description(client, table))
    return [name for name in INDEXES if states.get(name) != "ACTIVE"]


def add_index(client: "DynamoDBClient", table: str, name: str) -> None:
    """Build an index and wait until it is ready; DynamoDB builds one at a time.

    It may be under way already, for one who was interrupted, and so may be another program's.
    """
    while True:
        if name not in _index_states(_description(client, table)):
            _begin(client, table, name)
        if name not in missing_indexes(client, table):
            return
        time.sleep(_POLL_SECONDS)


def estimated_size(client: "DynamoDBClient", table: str) -> int:
    """How many items the table held some hours ago, as DynamoDB counts them."""
    return _description(client, table).get("ItemCount", 0)


def _description(client: "DynamoDBClient", table: str) -> "TableDescriptionTypeDef":
    try:
        return client.describe_table(TableName=table)["Table"]
    except client.exceptions.ResourceNotFoundException:
        raise StoreSetupError(
            f"DDB_TABLE_NAME: there is no table {table}; `python -m storage create` makes it"
        ) from None


def _index_states(description: "TableDescriptionTypeDef") -> dict[str, str]:
    indexes = description.get("GlobalSecondaryIndexes", [])
    return {index["IndexName"]: index["IndexStatus"] for index in indexes}


def _begin(client: "DynamoDBClient", table: str, name: str) -> None:
    index = _index(name)
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


_NO_BACKUPS = {
    "UnknownOperationException",
    "AccessDeniedException",
    "ContinuousBackupsUnavailableException",
}
