"""Defines, creates and checks the table and its indexes."""

import logging
import time
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from storage.dynamodb.schema.attributes import INDEXES, KEY, OBSOLETE_INDEXES, index_keys
from storage.dynamodb.schema.table_status import (
    USABLE_INDEX,
    check_status,
    describe_missing_indexes,
)
from storage.errors import StoreSetupError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import (
        CreateTableInputTypeDef,
        GlobalSecondaryIndexDescriptionTypeDef,
        GlobalSecondaryIndexTypeDef,
        TableDescriptionTypeDef,
    )

_log = logging.getLogger(__name__)

_POLL_SECONDS = 1.0
_BACKUPS_STARTING = "ContinuousBackupsUnavailableException"
"""AWS answers this for a while after it has created a table."""
_BACKUP_SECONDS = 300.0
_NO_RECOVERY = (
    "the table %s has NO point-in-time recovery: %s; to enable it, run `aws dynamodb "
    "update-continuous-backups --table-name %s --point-in-time-recovery-specification "
    "PointInTimeRecoveryEnabled=true`"
)
_UNKNOWN_OPERATION = "UnknownOperationException"
_NO_BACKUPS = {_BACKUPS_STARTING, _UNKNOWN_OPERATION, "AccessDeniedException"}
"""DynamoDB Local has no backups, and a role may create tables without managing backups."""
_UNKNOWN_PARAMETER = {"ValidationException", "SerializationException"}
"""Answers of endpoints that are older than the protection of tables from deletion."""


def index_definition(name: str) -> "GlobalSecondaryIndexTypeDef":
    """Return the definition of an index of this or of an older format."""
    index = {**INDEXES, **OBSOLETE_INDEXES}[name]
    return {
        "IndexName": name,
        "KeySchema": [
            {"AttributeName": index.partition_key, "KeyType": "HASH"},
            {"AttributeName": index.sort_key, "KeyType": "RANGE"},
        ],
        "Projection": {"ProjectionType": index.projection},
    }


def definition(table: str) -> "CreateTableInputTypeDef":
    """Return the parameters of CreateTable."""
    return {
        "TableName": table,
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [
            {"AttributeName": name, "AttributeType": "S"} for name in index_keys()
        ],
        "KeySchema": [{"AttributeName": KEY, "KeyType": "HASH"}],
        "GlobalSecondaryIndexes": [index_definition(name) for name in INDEXES],
        "DeletionProtectionEnabled": True,
    }


def create(client: "DynamoDBClient", table: str) -> bool:
    """Create the table if there is none, wait for it, and return whether it was created.

    It is protected from deletion, and point-in-time recovery is enabled, as far as the endpoint
    supports it.
    """
    try:
        _create(client, table)
    except client.exceptions.ResourceInUseException:
        return False
    client.get_waiter("table_exists").wait(
        TableName=table, WaiterConfig={"Delay": 1, "MaxAttempts": 300}
    )
    _enable_backups(client, table)
    return True


def _create(client: "DynamoDBClient", table: str) -> None:
    parameters = definition(table)
    try:
        client.create_table(**parameters)
    except ClientError as error:
        if error.response["Error"]["Code"] not in _UNKNOWN_PARAMETER:
            raise
        del parameters["DeletionProtectionEnabled"]
        client.create_table(**parameters)
        _log.warning("the table %s is not protected from deletion: %s", table, error)


def _enable_backups(client: "DynamoDBClient", table: str) -> None:
    """Enable point-in-time recovery, or log why it is not enabled and how to enable it."""
    end = time.monotonic() + _BACKUP_SECONDS
    while True:
        try:
            client.update_continuous_backups(
                TableName=table,
                PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True},
            )
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if code == _BACKUPS_STARTING and time.monotonic() < end:
                time.sleep(_POLL_SECONDS)
                continue
            if code not in _NO_BACKUPS:
                raise
            _log_missing_backups(table, error)
        return


def _log_missing_backups(table: str, error: ClientError) -> None:
    if error.response["Error"]["Code"] == _UNKNOWN_OPERATION:
        _log.info("the table %s has no point-in-time recovery: unknown to the endpoint", table)
    else:
        _log.warning(_NO_RECOVERY, table, error, table)


def check(client: "DynamoDBClient", table: str) -> None:
    """Check that the table has the right keys and indexes.

    Raises:
        StoreSetupError: if it has not, or if there is no table, with what to do.
    """
    description = describe(client, table)
    if missing := _missing_indexes(description, table):
        problem = describe_missing_indexes(description, missing)
        raise StoreSetupError(f"DDB_TABLE_NAME: the table {table} {problem}")


def missing_indexes(client: "DynamoDBClient", table: str) -> list[str]:
    """Return the indexes that the table lacks, or has not finished building.

    Raises:
        StoreSetupError: if there is no table, or one with other keys.
    """
    return _missing_indexes(describe(client, table), table)


def _missing_indexes(description: "TableDescriptionTypeDef", table: str) -> list[str]:
    check_status(description, table)
    _check_keys(description, table)
    _check_indexes(description, table)
    states = _states(description)
    return [name for name in INDEXES if states.get(name) not in USABLE_INDEX]


def _check_keys(description: "TableDescriptionTypeDef", table: str) -> None:
    keys = [(key["AttributeName"], key["KeyType"]) for key in description["KeySchema"]]
    types = {
        a["AttributeName"]: a["AttributeType"] for a in description["AttributeDefinitions"]
    }
    if keys != [(KEY, "HASH")] or types.get(KEY, "S") != "S":
        described = ", ".join(f"{name} ({kind}, {types.get(name)})" for name, kind in keys)
        raise StoreSetupError(
            f"DDB_TABLE_NAME: the table {table} is not a registry's: its key is {described}, "
            f"not {KEY} (HASH, S); nothing was changed"
        )


def _check_indexes(description: "TableDescriptionTypeDef", table: str) -> None:
    types = {
        a["AttributeName"]: a["AttributeType"] for a in description["AttributeDefinitions"]
    }
    for index in description.get("GlobalSecondaryIndexes", []):
        name = index["IndexName"]
        is_text = all(types.get(k["AttributeName"], "S") == "S" for k in index["KeySchema"])
        if name in INDEXES and not (
            is_text and _layout(index) == _layout(index_definition(name))
        ):
            raise StoreSetupError(
                f"DDB_TABLE_NAME: the index {name} of the table {table} has other keys or "
                "another projection than a registry's; delete the index, and "
                "`python -m storage migrate` creates it again"
            )


def _layout(
    index: "GlobalSecondaryIndexTypeDef | GlobalSecondaryIndexDescriptionTypeDef",
) -> tuple[object, object]:
    keys = {(key["AttributeName"], key["KeyType"]) for key in index["KeySchema"]}
    return keys, index["Projection"].get("ProjectionType")


def obsolete_indexes(client: "DynamoDBClient", table: str) -> list[str]:
    """Return the indexes of older formats that the table still has, or is still deleting."""
    indexes = describe(client, table).get("GlobalSecondaryIndexes", [])
    layouts = {index["IndexName"]: _layout(index) for index in indexes}
    # One of the same name with another layout is not the registry's.
    return [
        name
        for name in OBSOLETE_INDEXES
        if layouts.get(name) == _layout(index_definition(name))
    ]


def index_states(client: "DynamoDBClient", table: str) -> dict[str, str]:
    """Return the states of the table's indexes by their names, such as ACTIVE or DELETING."""
    return _states(describe(client, table))


def estimated_size(client: "DynamoDBClient", table: str) -> int:
    """Return the number of items, which DynamoDB updates every few hours."""
    return describe(client, table).get("ItemCount", 0)


def describe(client: "DynamoDBClient", table: str) -> "TableDescriptionTypeDef":
    """Return the description of the table.

    Raises:
        StoreSetupError: if there is no table.
    """
    try:
        answer = client.describe_table(TableName=table)
    except client.exceptions.ResourceNotFoundException:
        raise StoreSetupError(
            f"DDB_TABLE_NAME: there is no table {table} in {client.meta.region_name}"
            f" ({client.meta.endpoint_url}); `python -m storage create` makes it there"
        ) from None
    if "Table" not in answer:
        raise StoreSetupError(
            f"AWS_ENDPOINT_URL_DYNAMODB: {client.meta.endpoint_url} does not answer as DynamoDB"
        )
    return answer["Table"]


def _states(description: "TableDescriptionTypeDef") -> dict[str, str]:
    indexes = description.get("GlobalSecondaryIndexes", [])
    return {index["IndexName"]: index["IndexStatus"] for index in indexes}
