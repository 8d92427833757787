"""Deletes tables, which are created with protection from deletion."""

from contextlib import suppress
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


def delete_table(client: "DynamoDBClient", name: str) -> None:
    """Delete a table without regard to its protection."""
    for is_last in (False, True):
        with suppress(ClientError):  # endpoints that do not know of it, or are busy
            client.update_table(TableName=name, DeletionProtectionEnabled=False)
        try:
            client.delete_table(TableName=name)
        except ClientError:
            if is_last:
                raise
        else:
            return
