"""The state of the log of changes, as the schema item has it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from storage.clock import Clock
from storage.dynamodb.client.client import DynamoClient
from storage.dynamodb.items.values import DECODING_ERRORS
from storage.dynamodb.schema.attributes import Item
from storage.dynamodb.schema.keys import SCHEMA_KEY
from storage.errors import StoreUnavailableError

SHARDS = 8
"""The number of the log's shards in a new table."""
_FIRST_EPOCH = 1
"""That of a new table, and of its log."""


@dataclass(frozen=True, slots=True)
class LogState:
    """The epochs of a table, the shards of its log, and how long its changes are kept."""

    epoch: int
    log_epoch: int
    """The epoch in which all segments of the log were begun."""
    shards: int
    retention: timedelta | None
    """None: for ever."""

    @property
    def is_being_reset(self) -> bool:
        """True if a reset has begun and not ended: it deletes without entries in the log."""
        return self.epoch == self.log_epoch > _FIRST_EPOCH

    def not_before(self, clock: Clock) -> datetime | None:
        """Return the time before which changes are no longer kept; None if all are kept."""
        return None if self.retention is None else clock() - self.retention


def read_log_state(client: DynamoClient) -> LogState:
    """Return the state of the log, read consistently.

    Raises:
        StoreUnavailableError: if the table does not answer, or has no valid schema item.
    """
    return decode_log_state(client.get_items([SCHEMA_KEY]).get(SCHEMA_KEY))


def decode_log_state(item: Item | None) -> LogState:
    """Return the state of the log that the schema item tells.

    Raises:
        StoreUnavailableError: if the schema item is not there, or not valid.
    """
    try:
        if item is None:
            raise KeyError(SCHEMA_KEY)
        seconds = int(item["retention"]["N"]) if "retention" in item else None
        return LogState(
            epoch=int(item["epoch"]["N"]),
            log_epoch=int(item["log_epoch"]["N"]),
            shards=int(item["shards"]["N"]),
            retention=None if seconds is None else timedelta(seconds=seconds),
        )
    except DECODING_ERRORS:
        raise StoreUnavailableError("the table has no valid schema item") from None
