"""Lets a server use a table only while their formats agree, at the start and while it runs."""

import logging
import math
from collections.abc import Callable

from storage.dynamodb.client.client import DynamoClient
from storage.dynamodb.feed.log_state import LogState
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

    def __init__(self, client: DynamoClient, monotonic: Callable[[], float]) -> None:
        self._client = client
        self._monotonic = monotonic
        self._schema: SchemaItem | None = None
        self._read_at = -math.inf

    def check(self, *, may_be_new: bool = False) -> None:
        """Check that this version can read the table; an empty one that may be is made new.

        Raises:
            StoreSetupError: if it cannot, with what to do.
            StoreUnavailableError: if the table does not answer.
        """
        schema = self._read()
        if schema is None and _is_empty(self._client):
            if not may_be_new:
                raise StoreSetupError(
                    f"DDB_TABLE_NAME: the table {self._client.table} is empty; "
                    "`python -m storage create` makes it a registry"
                )
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

    @property
    def schema(self) -> SchemaItem:
        """The schema item as it was read last.

        Raises:
            StoreUnavailableError: if it has not been read, or there was none.
        """
        if self._schema is None:
            raise StoreUnavailableError(f"the table {self._client.table} has no schema item")
        return self._schema

    @property
    def state(self) -> LogState:
        """The state of the log as it was read last.

        Raises:
            StoreUnavailableError: if it has not been read, or the table has no log.
        """
        if (state := self.schema.log_state) is None:
            raise StoreUnavailableError(f"the table {self._client.table} has no log")
        return state

    def _age(self) -> float:
        return self._monotonic() - self._read_at

    def _read(self) -> SchemaItem | None:
        read_at = self._monotonic()
        self._schema = read_schema_item(self._client)
        self._read_at = read_at
        return self._schema


def _is_empty(client: DynamoClient) -> bool:
    return next(client.scan(ConsistentRead=True, Limit=1), None) is None
