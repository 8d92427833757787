"""The lease that lets one migration at a time write to a table."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from threading import Event, Thread
from typing import Any
from uuid import uuid4

from storage.dynamodb.client.client import DynamoClient
from storage.dynamodb.formats.schema_item import (
    SchemaItem,
    finish_action,
    lease_action,
    read_schema_item,
)
from storage.dynamodb.schema.attributes import KEY
from storage.dynamodb.schema.keys import SCHEMA_KEY
from storage.errors import StoreSetupError, StoreUnavailableError

_LEASE_SECONDS = 30
_RENEW_SECONDS = 8
_POLL_SECONDS = 1.0

Clock = Callable[[], float]
"""Returns the time in Unix seconds."""


class Lease:
    """A lease that this process holds."""

    def __init__(self, client: DynamoClient, clock: Clock) -> None:
        self._client = client
        self._clock = clock
        self._holder = str(uuid4())
        self._is_finished = False

    def acquire(self) -> bool:
        """Take the lease, if nobody holds it or it has ended; a schema item is made for it.

        Servers of older formats are stopped from writing.
        """
        now = int(self._clock())
        return self._client.transact([lease_action(self._holder, now + _LEASE_SECONDS, now)])

    def renew(self) -> bool:
        """Extend the lease, unless another migration has taken it."""
        condition = self._is_mine()
        until = {":until": {"N": str(int(self._clock() + _LEASE_SECONDS))}}
        condition["ExpressionAttributeValues"] |= until
        return self._client.transact([_update("SET lease_until = :until", condition)])

    def release(self) -> None:
        """Give the lease up, if this process still holds it."""
        if self._is_finished:
            return
        self._client.transact([_update("REMOVE lease_holder, lease_until", self._is_mine())])

    def finish(self) -> None:
        """Write the format and give the lease up.

        Raises:
            StoreUnavailableError: if another migration has taken the lease.
        """
        if not self._client.transact([finish_action(self._holder)]):
            raise StoreUnavailableError("another migration has taken the lease over")
        self._is_finished = True

    def _is_mine(self) -> dict[str, Any]:
        return {
            "ConditionExpression": "lease_holder = :me",
            "ExpressionAttributeValues": {":me": {"S": self._holder}},
        }


@contextmanager
def migration_lease(client: DynamoClient, clock: Clock) -> Iterator[Lease]:
    """Hold the lease until the block ends, and renew it in a thread.

    A lease that an interrupted migration left is waited for, at most 30 seconds.

    Raises:
        StoreSetupError: if another migration is running.
    """
    lease = Lease(client, clock)
    _wait_to_acquire(client, lease)
    stopped = Event()
    thread = Thread(target=_renew_until, args=(lease, stopped), daemon=True)
    thread.start()
    try:
        yield lease
    finally:
        stopped.set()
        thread.join()
        with suppress(StoreUnavailableError):
            lease.release()


def _wait_to_acquire(client: DynamoClient, lease: Lease) -> None:
    seen: SchemaItem | None = None
    while not lease.acquire():
        schema = read_schema_item(client)
        if seen is None:
            seen = schema
        elif schema and schema.lease_until > seen.lease_until:
            until = datetime.fromtimestamp(schema.lease_until, UTC)
            raise StoreSetupError(
                f"DDB_TABLE_NAME: another migration of the table {client.table} is running; "
                f"its lease lasts until {until:%H:%M:%S} UTC"
            )
        Event().wait(_POLL_SECONDS)


def _renew_until(lease: Lease, stopped: Event) -> None:
    while not stopped.wait(_RENEW_SECONDS):
        # What cannot be renewed may be taken over: every write is conditional all the same.
        with suppress(StoreUnavailableError):
            lease.renew()


def _update(expression: str, condition: dict[str, Any]) -> dict[str, Any]:
    return {
        "Update": {
            "Key": {KEY: {"S": SCHEMA_KEY}},
            "UpdateExpression": expression,
            **condition,
        }
    }
