"""Tells one table from all others, also from later ones with the same name."""

from hashlib import sha256

from storage.dynamodb.client.client import DynamoClient
from storage.dynamodb.client.errors import BOTO_ERRORS, from_exception
from storage.errors import StoreUnavailableError

_DIGITS = 16


def read_table_identity(client: DynamoClient) -> str:
    """Return a short text that no other table has: a restored copy has another one.

    Raises:
        StoreUnavailableError: if the endpoint does not answer, or rejects the call.
    """
    try:
        table = client.control.describe_table(TableName=client.table).get("Table")
    except BOTO_ERRORS as error:
        raise from_exception(error).error from error
    if table is None:
        # boto3 takes a body that is not JSON for an empty answer.
        raise StoreUnavailableError("the answer to DescribeTable cannot be read")
    made = f"{table.get('TableArn')} {table.get('CreationDateTime')}"
    return sha256(table.get("TableId", made).encode()).hexdigest()[:_DIGITS]
