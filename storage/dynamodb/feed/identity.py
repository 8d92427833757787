"""Tells one table from all others, also from later ones with the same name."""

from hashlib import sha256

from storage.dynamodb.client.client import DynamoClient
from storage.dynamodb.client.errors import BOTO_ERRORS, from_exception

_DIGITS = 16


def read_table_identity(client: DynamoClient) -> str:
    """Return a short text that no other table has: a restored copy has another one.

    Raises:
        StoreUnavailableError: if the endpoint does not answer, or rejects the call.
    """
    try:
        table = client.control.describe_table(TableName=client.table)["Table"]
    except BOTO_ERRORS as error:
        raise from_exception(error).error from error
    made = f"{table.get('TableArn')} {table.get('CreationDateTime')}"
    return sha256(table.get("TableId", made).encode()).hexdigest()[:_DIGITS]
