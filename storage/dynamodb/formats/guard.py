"""Lets a server use a table only while their formats agree, at the start and while it runs."""

import logging
import math
from collections.abc import Callable

from storage.dynamodb.client.client import DynamoClient
from storage.dynamodb.formats.schema_item import (
    SchemaItem,
    incompatibility,
    put_new_schema_item,
    read_schema_item,
    write_incompatibility,
)
from storage.errors import StoreRefusedError, StoreSetupError, StoreUnavailableError

_log = logging.getLogger(__name__)

_REREAD_SECONDS = 20
"""A server that writes reads the schema item at least this often."""
_MAX_AGE_SECONDS = 60
"""Without a reading for this long, writes are refused: the server may have been fenced."""


class FormatGuard:
    """The format of one table, as a server knows it; any number of threads may share it."""

    def __init__(self, client: DynamoClient, clock: Callable[[], float]) -> None:
        self._client = client
        self._clock = clock
        self._schema: SchemaItem | None = None
        self._read_at = -math.inf

    def check(self) -> None:
        """Check that this version can read the table; an empty one is made a new registry.

        Raises:
            StoreSetupError: if it cannot, with what to do.
            StoreUnavailableError: if the table does not answer.
        """
        schema = self._read()
        if schema is None and _is_empty(self._client):
            put_new_schema_item(self._client)
            schema = self._read()
        if problem := incompatibility(schema, self._client.table):
            raise StoreSetupError(problem)

    def require_writable(self) -> None:
        """Check that this version may write to the table.

        Raises:
            StoreUnavailableError: if it may not, or if that has been unknown for too long.
        """
        if self._age() >= _REREAD_SECONDS:
            try:
                self._read()
            except StoreUnavailableError:
                if self._age() >= _MAX_AGE_SECONDS:
                    raise
            except StoreSetupError as error:
                raise StoreRefusedError(str(error)) from error
        if problem := write_incompatibility(self._schema, self._client.table):
            raise StoreRefusedError(problem)

    def _age(self) -> float:
        return self._clock() - self._read_at

    def _read(self) -> SchemaItem | None:
        read_at = self._clock()
        self._schema = read_schema_item(self._client)
        self._read_at = read_at
        return self._schema


def _is_empty(client: DynamoClient) -> bool:
    return next(client.scan(ConsistentRead=True, Limit=1), None) is None
