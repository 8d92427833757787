"""An outage that begins after a number of writes."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from botocore.awsrequest import AWSPreparedRequest
from botocore.exceptions import EndpointConnectionError

from storage.dynamodb.store import DynamoStore


@contextmanager
def outage_after(store: DynamoStore, writes: int) -> Iterator[None]:
    """Let so many transactions of the block reach the table, and fail all later ones."""
    remaining = [None] * writes

    def count_or_fail(request: AWSPreparedRequest, **_: Any) -> None:
        if not remaining:
            raise EndpointConnectionError(endpoint_url=str(request.url))
        remaining.pop()

    events = store.client.control.meta.events
    events.register_first("before-send.dynamodb.TransactWriteItems", count_or_fail)
    try:
        yield
    finally:
        events.unregister("before-send.dynamodb.TransactWriteItems", count_or_fail)
