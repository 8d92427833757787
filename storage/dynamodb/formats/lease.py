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
    prepare_action,
    read_schema_item,
)
from storage.dynamodb.schema.attributes import KEY
from storage.dynamodb.schema.keys import SCHEMA_KEY
from storage.dynamodb.writes.item_updates import Action
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
        """Take the lease, if nobody holds it or it has ended; a schema item is made for it."""
        return self._set_until(
            "attribute_not_exists(lease_holder) OR lease_until < :now",
            {":now": {"N": str(int(self._clock()))}},
        )

    def renew(self) -> bool:
        """Extend the lease, unless another migration has taken it."""
        return self._set_until("lease_holder = :me", {})

    def release(self) -> None:
        """Give the lease up, if this process still holds it."""
        if self._is_finished:
            return
        self._client.transact([_update("REMOVE lease_holder, lease_until", self._is_mine())])

    def prepare(self) -> None:
        """Stop the writes of servers of older formats, and begin the log.

        Raises:
            StoreUnavailableError: if another migration has taken the lease.
        """
        self._transact(prepare_action(self._holder))

    def finish(self) -> None:
        """Write the format and give the lease up.

        Raises:
            StoreUnavailableError: if another migration has taken the lease.
        """
        self._transact(finish_action(self._holder))
        self._is_finished = True

    def _transact(self, action: Action) -> None:
        if not self._client.transact([action]):
            raise StoreUnavailableError("another migration has taken the lease over")

    def _set_until(self, condition: str, values: dict[str, Any]) -> bool:
        until = str(int(self._clock() + _LEASE_SECONDS))
        action = _update(
            "SET lease_holder = :me, lease_until = :until",
            {
                "ConditionExpression": condition,
                "ExpressionAttributeValues": {
                    ":me": {"S": self._holder},
                    ":until": {"N": until},
                    **values,
                },
            },
        )
        return self._client.transact([action])

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
